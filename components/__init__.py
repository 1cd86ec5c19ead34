"""Reusable components; they read no configuration and do no I/O."""
