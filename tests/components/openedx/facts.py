"""The committed stack's Open edX, as the pure functions take it."""

from __future__ import annotations

from typing import Any

from components.capacity import PoolCapacity
from components.openedx.demand import LMS, lms_pod
from components.openedx.placement import PriorityClasses, Stage
from components.settings.openedx import OpenEdxSettings
from components.settings.platform import PlatformSettings
from components.settings.pools import pool_capacity
from components.system_pods import SYSTEM_PODS
from tests.components.settings.stack import but, loaded

CLASSES = PriorityClasses(lms="first", data="store", default="rest")


def platform(**changes: Any) -> PlatformSettings:
    """The committed stack with other settings of Open edX."""
    return loaded(but({f"openedx.{key}": value for key, value in changes.items()}))


def spec(**changes: Any) -> OpenEdxSettings:
    return platform(**changes).openedx


def pool(name: str = LMS) -> PoolCapacity:
    settings = platform()
    return pool_capacity(
        name,
        settings.node_pools[name],
        settings.cluster.kubelet,
        system_pods=SYSTEM_PODS["oci"],
    )


RELAY = {"host": "smtp.example.com", "username": "ocid1.user.oc1..a@ocid1.tenancy.oc1..b.x1.com"}
"""A mail relay, as a stack file says it."""


def stage() -> Stage:
    return Stage(
        lms_replicas=5,
        lms_requests=lms_pod(spec(), pool()),
        storage_class="retaining",
        priority_classes=CLASSES,
    )
