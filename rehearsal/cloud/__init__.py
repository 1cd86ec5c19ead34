"""What exists in a simulated cloud, kept apart from Pulumi's state and known to no one cloud."""
