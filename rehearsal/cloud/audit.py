"""Whether the simulated cloud and Pulumi's state tell the same story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud.store import Record, Store


@dataclass(frozen=True)
class Missing:
    """A resource that Pulumi's state holds and the cloud does not."""

    urn: str
    type: str
    id: str


@dataclass(frozen=True)
class Audit:
    """How cloud and state differ; all empty when they agree."""

    orphans: tuple[Record, ...]
    """Exist in the cloud, unknown to the state: billed, and managed by nobody."""
    duplicates: tuple[tuple[Record, ...], ...]
    """Groups of live things with the same type, scope and name."""
    missing: tuple[Missing, ...]
    """In the state, gone from the cloud."""

    @property
    def clean(self) -> bool:
        """Whether cloud and state agree."""
        return not (self.orphans or self.duplicates or self.missing)


def audit(store: Store, exported_state: Mapping[str, Any], *, package: str = "oci") -> Audit:
    """Compare the store with what ``pulumi stack export`` printed.

    What a cloud resource made for itself (a node pool's instances) is accounted for by its owner.
    State entries of other packages than ``package`` are not looked at.
    """
    with store.transaction() as transaction:
        live = transaction.live()
    resources = _custom_resources(exported_state)
    managed = {entry["id"] for entry in resources}
    existing = {record.id for record in live}
    return Audit(
        orphans=tuple(record for record in live if not _accounted_for(record, managed, live)),
        duplicates=_duplicates(live),
        missing=tuple(
            Missing(urn=entry["urn"], type=entry["type"], id=entry["id"])
            for entry in resources
            if entry["type"].startswith(f"{package}:") and entry["id"] not in existing
        ),
    )


def _custom_resources(exported_state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    deployment = exported_state.get("deployment", exported_state)
    return [
        entry
        for entry in deployment.get("resources") or []
        if entry.get("custom") and entry.get("id") and not entry.get("external")
    ]


def _accounted_for(record: Record, managed: set[str], live: list[Record]) -> bool:
    owners = {item.id: item.owner for item in live}
    identity: str | None = record.id
    while identity is not None:
        if identity in managed:
            return True
        identity = owners.get(identity)
    return False


def _duplicates(live: list[Record]) -> tuple[tuple[Record, ...], ...]:
    groups: dict[tuple[str, str, str, str], list[Record]] = defaultdict(list)
    for record in live:
        if record.owner is None:
            groups[(record.type, record.scope, record.region, record.name)].append(record)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
