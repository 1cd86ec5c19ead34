"""What can go wrong with the tools."""

from __future__ import annotations


class ToolchainError(Exception):
    """A tool can be neither found nor built; the message says why and what to do."""
