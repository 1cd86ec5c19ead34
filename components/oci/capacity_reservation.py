"""The hosts of all node pools, won at once and held whatever fails later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pulumi
import pulumi_oci as oci

from components.oci.fault_domains import Allocation
from components.oci.remedies import (
    HOSTS_IN_USE,
    NO_HOST_TO_RESERVE,
    PARTIAL_RESERVATION_REMEDY,
    follow_with,
)
from components.oci.scope import OciScope
from components.settings.platform import NodePoolSettings

HostKind = tuple[str, int, int, str | None]
"""Shape, OCPUs, memory in GB and fault domain: what a launch has to match exactly. Without a fault
domain the host may be in any."""

TIMEOUTS = pulumi.CustomTimeouts(create="1h", update="1h", delete="1h")
"""Winning scarce hosts may take OCI longer than the provider's twenty minutes."""


def hosts_by_kind(
    pools: Mapping[str, NodePoolSettings], allocation: Allocation
) -> Mapping[HostKind, int]:
    """How many hosts of each kind all pools need together, in a fixed order."""
    hosts: Counter[HostKind] = Counter()
    for name, pool in pools.items():
        for fault_domain, count in allocation[name].items():
            hosts[(pool.shape, pool.ocpus, pool.memory_gb, fault_domain)] += count
    return {kind: hosts[kind] for kind in sorted(hosts, key=_in_order)}


class CapacityReservation(pulumi.ComponentResource):
    """One compute capacity reservation in one availability domain for all node pools.

    Scarce capacity is won here or nowhere: a node pool whose creation fails gives its hosts back,
    a reservation does not (docs/decisions/0070-capacity-reservation.md).
    """

    granted_id: pulumi.Output[str]
    """The reservation's OCID, to be had only once every host is held."""

    def __init__(
        self,
        name: str,
        hosts: Mapping[HostKind, int],
        *,
        scope: OciScope,
        availability_domain: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Reserve ``hosts`` in ``availability_domain``."""
        super().__init__("openedx-large:index:CapacityReservation", name, None, opts)
        hook = follow_with(f"{name}-remedies", NO_HOST_TO_RESERVE, HOSTS_IN_USE)
        reservation = oci.core.ComputeCapacityReservation(
            f"{name}-reservation",
            compartment_id=scope.compartment_id,
            availability_domain=availability_domain,
            display_name=scope.display_name("hosts"),
            # Any other instance of the compartment would help itself to a default reservation.
            is_default_reservation=False,
            instance_reservation_configs=[
                _configuration(kind, count) for kind, count in hosts.items()
            ],
            freeform_tags=scope.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=scope.protect,
                custom_timeouts=TIMEOUTS,
                hooks=pulumi.ResourceHookBinding(on_error=[hook]),
            ),
        )
        asked = sum(hosts.values())
        self.granted_id = pulumi.Output.all(
            reservation.id, reservation.reserved_instance_count
        ).apply(lambda state: granted(state[0], state[1], asked))
        self.register_outputs({"granted_id": self.granted_id})


def granted(reservation_id: str, reserved: str | int, asked: int) -> str:
    """The reservation's OCID, if it holds as many hosts as were asked for.

    Raises:
        pulumi.RunError: It holds fewer.
    """
    # A preview of a larger reservation still shows the count of before.
    if not pulumi.runtime.is_dry_run() and int(reserved) < asked:
        raise pulumi.RunError(
            f"capacity reservation {reservation_id} holds {int(reserved)} of {asked} hosts. "
            f"{PARTIAL_RESERVATION_REMEDY}"
        )
    return reservation_id


def _in_order(kind: HostKind) -> tuple[str, int, int, str]:
    shape, ocpus, memory_gb, fault_domain = kind
    return shape, ocpus, memory_gb, fault_domain or ""


def _configuration(
    kind: HostKind, count: int
) -> oci.core.ComputeCapacityReservationInstanceReservationConfigArgs:
    shape, ocpus, memory_gb, fault_domain = kind
    return oci.core.ComputeCapacityReservationInstanceReservationConfigArgs(
        instance_shape=shape,
        reserved_count=str(count),
        fault_domain=fault_domain,
        instance_shape_config=(
            oci.core.ComputeCapacityReservationInstanceReservationConfigInstanceShapeConfigArgs(
                ocpus=ocpus, memory_in_gbs=memory_gb
            )
        ),
    )
