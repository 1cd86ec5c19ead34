"""How what is not LMS or Studio stops, and how soon it leaves a node that does not answer.

All of it ends well before the node pools stop waiting for a node to be drained.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from components.openedx import serving, workloads

DATA_SECONDS: Final = 300
"""For a database to write what it holds in memory to its volume."""

WORKER_SECONDS: Final = 900
"""For a Celery worker to end the tasks that it has begun: it takes no more after SIGTERM."""

EDGE_SECONDS: Final = 60
"""For Caddy to answer what it has accepted, the wait before it included."""

UNREACHABLE_SECONDS: Final = 60
"""Until a data service is started elsewhere; Kubernetes itself would wait 300 s."""

CELERY: Final = ("cms-worker", "lms-worker")

_EDGE_PORTS: Final[Mapping[str, int]] = {"caddy": 80, "mfe": 8002}
"""Both are Caddy. Source: Tutor 22 and tutor-mfe 22, ``k8s-deployments``."""


def pod(name: str) -> Mapping[str, Any]:
    """What the pod of the workload ``name`` needs beside its container."""
    if name in workloads.WITH_VOLUME:
        return {
            "terminationGracePeriodSeconds": DATA_SECONDS,
            "tolerations": [
                {
                    "key": f"node.kubernetes.io/{state}",
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": UNREACHABLE_SECONDS,
                }
                for state in ("not-ready", "unreachable")
            ],
        }
    if name in CELERY:
        return {"terminationGracePeriodSeconds": WORKER_SECONDS}
    if name in _EDGE_PORTS:
        return {"terminationGracePeriodSeconds": EDGE_SECONDS}
    return {}


def container(name: str) -> Mapping[str, Any]:
    """Probe and hook of the workload's container.

    Caddy ends at once when it has nothing to do, while other nodes still send it requests: so it
    stays until they know better.
    """
    if name not in _EDGE_PORTS:
        return {}
    return {
        "readinessProbe": {
            "tcpSocket": {"port": _EDGE_PORTS[name]},
            "periodSeconds": 5,
            "timeoutSeconds": 3,
        },
        "lifecycle": {"preStop": {"sleep": {"seconds": serving.ENDPOINT_SECONDS}}},
    }
