"""Gateways and route tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rehearsal.cloud.store import Record
from rehearsal.oci import cidr, errors
from rehearsal.oci.facts.durations import NETWORK
from rehearsal.oci.inputs import Enumerations
from rehearsal.oci.model import Call, ResourceType, Values, in_use
from rehearsal.oci.network import references
from rehearsal.oci.tokens import (
    DEFAULT_ROUTE_TABLE,
    GATEWAYS,
    INTERNET_GATEWAY,
    NAT_GATEWAY,
    ROUTE_TABLE,
    SERVICE_GATEWAY,
    SUBNET,
    VCN,
)

#: Public addresses of the simulated NAT gateways (RFC 5737, for documentation).
_NAT_NETWORK = "203.0.113"


class _Gateway(ResourceType):
    """One of its kind at most in a VCN (a service limit)."""

    durations = NETWORK
    limit: str

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Attach it to the VCN."""
        vcn = call.need(inputs["vcnId"], VCN)
        if call.transaction.referring_to(vcn.id, type_token=self.token):
            raise errors.limit_exceeded(self.limit, call.type)
        if inputs.get("routeTableId") is not None:
            call.need(inputs["routeTableId"], ROUTE_TABLE)
        return {
            "displayName": inputs.get("displayName") or f"{self.ocid_kind}{identity[-8:]}",
            "routeTableId": inputs.get("routeTableId") or "",
        }

    def delete(self, call: Call, record: Record) -> None:
        """Refused while a route leads to it."""
        table = in_use(call, record.id, ROUTE_TABLE, DEFAULT_ROUTE_TABLE)
        if table is not None:
            raise references(call, table, record)


class InternetGateway(_Gateway):
    """The way in and out for public addresses."""

    token = INTERNET_GATEWAY
    sdk_class = "core.InternetGateway"
    ocid_kind = "internetgateway"
    limit = "internet-gateway-count"

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Attach it; enabled unless told otherwise."""
        return {
            "enabled": True,
            **super().create(call, identity, inputs),
            **_only(inputs, "enabled"),
        }


class NatGateway(_Gateway):
    """The way out for private addresses."""

    token = NAT_GATEWAY
    sdk_class = "core.NatGateway"
    ocid_kind = "natgateway"
    limit = "nat-gateway-count"

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Attach it with a public address, a reserved one if given."""
        if inputs.get("publicIpId") is not None:
            call.need(inputs["publicIpId"])
        return {
            "blockTraffic": False,
            "natIp": f"{_NAT_NETWORK}.{call.transaction.next_sequence() % 254 + 1}",
            "publicIpId": call.new_ocid("publicip"),
            **super().create(call, identity, inputs),
            **_only(inputs, "blockTraffic", "publicIpId"),
        }


class ServiceGateway(_Gateway):
    """The way to Oracle's services without leaving Oracle's network."""

    token = SERVICE_GATEWAY
    sdk_class = "core.ServiceGateway"
    ocid_kind = "servicegateway"
    limit = "service-gateway-count"
    sets = ("services",)

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Attach it for the given services."""
        made = super().create(call, identity, inputs)
        return {"blockTraffic": False, "services": _services(call, inputs), **made}

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Change the services."""
        return {"services": _services(call, inputs)}


class RouteTable(ResourceType):
    """Routes of the subnets that name the table."""

    token = ROUTE_TABLE
    sdk_class = "core.RouteTable"
    ocid_kind = "routetable"
    durations = NETWORK
    sets = ("routeRules",)
    enumerations: ClassVar[Enumerations] = {
        "routeRules.destinationType": ("CIDR_BLOCK", "SERVICE_CIDR_BLOCK")
    }

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Check every route against the VCN's gateways."""
        vcn = call.need(inputs["vcnId"], VCN)
        return {
            "displayName": inputs.get("displayName") or f"routetable{identity[-8:]}",
            "routeRules": check_rules(call, vcn, inputs.get("routeRules") or []),
        }

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Change the routes."""
        vcn = call.need(inputs["vcnId"], VCN)
        return {"routeRules": check_rules(call, vcn, inputs.get("routeRules") or [])}

    def delete(self, call: Call, record: Record) -> None:
        """Refused while a subnet uses it."""
        user = in_use(call, record.id, SUBNET, *GATEWAYS)
        if user is not None:
            raise references(call, record, user)


def check_rules(call: Call, vcn: Record, given: Sequence[Values]) -> list[Values]:
    """The routes as the API answers them.

    Raises:
        CloudError: a gateway that is not there or in another VCN, a destination that is none, two
            routes to one destination, or an internet gateway beside a route to all services:
            their answers would come in by the other door.
    """
    checked = [_check_rule(call, vcn, rule) for rule in given]
    destinations = [rule["destination"] for rule in checked]
    for destination in destinations:
        if destinations.count(destination) > 1:
            raise call.refuse(f"Two route rules have the destination {destination}")
    targets = {call.need(rule["networkEntityId"]).type for rule in checked}
    everything = f"all-{call.region.key.lower()}-services-in-oracle-services-network"
    if INTERNET_GATEWAY in targets and everything in destinations:
        raise call.refuse(
            f"A route table cannot have a rule for {everything} beside one for an internet gateway"
        )
    return checked


def _check_rule(call: Call, vcn: Record, rule: Values) -> Values:
    gateway = call.need(rule["networkEntityId"])
    if gateway.type not in GATEWAYS or gateway.properties["vcnId"] != vcn.id:
        raise call.refuse(f"{gateway.id} is not a gateway of VCN {vcn.id}")
    destination = rule.get("destination") or rule.get("cidrBlock")
    kind = rule.get("destinationType") or "CIDR_BLOCK"
    if kind == "SERVICE_CIDR_BLOCK":
        _check_service_route(call, gateway, destination)
    elif cidr.parse(destination) is None:
        raise call.refuse(f"The route destination {destination} is not a CIDR")
    elif gateway.type == SERVICE_GATEWAY:
        raise call.refuse(f"A route to {gateway.id} needs the destinationType SERVICE_CIDR_BLOCK")
    return {
        "description": "",
        "routeType": "",
        **rule,
        "destination": destination,
        "destinationType": kind,
    }


def _check_service_route(call: Call, gateway: Record, destination: Any) -> None:
    labels = {service.id: service.cidr_block for service in call.region.services}
    enabled = [labels[it["serviceId"]] for it in gateway.properties.get("services", [])]
    if gateway.type != SERVICE_GATEWAY or destination not in enabled:
        raise call.refuse(
            f"{gateway.id} does not lead to the service {destination}; it leads to "
            f"{', '.join(enabled) or 'none'}"
        )


def _services(call: Call, inputs: Values) -> list[Values]:
    known = {service.id: service for service in call.region.services}
    chosen = []
    for given in inputs["services"]:
        if given["serviceId"] not in known:
            raise errors.not_found(call.type)
        chosen.append(
            {"serviceId": given["serviceId"], "serviceName": known[given["serviceId"]].name}
        )
    if len(chosen) > 1:
        raise call.refuse("A service gateway is enabled for one service CIDR label at most")
    return chosen


def _only(inputs: Values, *names: str) -> Values:
    return {name: inputs[name] for name in names if inputs.get(name) is not None}
