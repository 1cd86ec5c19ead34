"""Names that pulumi-oci makes up for types whose ``name`` may be left out."""

from __future__ import annotations

import hashlib

from rehearsal.standin.provider import Resource
from rehearsal.standin.values import Properties, Value


def named(resource: Resource, old: Properties | None, new: Properties) -> dict[str, Value]:
    """The inputs with a name: the given one, the one of before, or the logical name and a suffix.

    The real provider's suffix is random; this one follows from the URN, so that two rehearsals
    agree.
    """
    if new.get("name") is not None:
        return dict(new)
    if old is not None and old.get("name") is not None:
        return {**new, "name": old["name"]}
    suffix = hashlib.sha256(resource.urn.encode()).hexdigest()[:7]
    return {**new, "name": f"{resource.name}-{suffix}"}
