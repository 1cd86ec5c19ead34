"""Gateways and route tables."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.oci.facts.regions import REGIONS
from rehearsal.standin.provider import CloudError, State
from tests.rehearsal.oci.cloud import ALL_SERVICES, COMPARTMENT, Cloud

INTERNET = "oci:Core/internetGateway:InternetGateway"
NAT = "oci:Core/natGateway:NatGateway"
SERVICE = "oci:Core/serviceGateway:ServiceGateway"
ROUTE_TABLE = "oci:Core/routeTable:RouteTable"


async def gateway(cloud: Cloud, token: str, name: str, /, **inputs: Any) -> State:
    if token == SERVICE:
        inputs.setdefault("services", [{"serviceId": ALL_SERVICES.id}])
    return await cloud.create(
        token, name, compartmentId=COMPARTMENT, vcnId=cloud.id("vcn"), **inputs
    )


async def table(cloud: Cloud, *rules: dict[str, Any]) -> State:
    return await cloud.create(
        ROUTE_TABLE,
        "table",
        compartmentId=COMPARTMENT,
        vcnId=cloud.id("vcn"),
        routeRules=list(rules),
    )


def to(gateway_id: str, destination: str = "0.0.0.0/0", kind: str = "CIDR_BLOCK") -> dict[str, Any]:
    return {"networkEntityId": gateway_id, "destination": destination, "destinationType": kind}


def to_services(gateway_id: str) -> dict[str, Any]:
    return to(gateway_id, ALL_SERVICES.cidr_block, "SERVICE_CIDR_BLOCK")


@pytest.mark.parametrize("token", [INTERNET, NAT, SERVICE])
async def test_a_vcn_has_one_gateway_of_a_kind(wired: Cloud, token: str) -> None:
    await gateway(wired, token, "first")
    with pytest.raises(CloudError, match="400-LimitExceeded"):
        await gateway(wired, token, "second")


@pytest.mark.parametrize("token", [INTERNET, NAT, SERVICE])
async def test_a_gateway_keeps_its_vcn(wired: Cloud, token: str) -> None:
    await gateway(wired, token, "gateway")
    for name in ("endpoint", "nodes", "pods", "lb", "group"):
        await wired.delete(name)
    with pytest.raises(CloudError, match=r"409-IncorrectState.*associated with Gateway"):
        await wired.delete("vcn")


async def test_private_routes(wired: Cloud) -> None:
    nat = await gateway(wired, NAT, "nat")
    services = await gateway(wired, SERVICE, "services")
    assert services.outputs["services"] == [
        {"serviceId": ALL_SERVICES.id, "serviceName": ALL_SERVICES.name}
    ]
    made = await table(wired, to(nat.id), to_services(services.id))
    rules: Any = made.outputs["routeRules"]
    assert [it["networkEntityId"] for it in rules] == [nat.id, services.id]


async def test_a_service_gateway_takes_one_service_of_its_region(wired: Cloud) -> None:
    elsewhere = REGIONS["me-riyadh-1"].services[1].id
    with pytest.raises(CloudError, match="404"):
        await gateway(wired, SERVICE, "services", services=[{"serviceId": elsewhere}])
    both = [{"serviceId": it.id} for it in REGIONS["me-jeddah-1"].services]
    with pytest.raises(CloudError, match="one service CIDR label"):
        await gateway(wired, SERVICE, "services", services=both)


async def test_routes_are_refused(wired: Cloud) -> None:
    internet = await gateway(wired, INTERNET, "internet")
    services = await gateway(wired, SERVICE, "services")
    for rules, words in (
        ([to("ocid1.natgateway.oc1..none")], "404"),
        ([to(wired.id("nodes"))], "is not a gateway of VCN"),
        ([to(internet.id, "anywhere")], "not a CIDR"),
        ([to(internet.id), to(internet.id)], "Two route rules"),
        ([to(services.id)], "SERVICE_CIDR_BLOCK"),
        ([to(services.id, "oci-jed-objectstorage", "SERVICE_CIDR_BLOCK")], "does not lead to"),
        ([to(internet.id), to_services(services.id)], "beside one for an internet gateway"),
    ):
        with pytest.raises(CloudError, match=words):
            await table(wired, *rules)
    assert wired.live(ROUTE_TABLE) == []


async def test_what_is_routed_to_and_what_is_used_stays(wired: Cloud) -> None:
    nat = await gateway(wired, NAT, "nat")
    made = await table(wired, to(nat.id))
    await wired.update("nodes", routeTableId=made.id)
    with pytest.raises(CloudError, match="409-Conflict"):
        await wired.delete("nat")
    with pytest.raises(CloudError, match="409-Conflict"):
        await wired.delete("table")
    await wired.update("table", routeRules=[])
    await wired.delete("nat")


async def test_the_default_security_list_is_taken_over_and_given_back(wired: Cloud) -> None:
    vcn = await wired.read("vcn")
    assert vcn is not None
    listed = vcn.outputs["defaultSecurityListId"]
    taken = await wired.create(
        "oci:Core/defaultSecurityList:DefaultSecurityList",
        "closed",
        manageDefaultResourceId=listed,
        ingressSecurityRules=[],
        egressSecurityRules=[],
    )
    assert taken.id == listed
    assert taken.outputs["ingressSecurityRules"] == []
    await wired.delete("closed")
    (given_back,) = [it for it in wired.live() if it.id == listed]
    assert given_back.properties["egressSecurityRules"] != []


async def test_the_default_route_table_takes_routes_of_its_vcn(wired: Cloud) -> None:
    vcn = await wired.read("vcn")
    nat = await gateway(wired, NAT, "nat")
    assert vcn is not None
    made = await wired.create(
        "oci:Core/defaultRouteTable:DefaultRouteTable",
        "default",
        manageDefaultResourceId=vcn.outputs["defaultRouteTableId"],
        routeRules=[to(nat.id)],
    )
    rules: Any = made.outputs["routeRules"]
    assert [it["networkEntityId"] for it in rules] == [nat.id]
    await wired.update("default", routeRules=[])
    await wired.delete("nat")
