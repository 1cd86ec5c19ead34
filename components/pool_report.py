"""What each node pool has and what is asked of it: the stack's output ``node_pools``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.capacity import PodDemand, PoolCapacity, requested
from components.cluster import NodePool


def pool_report(
    pool: NodePool, capacity: PoolCapacity, demands: Sequence[PodDemand]
) -> Mapping[str, object]:
    """One pool. ``allocatable`` and ``daemonsets`` are of one node, the rest of the whole pool."""
    asked = requested(demands)
    spec = pool.spec
    return {
        "nodes": spec.nodes,
        "reserved": spec.hosts,
        "shape": spec.shape,
        "ocpus": spec.ocpus,
        "memory_gb": spec.memory_gb,
        "boot_volume_gb": spec.boot_volume_gb,
        "labels": dict(pool.labels),
        "taints": list(pool.taints),
        "fault_domains": list(pool.fault_domains),
        "allocatable": {**capacity.allocatable.as_dict(), "pods": spec.max_pods},
        "daemonsets": capacity.daemonsets.as_dict(),
        "requested": asked.as_dict(),
        "headroom": capacity.headroom(asked).as_dict(),
    }
