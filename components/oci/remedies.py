"""What to do when OCI refuses, said next to the refusal; and what is worth another try."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pulumi

NOT_YET_AUTHORIZED = "notauthorizedornotfound"

POLICY_PROPAGATION_TRIES = 8
POLICY_PROPAGATION_WAIT_SECONDS = 15


@dataclass(frozen=True)
class Remedy:
    """What to do when OCI's answer has one of ``words``."""

    words: tuple[str, ...]
    """In lower case."""
    text: str
    operations: tuple[str, ...] = ("create", "update", "delete")
    """What was being done."""

    def answers(self, failure: pulumi.ErrorHookArgs) -> bool:
        """Whether it is the remedy for this failure."""
        answer = _latest(failure)
        return failure.failed_operation in self.operations and any(
            word in answer for word in self.words
        )


_OUT_OF_HOST_CAPACITY = ("out of host capacity",)

NO_HOST_TO_RESERVE = Remedy(
    _OUT_OF_HOST_CAPACITY,
    "The region has no host left for this capacity reservation. No node pool is made or enlarged "
    "before it is granted in full, and a reservation that stands is not given back. Run "
    "`pulumi up` again until it is granted. To get it sooner, ask Oracle for more hosts of this "
    "shape in this region (a service request). As long as no node pool stands you may also ask for "
    "less: lower node_pools.*.nodes or .ocpus, or set capacity.fault_domains to any, which takes "
    "hosts wherever the region has them (docs/decisions/0071-fault-domains.md).",
)
HOSTS_IN_USE = Remedy(
    ("incorrectstate", "instances in use"),
    "The stack file reserves fewer hosts of a kind than nodes run on, and OCI does not take hosts "
    "from under nodes. A pool is made smaller in two steps: first lower node_pools.<pool>.nodes "
    "and keep .reserved at the number of before, `pulumi up`; then lower .reserved, `pulumi up`. "
    "Another shape, ocpus or memory_gb needs other hosts, which the region must have, and the "
    "pool's nodes off the old ones: delete the node pool in OCI, `pulumi refresh`, `pulumi up` "
    "(docs/decisions/0079-a-smaller-pool.md).",
    operations=("update",),
)
PARTIAL_RESERVATION_REMEDY = (
    "No node pool is made before it holds them all, and the reservation is not given back. Run "
    "`pulumi refresh`, which asks OCI how many it holds by now, then `pulumi up`; if the number "
    "does not rise, ask Oracle for more hosts of this shape in this region (a service request)."
)
NO_HOST_TO_LAUNCH = Remedy(
    _OUT_OF_HOST_CAPACITY,
    "A node could not be launched although its host is reserved. The reservation still holds "
    "every host. OCI deletes a node pool whose creation fails: run `pulumi refresh`, then "
    "`pulumi up`. If it happens again, compare the reservation's fault domains with the node "
    "pool's; a stack that need not be spread may set capacity.fault_domains to any, which means a "
    "new reservation (docs/decisions/0071-fault-domains.md).",
)
PLACED_WHILE_CYCLING = Remedy(
    ("placement configuration change simultaneously",),
    "OKE does not change where a pool's nodes are while it may renew them, and has changed "
    "nothing. Set node_pools.<pool>.cycling to none, `pulumi up`, and take it out again "
    "(docs/decisions/0079-a-smaller-pool.md).",
    operations=("update",),
)
NODES_NOT_RENEWED = Remedy(
    ("timeout while waiting", "evict", "drain"),
    "The node pool has not come to an end with its nodes. The cluster's work requests in the OCI "
    "Console name the node and the reason; where pods may not leave it, `kubectl get pdb -n "
    "openedx` shows which disruption budget allows no disruption. Put that right, then "
    "`pulumi refresh` and `pulumi up`. If `up` finds nothing to change while `kubectl get nodes` "
    "still shows old nodes, cycle the pool in the Console (docs/decisions/0074-worker-nodes.md).",
)


def follow_with(name: str, *remedies: Remedy) -> pulumi.ErrorHook:
    """A hook that follows OCI's answer with the first remedy for it, and does not retry.

    A blind retry would hammer a region that is full, and after a partial failure it would leave
    the first object behind as an orphan.
    """

    def explain(failure: pulumi.ErrorHookArgs) -> bool:
        for remedy in remedies:
            if remedy.answers(failure):
                pulumi.log.error(f"{failure.name}: {remedy.text}")
                break
        return False

    return pulumi.ErrorHook(name, explain)


def wait_for_policies(name: str) -> pulumi.ErrorHook:
    """A hook that waits while a policy made a moment ago reaches the region.

    IAM policies are written in the home region and take seconds to minutes to be in force
    elsewhere; until then a request that depends on one is answered 404 NotAuthorizedOrNotFound,
    which leaves nothing behind and so may be repeated.
    """

    async def wait(failure: pulumi.ErrorHookArgs) -> bool:
        if failure.failed_operation != "create" or NOT_YET_AUTHORIZED not in _latest(failure):
            return False
        if len(failure.errors) >= POLICY_PROPAGATION_TRIES:
            pulumi.log.error(
                f"{failure.name}: still not authorized after {POLICY_PROPAGATION_TRIES} tries. "
                "Check that the policies of this stack exist in the home region and that "
                "cloud.compartment_id is right."
            )
            return False
        await asyncio.sleep(POLICY_PROPAGATION_WAIT_SECONDS)
        return True

    return pulumi.ErrorHook(name, wait)


def _latest(failure: pulumi.ErrorHookArgs) -> str:
    return failure.errors[0].lower() if failure.errors else ""
