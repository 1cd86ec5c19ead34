"""The stand-in for the random provider, used where the official plugin is not installed."""
