"""The network security groups and their rules."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_oci as oci

from components.oci.scope import OciScope
from components.oci.security_rules import (
    ANYWHERE,
    PATH_DISCOVERY,
    RULES,
    Direction,
    Group,
    Peer,
    Rule,
    Traffic,
)


class SecurityGroups(pulumi.ComponentResource):
    """One network security group for each :class:`Group`, with the rules of the table."""

    ids: Mapping[Group, pulumi.Output[str]]

    def __init__(
        self,
        name: str,
        scope: OciScope,
        *,
        vcn_id: pulumi.Input[str],
        services_cidr_label: str,
        bastion_cidr: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the groups in ``vcn_id``.

        Args:
            name: Logical name.
            scope: Where they go.
            vcn_id: The VCN's OCID.
            services_cidr_label: The label that stands for the region's services in rules,
                e.g. ``all-jed-services-in-oracle-services-network``.
            bastion_cidr: Where Bastion sessions come from: the API endpoint's subnet.
            opts: Resource options.
        """
        super().__init__("openedx-large:index:SecurityGroups", name, None, opts)
        self._name = name
        self._ends: Mapping[Peer, tuple[str, str]] = {
            Peer.INTERNET: (ANYWHERE, "CIDR_BLOCK"),
            Peer.SERVICES: (services_cidr_label, "SERVICE_CIDR_BLOCK"),
            Peer.BASTION: (bastion_cidr, "CIDR_BLOCK"),
        }
        groups = {group: self._create_group(group, scope, vcn_id) for group in Group}
        self.ids = {group: made.id for group, made in groups.items()}
        for rule in RULES:
            self._create_rule(rule)
        self.register_outputs({group.value: id_ for group, id_ in self.ids.items()})

    def _create_group(
        self, group: Group, scope: OciScope, vcn_id: pulumi.Input[str]
    ) -> oci.core.NetworkSecurityGroup:
        return oci.core.NetworkSecurityGroup(
            f"{self._name}-{group.value}",
            compartment_id=scope.compartment_id,
            vcn_id=vcn_id,
            display_name=scope.display_name(group.value),
            freeform_tags=scope.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_rule(self, rule: Rule) -> None:
        end, end_type = self._end(rule.peer)
        inwards = rule.direction is Direction.INGRESS
        oci.core.NetworkSecurityGroupSecurityRule(
            f"{self._name}-{rule.key}",
            network_security_group_id=self.ids[rule.group],
            direction=rule.direction.value,
            protocol=rule.traffic.protocol,
            description=rule.reason,
            source=end if inwards else None,
            source_type=end_type if inwards else None,
            destination=None if inwards else end,
            destination_type=None if inwards else end_type,
            stateless=False,
            tcp_options=_tcp_options(rule.traffic),
            icmp_options=_icmp_options(rule.traffic),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _end(self, peer: Group | Peer) -> tuple[pulumi.Input[str], str]:
        if isinstance(peer, Group):
            return self.ids[peer], "NETWORK_SECURITY_GROUP"
        return self._ends[peer]


def _tcp_options(
    traffic: Traffic,
) -> oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsArgs | None:
    if traffic.first_port is None or traffic.last_port is None:
        return None
    return oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsArgs(
        destination_port_range=(
            oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsDestinationPortRangeArgs(
                min=traffic.first_port, max=traffic.last_port
            )
        )
    )


def _icmp_options(
    traffic: Traffic,
) -> oci.core.NetworkSecurityGroupSecurityRuleIcmpOptionsArgs | None:
    if traffic is not PATH_DISCOVERY:
        return None
    return oci.core.NetworkSecurityGroupSecurityRuleIcmpOptionsArgs(type=3, code=4)
