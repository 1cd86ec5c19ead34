"""The plugin process of the Kubernetes stand-in."""

from rehearsal.kubernetes.provider import KubernetesProvider
from rehearsal.paths import StackPaths
from rehearsal.standin.server import serve

if __name__ == "__main__":
    serve(KubernetesProvider(StackPaths.from_environment()))
