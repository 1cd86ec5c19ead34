"""What can be wrong with a hand-over."""

from __future__ import annotations


class HandoverError(Exception):
    """The hand-over cannot be done; nothing was written. The text says why, and what to do."""
