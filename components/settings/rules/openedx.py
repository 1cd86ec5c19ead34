"""Open edX: host names, workloads that Tutor has, and pods that fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from components.capacity import NOTHING, PoolCapacity, unplaced
from components.oci.shapes import SHAPES
from components.openedx import workloads
from components.openedx.demand import GENERAL, LMS, general_demands, lms_pod
from components.openedx.sizing import (
    PROCESS_MEMORY_MIB,
    ROUTER_MILLICORES,
    lms_workers,
    other_connections,
)
from components.settings.errors import Path
from components.settings.platform import PlatformSettings
from components.settings.pools import pool_capacity
from components.settings.rules import Broken, Surroundings

_OPENEDX: Final = "openedx"
_WORKLOADS: Final[Path] = (_OPENEDX, "workloads")
_WORKERS: Final[Path] = (_OPENEDX, "uwsgi_workers")
_JOB: Final[Path] = (_OPENEDX, "job")
_RELAY: Final[Path] = (_OPENEDX, "smtp")
_KUBELET: Final[Path] = ("cluster", "kubelet")


def hosts(settings: PlatformSettings, _: Surroundings) -> Iterator[Broken]:
    """The sites have names of their own, and share the session cookie."""
    spec = settings.openedx
    lms, mfe = (_OPENEDX, "lms_host"), (_OPENEDX, "mfe_host")
    if spec.cms_host == spec.lms_host:
        yield Broken((_OPENEDX, "cms_host"), "a name that is not lms_host's", (lms,))
    if spec.mfe_host is None:
        return
    if spec.mfe_host == spec.cms_host:
        yield Broken(mfe, "a name that is not cms_host's", ((_OPENEDX, "cms_host"),))
    elif not spec.mfe_host.endswith(f".{spec.lms_host}"):
        yield Broken(
            mfe, f"a subdomain of lms_host, e.g. apps.{spec.lms_host}: they share a cookie", (lms,)
        )


def known_workloads(settings: PlatformSettings, _: Surroundings) -> Iterator[Broken]:
    """The workloads are those that Tutor renders, and those with a volume have one pod."""
    said = settings.openedx.workloads
    for name in sorted(set(said) - workloads.NAMES):
        yield Broken(
            (*_WORKLOADS, name), f"Tutor renders these: {', '.join(sorted(workloads.NAMES))}"
        )
    for name in sorted(workloads.WITH_VOLUME & set(said)):
        if said[name].replicas != 1:
            yield Broken(
                (*_WORKLOADS, name, "replicas"), "1: its volume is mounted by one pod at a time"
            )
    for name in sorted(set(said) & workloads.NAMES - workloads.WITH_VOLUME):
        if said[name].volume_gb is not None:
            yield Broken((*_WORKLOADS, name, "volume_gb"), f"nothing: {name} has no volume")


def mail_password_is_there(settings: PlatformSettings, around: Surroundings) -> Iterator[Broken]:
    """The secret that the mail relay's settings name is one of the stack's."""
    smtp = settings.openedx.smtp
    if smtp is not None and not around.secrets(smtp.password_secret):
        yield Broken(
            (_OPENEDX, "smtp", "password_secret"),
            "a secret of this stack: run `pulumi config set --secret "
            f"openedx-large:{smtp.password_secret}`",
        )


def general_pods_fit(settings: PlatformSettings, around: Surroundings) -> Iterator[Broken]:
    """Everything but the LMS fits on the general pool."""
    pool = _pool(settings, GENERAL, around)
    if pool is None:
        return
    looked_at = (_WORKLOADS, _JOB, _RELAY, _KUBELET, ("node_pools", GENERAL))
    demands = (*around.system_pods.deployments, *general_demands(settings.openedx))
    left_over = unplaced(pool, demands)
    if left_over:
        pods = ", ".join(f"{count} of {name}" for name, count in sorted(left_over.items()))
        yield Broken(
            ("node_pools", GENERAL, "nodes"),
            f"more pods than fit ({pods}): more or larger nodes, or smaller openedx.workloads or "
            f"openedx.job; a node takes {_words(pool)}",
            looked_at,
        )


def lms_pod_fits(settings: PlatformSettings, around: Surroundings) -> Iterator[Broken]:
    """A node of the pool has room for an LMS pod and for each of its workers."""
    pool = _pool(settings, LMS, around)
    if pool is None:
        return
    spec = settings.openedx
    place: Path = ("node_pools", LMS)
    looked_at = (_WORKLOADS, _WORKERS, _KUBELET, place, (_OPENEDX, "lms_margin"))
    pod = lms_pod(spec, pool)
    if pod.cpu_millicores <= ROUTER_MILLICORES or pod.memory_mib < PROCESS_MEMORY_MIB:
        yield Broken(
            (*place, "ocpus"),
            "a larger machine: beside the kubelet's reservations, the DaemonSets and lms_margin "
            f"an LMS pod would have {pod.cpu_millicores} m and {pod.memory_mib} MiB",
            looked_at,
        )
        return
    workers = lms_workers(spec, pool)
    if workers * PROCESS_MEMORY_MIB > pod.memory_mib:
        yield Broken(
            _WORKERS,
            f"at most {pod.memory_mib // PROCESS_MEMORY_MIB}: a worker needs "
            f"{PROCESS_MEMORY_MIB} MiB and an LMS pod has {pod.memory_mib} MiB",
            looked_at,
        )


def database_connections_suffice(
    settings: PlatformSettings, around: Surroundings
) -> Iterator[Broken]:
    """MySQL has a connection for every process that may ask for one."""
    pool = _pool(settings, LMS, around)
    if pool is None:
        return
    spec = settings.openedx
    needed = lms_workers(spec, pool) * pool.nodes + other_connections(spec)
    if needed > spec.mysql_max_connections:
        yield Broken(
            (_OPENEDX, "mysql_max_connections"),
            f"at least {needed}: one for each uWSGI worker and Celery process, and some spare",
            (_WORKLOADS, _WORKERS, _KUBELET, ("node_pools", LMS), (_OPENEDX, "lms_margin")),
        )


def _pool(settings: PlatformSettings, name: str, around: Surroundings) -> PoolCapacity | None:
    """The pool's capacity; None where another rule has a complaint about the pool already."""
    pool = settings.node_pools.get(name)
    if pool is None or pool.shape not in SHAPES:
        return None
    low, high = SHAPES[pool.shape].ocpus
    if not low <= pool.ocpus <= high:
        return None
    capacity = pool_capacity(name, pool, settings.cluster.kubelet, system_pods=around.system_pods)
    return capacity if NOTHING.fits_in(capacity.largest_pod) or name == LMS else None


def _words(pool: PoolCapacity) -> str:
    room = pool.largest_pod
    return (
        f"{room.cpu_millicores} m, {room.memory_mib} MiB and {pool.pods_per_node} pods beside "
        "its DaemonSets"
    )
