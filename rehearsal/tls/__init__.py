"""The stand-in for the tls provider, used where the official plugin is not installed."""
