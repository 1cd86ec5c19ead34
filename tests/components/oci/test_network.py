"""The network: five subnets, one of them public, and no way in but by a rule."""

from __future__ import annotations

from tests.components.conftest import SERVICES_LABEL, Recording

SUBNET = "oci:Core/subnet:Subnet"
ROUTES = "oci:Core/routeTable:RouteTable"


def test_subnets_are_the_stack_files(recording: Recording) -> None:
    assert {
        s.name.partition("subnet-")[2]: s.inputs["cidrBlock"] for s in recording.of_type(SUBNET)
    } == {
        "api-endpoint": "10.0.0.0/28",
        "load-balancers": "10.0.2.0/24",
        "nodes": "10.0.4.0/24",
        "databases": "10.0.6.0/24",
        "pods": "10.0.128.0/17",
    }


def test_only_load_balancers_have_public_addresses(recording: Recording) -> None:
    public = [s.name for s in recording.of_type(SUBNET) if not s.inputs["prohibitPublicIpOnVnic"]]
    assert public == ["oci-network-subnet-load-balancers"]


def test_only_load_balancers_are_routed_to_the_internet_gateway(recording: Recording) -> None:
    tables = {
        table.name
        for table in recording.of_type(ROUTES)
        for rule in table.inputs["routeRules"]
        if rule["networkEntityId"] == "oci-network-internet-gateway-id"
    }
    assert tables == {"oci-network-routes-public"}
    users = [
        subnet.name
        for subnet in recording.of_type(SUBNET)
        if subnet.inputs["routeTableId"] == "oci-network-routes-public-id"
    ]
    assert users == ["oci-network-subnet-load-balancers"]


def test_databases_reach_nothing_but_the_regions_services(recording: Recording) -> None:
    subnet = recording.named("oci-network-subnet-databases")
    assert subnet.inputs["routeTableId"] == "oci-network-routes-isolated-id"
    (rule,) = recording.named("oci-network-routes-isolated").inputs["routeRules"]
    assert rule["destination"] == SERVICES_LABEL
    assert rule["destinationType"] == "SERVICE_CIDR_BLOCK"


def test_default_security_list_is_empty_and_every_other_subnets(recording: Recording) -> None:
    (closed,) = recording.of_type("oci:Core/defaultSecurityList:DefaultSecurityList")
    assert closed.inputs["manageDefaultResourceId"] == "default-security-list-id"
    assert closed.inputs["ingressSecurityRules"] == []
    assert closed.inputs["egressSecurityRules"] == []
    for subnet in recording.of_type(SUBNET):
        if not subnet.name.endswith("api-endpoint"):
            assert subnet.inputs["securityListIds"] == [f"{closed.name}-id"], subnet.name


def test_a_bastion_gets_out_to_the_api_and_nothing_gets_in_by_its_list(
    recording: Recording,
) -> None:
    bastion = recording.one("oci:Core/securityList:SecurityList")
    endpoint = recording.named("oci-network-subnet-api-endpoint")
    assert endpoint.inputs["securityListIds"] == [f"{bastion.name}-id"]
    assert bastion.inputs["ingressSecurityRules"] == []
    (rule,) = bastion.inputs["egressSecurityRules"]
    assert rule.pop("description")
    assert rule == {
        "protocol": "6",
        "destination": endpoint.inputs["cidrBlock"],
        "destinationType": "CIDR_BLOCK",
        "stateless": False,
        "tcpOptions": {"min": 6443, "max": 6443},
    }


def test_the_api_lets_the_bastion_in(recording: Recording) -> None:
    rule = recording.named("oci-network-nsg-api-endpoint-ingress-bastion-tcp-6443").inputs
    assert rule["networkSecurityGroupId"] == "oci-network-nsg-api-endpoint-id"
    assert (rule["source"], rule["sourceType"]) == ("10.0.0.0/28", "CIDR_BLOCK")


def test_every_route_says_why(recording: Recording) -> None:
    rules = [rule for table in recording.of_type(ROUTES) for rule in table.inputs["routeRules"]]
    assert all(rule["description"] for rule in rules)


def test_subnets_can_be_resolved(recording: Recording) -> None:
    labels = [subnet.inputs["dnsLabel"] for subnet in recording.of_type(SUBNET)]
    assert len(set(labels)) == len(labels)
    assert all(label.isalnum() and len(label) <= 15 for label in labels)
