"""Where a stack's OCI resources go, and what all of them carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class OciScope:
    """One stack in one compartment of one region."""

    name: str
    """Start of every display name, unique in the tenancy: the stack's name."""
    compartment_id: str
    tenancy_id: str
    region: str
    protect: bool
    """Refuse to delete or replace what cannot be had again."""

    @property
    def tags(self) -> Mapping[str, str]:
        """Free-form tags: who made a resource, so that nobody has to guess what may be deleted."""
        return {"managed-by": "openedx-large", "stack": self.name}

    def display_name(self, thing: str) -> str:
        """The name by which the console shows ``thing``."""
        return f"{self.name}-{thing}"
