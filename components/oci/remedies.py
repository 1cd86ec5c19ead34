"""What to do when OCI refuses, said next to the refusal; and what is worth another try."""

from __future__ import annotations

import asyncio

import pulumi

OUT_OF_HOST_CAPACITY = "out of host capacity"
NOT_YET_AUTHORIZED = "notauthorizedornotfound"

POLICY_PROPAGATION_TRIES = 8
POLICY_PROPAGATION_WAIT_SECONDS = 15

RESERVATION_REMEDY = (
    "The region has no host left for this capacity reservation. What is held already stays held, "
    "and no node pool is made or enlarged before the reservation is granted in full. Run "
    "`pulumi up` again until it is. To get it sooner, ask Oracle for more hosts of this shape in "
    "this region (a service request), or lower node_pools.*.nodes or .ocpus in the stack file."
)
PARTIAL_RESERVATION_REMEDY = (
    "No node pool is made before it holds them all, and those it holds stay held. Run "
    "`pulumi refresh`, which asks OCI how many it holds by now, then `pulumi up`; if the number "
    "does not rise, ask Oracle for more hosts of this shape in this region (a service request)."
)
NODE_POOL_REMEDY = (
    "A node could not be launched although its host is reserved. The reservation still holds "
    "every host. OCI deletes a node pool whose creation fails: run `pulumi refresh`, then "
    "`pulumi up`. If it happens again, compare the reservation's fault domains with the node "
    "pool's (docs/decisions/0071-fault-domains.md)."
)


def explain_out_of_host_capacity(name: str, remedy: str) -> pulumi.ErrorHook:
    """A hook that follows OCI's "Out of host capacity." with the remedy, and does not retry.

    A blind retry would hammer a region that is full, and after a partial failure it would leave
    the first object behind as an orphan.
    """

    def explain(failure: pulumi.ErrorHookArgs) -> bool:
        if OUT_OF_HOST_CAPACITY in _latest(failure):
            pulumi.log.error(f"{failure.name}: {remedy}")
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
