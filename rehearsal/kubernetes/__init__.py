"""The stand-in for the Pulumi Kubernetes provider, against a real API server."""
