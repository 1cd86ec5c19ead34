"""Node cycling: how a pool renews the nodes it has after a change.

https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengupgradingimageworkernode_topic-InPlace_Worker_Node_Update_By_Cycling_and_Replacing_Boot_Volumes.htm
and its neighbours; ``CycleMode`` in the API reference:

- ``INSTANCE_REPLACE`` (the default) makes new instances, as many at a time as maximum_surge allows
  beyond the pool's size, or as maximum_unavailable allows to be away; a new node comes up in the
  fault domain of the one that it replaces.
- ``BOOT_VOLUME_REPLACE`` keeps instance and host and renews the boot volume. It can bring a node
  Kubernetes version, image, boot volume size, metadata, SSH key and volume key; for a node that
  needs any other change the cycle fails, and has to be tried again with ``INSTANCE_REPLACE``.

The pool's own properties (name, size, tags, eviction and cycling settings) make no node stale.
Placement and cycling exclude each other (:func:`rehearsal.oci.pool_rules.check_change`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud.store import Record
from rehearsal.oci import instances
from rehearsal.oci.model import Call, Values

BOOT_VOLUME_REPLACE = "BOOT_VOLUME_REPLACE"
INSTANCE_REPLACE = "INSTANCE_REPLACE"


@dataclass(frozen=True)
class Cycling:
    """A pool's cycling settings, with OKE's defaults."""

    enabled: bool
    mode: str
    surge: int
    """Instances beyond the pool's size while it cycles; of no use to boot volumes."""
    unavailable: int
    """Instances that may be away while it cycles."""

    @classmethod
    def of(cls, inputs: Values) -> Cycling:
        """Read ``nodePoolCyclingDetails``; raises ValueError on what is no count or percentage."""
        details = inputs.get("nodePoolCyclingDetails") or {}
        size = inputs["nodeConfigDetails"]["size"]
        (mode,) = details.get("cycleModes") or (INSTANCE_REPLACE,)
        in_place = mode == BOOT_VOLUME_REPLACE
        return cls(
            enabled=bool(details.get("isNodeCyclingEnabled")),
            mode=mode,
            surge=0 if in_place else _count(details.get("maximumSurge") or "1", size, up=True),
            unavailable=_count(
                details.get("maximumUnavailable") or ("1" if in_place else "0"), size, up=in_place
            ),
        )


@dataclass(frozen=True)
class Cycled:
    """How a cycle ended."""

    missing: int = 0
    """How many instances could not be launched."""
    failed: int = 0
    """How many nodes need what a boot volume cannot bring, and stayed as they were."""
    beyond: Sequence[str] = ()
    """What that is, by OKE's names."""


def cycle(call: Call, pool: Values, snapshot: Mapping[str, Any], cycling: Cycling) -> Cycled:
    """Renew the nodes that are not made of ``snapshot``."""
    if not cycling.enabled:
        return Cycled()
    stale = [
        (instance, names)
        for instance in instances.of_pool(call, snapshot["pool_id"])
        if (names := _stale(instance, snapshot))
    ]
    if cycling.mode == BOOT_VOLUME_REPLACE:
        return _replace_boot_volumes(call, snapshot, stale)
    return _replace_instances(call, pool, snapshot, cycling, [instance for instance, _ in stale])


def _replace_boot_volumes(
    call: Call, snapshot: Mapping[str, Any], stale: Sequence[tuple[Record, Sequence[str]]]
) -> Cycled:
    refused: dict[str, None] = {}
    failed = 0
    for instance, names in stale:
        beyond = [name for name in names if name in instances.LAUNCHED_WITH]
        if beyond:
            failed += 1
            refused |= dict.fromkeys(beyond)
        else:
            instances.replace_boot_volume(call, instance, snapshot)
    return Cycled(failed=failed, beyond=[instances.LAUNCHED_WITH[name] for name in refused])


def _replace_instances(
    call: Call,
    pool: Values,
    snapshot: Mapping[str, Any],
    cycling: Cycling,
    stale: Sequence[Record],
) -> Cycled:
    for old in _batches(stale, cycling.surge or cycling.unavailable):
        if not cycling.surge:
            instances.terminate(call, old, pool)
        launched = instances.launch_instead(call, pool, snapshot, old)
        missing = len(old) - len(launched)
        if cycling.surge:
            # Nobody may be away: without the new nodes the old ones stay.
            instances.terminate(call, launched if missing else old, pool)
        if missing:
            return Cycled(missing=missing)
    return Cycled()


def _batches(stale: Sequence[Record], size: int) -> Iterator[Sequence[Record]]:
    for start in range(0, len(stale), size):
        yield stale[start : start + size]


def _stale(instance: Record, snapshot: Mapping[str, Any]) -> list[str]:
    names = (*instances.SOFTWARE, *instances.LAUNCHED_WITH)
    return [name for name in names if instance.private[name] != snapshot[name]]


def _count(text: str, size: int, *, up: bool) -> int:
    if text.endswith("%"):
        share = size * int(text[:-1])
        return -(-share // 100) if up else share // 100
    return int(text)
