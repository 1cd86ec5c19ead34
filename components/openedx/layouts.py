"""The layouts: what a stack file need not say.

A layout is laid beneath the stack file, key by key: whatever the file says wins.

``seven-node`` is the platform that served 50,000 concurrent learners in a load test in
me-jeddah-1: five LMS pods on five nodes, everything else on two, all of them
VM.Standard.E4.Flex with 30 OCPUs, 128 GB and an 80 GB boot volume, with five uWSGI workers to an
LMS pod (Edly's account of its load test on OKE, December 2023).

The requests of the other workloads are ours. Together they fit on *one* node of the general pool,
so that the loss of one of its two nodes stops nothing for good; requests are a floor, and a pod
uses whatever CPU its node has to spare. ``custom`` brings the workloads only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_WORKLOADS: Final[Mapping[str, Mapping[str, int]]] = {
    "caddy": {"replicas": 2, "cpu_millicores": 2000, "memory_mib": 1024},
    "cms": {"replicas": 2, "cpu_millicores": 4000, "memory_mib": 6144},
    "cms-worker": {"replicas": 2, "cpu_millicores": 2000, "memory_mib": 4096},
    "lms-worker": {"replicas": 3, "cpu_millicores": 4000, "memory_mib": 6144},
    "meilisearch": {"replicas": 1, "cpu_millicores": 3000, "memory_mib": 6144, "volume_gb": 50},
    "mfe": {"replicas": 2, "cpu_millicores": 1000, "memory_mib": 512},
    "mongodb": {"replicas": 1, "cpu_millicores": 6000, "memory_mib": 16384, "volume_gb": 200},
    "mysql": {"replicas": 1, "cpu_millicores": 12000, "memory_mib": 24576, "volume_gb": 200},
    # Tutor's redis.conf lets Redis grow to 4 GB; writing its snapshot may copy as much again.
    "redis": {"replicas": 1, "cpu_millicores": 2000, "memory_mib": 8192, "volume_gb": 50},
    "smtp": {"replicas": 1, "cpu_millicores": 250, "memory_mib": 256},
}

_NODE: Final[Mapping[str, object]] = {
    "shape": "VM.Standard.E4.Flex",
    "ocpus": 30,
    "memory_gb": 128,
    "boot_volume_gb": 80,
    "max_pods": 110,
}

LAYOUTS: Final[Mapping[str, Mapping[str, object]]] = {
    "seven-node": {
        "node_pools": {
            "lms": {**_NODE, "nodes": 5, "dedicated": True},
            "general": {**_NODE, "nodes": 2},
        },
        "openedx": {"uwsgi_workers": 5, "workloads": _WORKLOADS},
    },
    "custom": {
        "openedx": {"uwsgi_workers": "auto", "workloads": _WORKLOADS},
    },
}

DEFAULT: Final = "seven-node"
"""What completes a stack file whose own layout is missing or misspelt, to find its other errors."""


def beneath(layout: Mapping[str, object], said: Mapping[str, object]) -> dict[str, object]:
    """``said`` laid over ``layout``: mappings are merged key by key, anything else replaces.

    Neither argument is changed. Keys become text, as they are in every settings model.
    """
    merged = {key: _copy(value) for key, value in layout.items()}
    for key, value in said.items():
        under = merged.get(str(key))
        if isinstance(under, Mapping) and isinstance(value, Mapping):
            merged[str(key)] = beneath(under, value)
        else:
            merged[str(key)] = _copy(value)
    return merged


def _copy(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _copy(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(inner) for inner in value]
    return value
