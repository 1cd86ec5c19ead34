"""Calico as the network policy engine beside a cloud's own pod networking."""
