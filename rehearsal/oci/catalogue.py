"""Every resource type that the simulated OCI has: to add one, write its class and its line."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.oci.compute import ComputeCapacityReservation
from rehearsal.oci.container_engine import Addon, Cluster
from rehearsal.oci.defaults import DefaultRouteTable, DefaultSecurityList
from rehearsal.oci.identity import DynamicGroup, Policy
from rehearsal.oci.kms import Key, Vault
from rehearsal.oci.logs import Log, LogGroup, UnifiedAgentConfiguration
from rehearsal.oci.model import ResourceType
from rehearsal.oci.network import Subnet, Vcn
from rehearsal.oci.node_pool import NodePool
from rehearsal.oci.routing import InternetGateway, NatGateway, RouteTable, ServiceGateway
from rehearsal.oci.security_groups import NetworkSecurityGroup, NetworkSecurityGroupSecurityRule
from rehearsal.oci.security_lists import SecurityList

TYPES: Mapping[str, ResourceType] = {
    kind.token: kind
    for kind in (
        Addon(),
        Cluster(),
        ComputeCapacityReservation(),
        DefaultRouteTable(),
        DefaultSecurityList(),
        DynamicGroup(),
        InternetGateway(),
        Key(),
        Log(),
        LogGroup(),
        NatGateway(),
        NetworkSecurityGroup(),
        NetworkSecurityGroupSecurityRule(),
        NodePool(),
        Policy(),
        RouteTable(),
        SecurityList(),
        ServiceGateway(),
        Subnet(),
        UnifiedAgentConfiguration(),
        Vault(),
        Vcn(),
    )
}
