"""What every cluster needs before Open edX moves in: namespaces, network policies, priorities."""
