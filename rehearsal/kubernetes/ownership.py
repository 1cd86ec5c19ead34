"""Who owns which field of a live object, and how ownership passes to server-side apply.

The official provider creates objects with a plain create, so that one which exists already is an
error and not taken over. Its fields then belong to ``pulumi-kubernetes`` as an *update*; before the
first apply they pass to the resource's own manager, or the apply would conflict with them and could
never remove one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rehearsal.kubernetes.objects import Object, metadata

CREATOR: Final = "pulumi-kubernetes"
"""The manager that a create is made as."""

_OURS: Final = frozenset(
    {
        ("kubectl", "Apply"),
        ("kubectl", "Update"),
        ("before-first-apply", "Update"),
        (CREATOR, "Update"),
        ("pulumi-resource-kubernetes", "Update"),
    }
)


def created_by_us(live: Mapping[str, Any]) -> bool:
    """Whether fields still belong to the create."""
    return any(
        (entry.get("manager"), entry.get("operation")) == (CREATOR, "Update")
        for entry in metadata(live).get("managedFields", ())
    )


def handing_over(live: Mapping[str, Any], manager: str) -> list[Object]:
    """The JSON patch that passes the fields of a create, or of kubectl, to ``manager``.

    Empty when there is nothing to pass on.
    """
    entries = list(metadata(live).get("managedFields", ()))
    handed = [entry for entry in entries if _passes(entry)]
    if not handed:
        return []
    mine = [entry for entry in entries if _is(entry, manager, "Apply")]
    fields: dict[str, Any] = {}
    for entry in (*mine, *handed):
        fields = _union(fields, entry["fieldsV1"])
    own = {**(mine or handed)[0], "manager": manager, "operation": "Apply", "fieldsV1": fields}
    rest = [entry for entry in entries if entry not in handed and entry not in mine]
    return [
        # Another writer in between makes the patch fail instead of losing what it did.
        {
            "op": "test",
            "path": "/metadata/resourceVersion",
            "value": metadata(live)["resourceVersion"],
        },
        {"op": "replace", "path": "/metadata/managedFields", "value": [own, *rest]},
    ]


def _passes(entry: Mapping[str, Any]) -> bool:
    return (entry.get("manager"), entry.get("operation")) in _OURS and not entry.get("subresource")


def _is(entry: Mapping[str, Any], manager: str, operation: str) -> bool:
    return (
        entry.get("manager") == manager
        and entry.get("operation") == operation
        and not entry.get("subresource")
    )


def _union(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    joined = dict(one)
    for key, value in other.items():
        joined[key] = _union(joined[key], value) if key in joined else value
    return joined
