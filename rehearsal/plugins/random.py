"""The plugin process of the random stand-in."""

from rehearsal.random.provider import RandomProvider
from rehearsal.standin.server import serve

if __name__ == "__main__":
    serve(RandomProvider())
