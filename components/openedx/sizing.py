"""How many processes serve requests and tasks, and what that uses of a node.

uWSGI runs ``processes`` workers without threads, so a worker serves one request at a time and
uses at most one CPU. The assumptions:

- an LMS, Studio or Celery process needs 1 GiB: Tutor requests 2 GiB for its default of two
  uWSGI workers (Tutor 22, ``k8s/deployments.yml``);
- uWSGI's master and HTTP router need one CPU beside the workers;
- a process holds at most one connection to MySQL (Django opens one for each thread, and a worker
  has one), and 20 more are kept for initialisation jobs, rollouts and operators.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from components.capacity import PoolCapacity, Resources
from components.openedx.demand import lms_pod, workload
from components.settings.openedx import OpenEdxSettings

PROCESS_MEMORY_MIB: Final = 1024
ROUTER_MILLICORES: Final = 1000
SPARE_CONNECTIONS: Final = 20


@dataclass(frozen=True)
class UwsgiSizing:
    """The LMS's uWSGI workers, and what they use of their nodes."""

    workers_per_pod: int
    pods: int
    cpu_share_percent: float
    """The share of a node's allocatable CPU that the workers can use at most."""
    note: str
    """The same in words, for the operator."""

    @property
    def concurrent_requests(self) -> int:
        """Requests that the whole site serves at the same moment; the others wait."""
        return self.workers_per_pod * self.pods


def workers_that_fit(pod: Resources) -> int:
    """uWSGI workers that a pod's CPU and memory allow, one at least."""
    by_cpu = (pod.cpu_millicores - ROUTER_MILLICORES) // 1000
    by_memory = pod.memory_mib // PROCESS_MEMORY_MIB
    return max(1, min(by_cpu, by_memory))


def celery_concurrency(pod: Resources) -> int:
    """Celery processes of a worker pod: one for each CPU that it asks for, if memory allows.

    Without a figure Celery starts one for each CPU of the *node*: 60 on a machine of 30 OCPUs.
    """
    by_memory = pod.memory_mib // PROCESS_MEMORY_MIB - 1
    return max(1, min(pod.cpu_millicores // 1000, by_memory))


def cms_workers(spec: OpenEdxSettings) -> int:
    """uWSGI workers of a Studio pod."""
    return workers_that_fit(workload(spec, "cms"))


def other_connections(spec: OpenEdxSettings) -> int:
    """Connections to MySQL that are not the LMS's own."""
    studio = spec.workloads["cms"].replicas * cms_workers(spec)
    tasks = sum(
        spec.workloads[name].replicas * celery_concurrency(workload(spec, name))
        for name in ("cms-worker", "lms-worker")
    )
    return studio + tasks + SPARE_CONNECTIONS


def lms_workers(spec: OpenEdxSettings, pool: PoolCapacity) -> int:
    """uWSGI workers of an LMS pod: the settings' figure, or derived when it is ``auto``."""
    if spec.uwsgi_workers != "auto":
        return spec.uwsgi_workers
    by_database = (spec.mysql_max_connections - other_connections(spec)) // pool.nodes
    return max(1, min(workers_that_fit(lms_pod(spec, pool)), by_database))


def uwsgi(spec: OpenEdxSettings, pool: PoolCapacity) -> UwsgiSizing:
    """The LMS's workers and an honest account of what they use."""
    workers = lms_workers(spec, pool)
    node_millicores = pool.allocatable.cpu_millicores
    share = round(min(100.0, 100 * workers * 1000 / node_millicores), 1)
    return UwsgiSizing(
        workers_per_pod=workers,
        pods=pool.nodes,
        cpu_share_percent=share,
        note=(
            f"{workers} uWSGI workers serve {workers} requests at a time in an LMS pod, "
            f"{workers * pool.nodes} on the whole site, and can use at most {workers} of the "
            f"{node_millicores // 1000} CPUs of a node ({share:g} %)"
            + ("" if spec.uwsgi_workers == "auto" else "; `uwsgi_workers: auto` fills the node")
        ),
    )
