"""The plugin process of the OCI stand-in."""

from rehearsal.oci.provider import OciProvider
from rehearsal.paths import StackPaths
from rehearsal.standin.server import serve

if __name__ == "__main__":
    serve(OciProvider(StackPaths.from_environment()))
