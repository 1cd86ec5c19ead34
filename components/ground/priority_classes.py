"""Who gives way when a fixed number of nodes is full."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes


@dataclass(frozen=True)
class Priority:
    """A priority class: of two pods that want the same room, the higher value gets it."""

    name: str
    value: int
    description: str


DATA = Priority(
    "openedx-large-data", 300_000, "Databases and caches: everything else waits for them"
)
LMS = Priority("openedx-large-lms", 200_000, "The LMS: what learners see")
DEFAULT = Priority(
    "openedx-large-default", 100_000, "Studio, workers, micro-frontends: may wait for a node"
)

PRIORITIES = (DATA, LMS, DEFAULT)
"""All below the two classes of Kubernetes itself, which start at two thousand million."""


def create_priority_classes(name: str, *, opts: pulumi.ResourceOptions) -> None:
    """Register every class; none is the default of the whole cluster."""
    for priority in PRIORITIES:
        kubernetes.scheduling.v1.PriorityClass(
            f"{name}-{priority.name}",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=priority.name),
            value=priority.value,
            global_default=False,
            description=priority.description,
            # A value cannot be changed, and the name is fixed.
            opts=pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(delete_before_replace=True)
            ),
        )
