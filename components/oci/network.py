"""The VCN: gateways, route tables and one subnet for each kind of thing in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import pulumi
import pulumi_oci as oci

from components.oci.discovery import ask
from components.oci.scope import OciScope
from components.oci.security_groups import SecurityGroups
from components.oci.security_lists import bastion_security_list, closed_security_list
from components.oci.security_rules import ANYWHERE, Group
from components.settings.platform import NetworkSettings


class SubnetRole(Enum):
    """What a subnet is for; the value is its name."""

    API_ENDPOINT = "api-endpoint"
    LOAD_BALANCERS = "load-balancers"
    NODES = "nodes"
    DATABASES = "databases"
    PODS = "pods"


@dataclass(frozen=True)
class _Gateways:
    internet: oci.core.InternetGateway
    nat: oci.core.NatGateway
    services: oci.core.ServiceGateway


@dataclass(frozen=True)
class _RegionServices:
    id: str
    cidr_label: str


_DNS_LABELS: Mapping[SubnetRole, str] = {
    SubnetRole.API_ENDPOINT: "api",
    SubnetRole.LOAD_BALANCERS: "lb",
    SubnetRole.NODES: "nodes",
    SubnetRole.DATABASES: "db",
    SubnetRole.PODS: "pods",
}
"""Fifteen letters and digits at most; OKE needs the VCN's own resolver."""


