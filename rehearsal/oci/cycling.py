"""Node cycling: how a pool renews the nodes it has after a change.

https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengupgradingimageworkernode_topic-Performing_an_In_Place_Worker_Node_Upgrade_By_Cycling_an_Existing_Node_Pool.htm:
``INSTANCE_REPLACE`` (the default) makes new instances, as many at a time as maximum_surge allows
beyond the pool's size, and takes away as many as maximum_unavailable allows;
``BOOT_VOLUME_REPLACE`` keeps instance and host and renews the boot volume, for changes of
Kubernetes version, image, boot volume size and metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud.store import Record
from rehearsal.oci import instances
from rehearsal.oci.model import Call, Values


@dataclass(frozen=True)
class Cycling:
    """A pool's cycling settings, with OKE's defaults."""

    enabled: bool
    modes: tuple[str, ...]
    surge: int
    """Instances beyond the pool's size while it cycles."""
    unavailable: int
    """Instances that may be away while it cycles."""

    @classmethod
    def of(cls, inputs: Values) -> Cycling:
        """Read ``nodePoolCyclingDetails``; raises ValueError on what is no count or percentage."""
        details = inputs.get("nodePoolCyclingDetails") or {}
        size = inputs["nodeConfigDetails"]["size"]
        return cls(
            enabled=bool(details.get("isNodeCyclingEnabled")),
            modes=tuple(details.get("cycleModes") or ("INSTANCE_REPLACE",)),
            surge=_count(details.get("maximumSurge") or "1", size, up=True),
            unavailable=_count(details.get("maximumUnavailable") or "0", size, up=False),
        )


def cycle(call: Call, pool: Values, snapshot: Mapping[str, Any], cycling: Cycling) -> int:
    """Renew the nodes that are not made of ``snapshot``; returns how many could not be launched."""
    if not cycling.enabled:
        return 0
    if cycling.modes[0] == "BOOT_VOLUME_REPLACE":
        for instance in instances.of_pool(call, snapshot["pool_id"]):
            if _differs(instance, snapshot, instances.SOFTWARE):
                instances.replace_boot_volume(call, instance, snapshot)
        return 0
    stale = [
        instance
        for instance in instances.of_pool(call, snapshot["pool_id"])
        if _differs(instance, snapshot, (*instances.SOFTWARE, "size", "max_pods", "labels"))
    ]
    return _replace_instances(call, pool, snapshot, cycling, stale)


def _replace_instances(
    call: Call,
    pool: Values,
    snapshot: Mapping[str, Any],
    cycling: Cycling,
    stale: list[Record],
) -> int:
    if not stale:
        return 0
    if cycling.unavailable:
        instances.terminate(call, stale, pool)
        return 0
    # With nobody allowed to be away a new node comes first, and that takes one more host.
    present = len(instances.of_pool(call, snapshot["pool_id"]))
    missing = instances.launch(call, pool, snapshot, present + 1)
    if missing:
        return missing
    instances.terminate(call, stale, pool)
    surplus = instances.of_pool(call, snapshot["pool_id"])[-1:]
    instances.terminate(call, surplus, pool)
    return 0


def _differs(instance: Record, snapshot: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    return any(instance.private[name] != snapshot[name] for name in names)


def _count(text: str, size: int, *, up: bool) -> int:
    if text.endswith("%"):
        share = size * int(text[:-1])
        return -(-share // 100) if up else share // 100
    return int(text)
