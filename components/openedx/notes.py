"""What an operator should know of a stack that stands up all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from components.capacity import PodDemand, PoolCapacity, unplaced
from components.openedx import mail
from components.openedx.demand import general_demands
from components.settings.openedx import OpenEdxSettings


def notes(
    spec: OpenEdxSettings, *, general_pool: PoolCapacity, beside: Sequence[PodDemand]
) -> Iterator[str]:
    """One line for each; nothing when there is nothing to say.

    Args:
        spec: The settings.
        general_pool: The pool of everything but the LMS.
        beside: What else runs on that pool: the cluster's own Deployments.
    """
    if spec.smtp is None:
        yield mail.NO_RELAY
    rest = replace(general_pool, nodes=general_pool.nodes - 1)
    left_over = unplaced(rest, (*beside, *general_demands(spec)))
    if left_over:
        pods = ", ".join(f"{count} of {name}" for name, count in sorted(left_over.items()))
        yield (
            f"the loss of one of {general_pool.nodes} nodes of the pool {general_pool.name} leaves "
            f"no room for {pods}: more nodes, or smaller openedx.workloads"
        )