class Network(pulumi.ComponentResource):
    """A VCN in which only load balancers have public addresses.

    The default security list is emptied: what may talk to what stands in the network security
    groups (:mod:`components.oci.security_rules`). Only what can be in none of them, an OCI
    Bastion, has a security list (:mod:`components.oci.security_lists`).
    """

    vcn_id: pulumi.Output[str]
    subnet_ids: Mapping[SubnetRole, pulumi.Output[str]]
    security_group_ids: Mapping[Group, pulumi.Output[str]]

    def __init__(
        self,
        name: str,
        spec: NetworkSettings,
        *,
        scope: OciScope,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the network that ``spec`` describes."""
        super().__init__("openedx-large:index:Network", name, None, opts)
        self._name = name
        self._scope = scope
        services = _region_services()
        vcn = oci.core.Vcn(
            f"{name}-vcn",
            compartment_id=scope.compartment_id,
            cidr_blocks=[spec.vcn_cidr],
            display_name=scope.display_name("vcn"),
            dns_label="openedx",
            freeform_tags=scope.tags,
            opts=self._child,
        )
        self.vcn_id = vcn.id
        gateways = self._create_gateways(services)
        routes = self._create_route_tables(gateways, services)
        closed = closed_security_list(f"{name}-default-security-list", vcn, scope, self._child)
        bastion = bastion_security_list(
            f"{name}-bastion-security-list",
            vcn,
            scope,
            api_endpoint_cidr=spec.api_endpoint_cidr,
            opts=self._child,
        )
        self.subnet_ids = {
            role: self._create_subnet(
                role, cidr, routes[role], bastion if role is SubnetRole.API_ENDPOINT else closed
            )
            for role, cidr in _cidrs(spec).items()
        }
        groups = SecurityGroups(
            f"{name}-nsg",
            scope,
            vcn_id=vcn.id,
            services_cidr_label=services.cidr_label,
            bastion_cidr=spec.api_endpoint_cidr,
            opts=self._child,
        )
        self.security_group_ids = groups.ids
        self.register_outputs({"vcn_id": self.vcn_id})

    @property
    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _create_gateways(self, services: _RegionServices) -> _Gateways:
        scope = self._scope
        return _Gateways(
            internet=oci.core.InternetGateway(
                f"{self._name}-internet-gateway",
                compartment_id=scope.compartment_id,
                vcn_id=self.vcn_id,
                display_name=scope.display_name("internet"),
                enabled=True,
                freeform_tags=scope.tags,
                opts=self._child,
            ),
            nat=oci.core.NatGateway(
                f"{self._name}-nat-gateway",
                compartment_id=scope.compartment_id,
                vcn_id=self.vcn_id,
                display_name=scope.display_name("nat"),
                freeform_tags=scope.tags,
                opts=self._child,
            ),
            services=oci.core.ServiceGateway(
                f"{self._name}-service-gateway",
                compartment_id=scope.compartment_id,
                vcn_id=self.vcn_id,
                services=[oci.core.ServiceGatewayServiceArgs(service_id=services.id)],
                display_name=scope.display_name("services"),
                freeform_tags=scope.tags,
                opts=self._child,
            ),
        )

    def _create_route_tables(
        self, gateways: _Gateways, services: _RegionServices
    ) -> Mapping[SubnetRole, pulumi.Output[str]]:
        to_internet = _route(gateways.internet.id, ANYWHERE, "Load balancers answer learners")
        to_nat = _route(gateways.nat.id, ANYWHERE, "Images, mail and single sign-on, outwards only")
        to_services = oci.core.RouteTableRouteRuleArgs(
            network_entity_id=gateways.services.id,
            destination=services.cidr_label,
            destination_type="SERVICE_CIDR_BLOCK",
            description="OCI's own services without leaving its network",
        )
        public = self._create_route_table("public", [to_internet])
        private = self._create_route_table("private", [to_nat, to_services])
        isolated = self._create_route_table("isolated", [to_services])
        return {
            SubnetRole.API_ENDPOINT: private,
            SubnetRole.LOAD_BALANCERS: public,
            SubnetRole.NODES: private,
            SubnetRole.DATABASES: isolated,
            SubnetRole.PODS: private,
        }

    def _create_route_table(
        self, kind: str, rules: list[oci.core.RouteTableRouteRuleArgs]
    ) -> pulumi.Output[str]:
        table = oci.core.RouteTable(
            f"{self._name}-routes-{kind}",
            compartment_id=self._scope.compartment_id,
            vcn_id=self.vcn_id,
            route_rules=rules,
            display_name=self._scope.display_name(f"routes-{kind}"),
            freeform_tags=self._scope.tags,
            opts=self._child,
        )
        return table.id

    def _create_subnet(
        self,
        role: SubnetRole,
        cidr: str,
        route_table_id: pulumi.Output[str],
        security_list_id: pulumi.Output[str],
    ) -> pulumi.Output[str]:
        subnet = oci.core.Subnet(
            f"{self._name}-subnet-{role.value}",
            compartment_id=self._scope.compartment_id,
            vcn_id=self.vcn_id,
            cidr_block=cidr,
            display_name=self._scope.display_name(role.value),
            dns_label=_DNS_LABELS[role],
            prohibit_public_ip_on_vnic=role is not SubnetRole.LOAD_BALANCERS,
            route_table_id=route_table_id,
            security_list_ids=[security_list_id],
            freeform_tags=self._scope.tags,
            opts=self._child,
        )
        return subnet.id


def _cidrs(spec: NetworkSettings) -> Mapping[SubnetRole, str]:
    return {
        SubnetRole.API_ENDPOINT: spec.api_endpoint_cidr,
        SubnetRole.LOAD_BALANCERS: spec.load_balancers_cidr,
        SubnetRole.NODES: spec.nodes_cidr,
        SubnetRole.DATABASES: spec.databases_cidr,
        SubnetRole.PODS: spec.pods_cidr,
    }


def _route(
    gateway_id: pulumi.Output[str], destination: str, reason: str
) -> oci.core.RouteTableRouteRuleArgs:
    return oci.core.RouteTableRouteRuleArgs(
        network_entity_id=gateway_id,
        destination=destination,
        destination_type="CIDR_BLOCK",
        description=reason,
    )


def _region_services() -> _RegionServices:
    """The entry that stands for all of the region's services; each region has one of its own."""
    found = ask(
        "which services the region has",
        lambda: oci.core.get_services(
            filters=[
                oci.core.GetServicesFilterArgs(
                    name="name", values=["All .* Services In Oracle Services Network"], regex=True
                )
            ]
        ),
    )
    if not found.services:
        raise pulumi.RunError("the region offers no service gateway for all of its services")
    service = found.services[0]
    return _RegionServices(service.id, service.cidr_block)
