"""The plugin process of the tls stand-in."""

from rehearsal.standin.server import serve
from rehearsal.tls.provider import TlsProvider

if __name__ == "__main__":
    serve(TlsProvider())
