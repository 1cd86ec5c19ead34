"""What Open edX asks of the node pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from components.capacity import PodDemand, PoolCapacity, Resources
from components.settings.openedx import OpenEdxSettings

LMS: Final = "lms"
"""The pool of LMS pods, and Tutor's name for their Deployment."""

GENERAL: Final = "general"
"""The pool of everything else."""

RELAY: Final = "smtp"
"""Tutor's own mail relay, which is not made when the settings name another."""


def running(spec: OpenEdxSettings) -> Sequence[str]:
    """The workloads that Tutor renders with these settings, in order."""
    return sorted(name for name in spec.workloads if name != RELAY or spec.smtp is None)


def job(spec: OpenEdxSettings) -> PodDemand:
    """One of Tutor's initialisation jobs; Tutor runs them one after the other."""
    return PodDemand("job", 1, Resources(spec.job.cpu_millicores, spec.job.memory_mib))


def lms_pod(spec: OpenEdxSettings, pool: PoolCapacity) -> Resources:
    """The requests of an LMS pod that fills its node but for the margin of the settings."""
    margin = Resources(spec.lms_margin.cpu_millicores, spec.lms_margin.memory_mib)
    return pool.largest_pod - margin


def lms_demand(spec: OpenEdxSettings, pool: PoolCapacity) -> PodDemand:
    """One LMS pod on each node of the pool."""
    return PodDemand(LMS, pool.nodes, lms_pod(spec, pool))


def workload(spec: OpenEdxSettings, name: str) -> Resources:
    """The requests of one pod of the workload ``name``."""
    settings = spec.workloads[name]
    return Resources(settings.cpu_millicores, settings.memory_mib)


def general_demands(spec: OpenEdxSettings) -> tuple[PodDemand, ...]:
    """Everything that runs on the general pool: the workloads by name, and one job."""
    return (
        *(
            PodDemand(name, spec.workloads[name].replicas, workload(spec, name))
            for name in running(spec)
        ),
        job(spec),
    )


def demands(
    spec: OpenEdxSettings, *, lms_pool: PoolCapacity
) -> Mapping[str, tuple[PodDemand, ...]]:
    """The pods of Open edX by pool."""
    return {LMS: (lms_demand(spec, lms_pool),), GENERAL: general_demands(spec)}
