"""The table of rules, and the groups made from it."""

from __future__ import annotations

import pytest

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
from tests.components.conftest import SERVICES_LABEL, Recording

TYPE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"


def from_internet() -> list[Rule]:
    return [r for r in RULES if r.direction is Direction.INGRESS and r.peer is Peer.INTERNET]


def covers(traffic: Traffic, port: int) -> bool:
    if traffic.protocol == "all":
        return True
    if traffic.protocol != "6":
        return False
    if traffic.first_port is None or traffic.last_port is None:
        return True
    return traffic.first_port <= port <= traffic.last_port


def test_every_rule_is_there_once() -> None:
    keys = [rule.key for rule in RULES]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_every_rule_says_why_in_oci_s_length(rule: Rule) -> None:
    assert 10 <= len(rule.reason) <= 255


def test_only_load_balancers_take_connections_from_the_internet() -> None:
    connections = [r for r in from_internet() if r.traffic is not PATH_DISCOVERY]
    assert {r.group for r in connections} == {Group.LOAD_BALANCERS}
    assert {r.traffic.first_port for r in connections} == {80, 443}


@pytest.mark.parametrize("port", [22, 3389])
def test_no_rule_opens_remote_login(port: int) -> None:
    outside = [r for r in RULES if r.direction is Direction.INGRESS and isinstance(r.peer, Peer)]
    assert not [r.key for r in outside if covers(r.traffic, port)]


def test_the_api_is_reached_by_nodes_pods_and_bastions_only() -> None:
    peers = {
        rule.peer
        for rule in RULES
        if rule.group is Group.API_ENDPOINT
        and rule.direction is Direction.INGRESS
        and covers(rule.traffic, 6443)
    }
    assert peers == {Group.NODES, Group.PODS, Peer.BASTION}


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if isinstance(rule.peer, Group)], ids=lambda rule: rule.key
)
def test_the_other_end_agrees(rule: Rule) -> None:
    """A packet needs egress at one end and ingress at the other."""
    assert [
        other.key
        for other in RULES
        if other.group is rule.peer
        and other.direction is not rule.direction
        and other.peer in (rule.group, Peer.INTERNET)
        and other.traffic == rule.traffic
    ]


def test_rules_are_registered_as_the_table_has_them(recording: Recording) -> None:
    made = recording.of_type(TYPE)
    assert sorted(r.inputs["description"] for r in made) == sorted(r.reason for r in RULES)
    assert {r.name.removeprefix("oci-network-nsg-") for r in made} == {r.key for r in RULES}
    assert not [r.name for r in made if r.inputs["stateless"]]


def test_ends_of_registered_rules(recording: Recording) -> None:
    prefix = "oci-network-nsg-"
    inwards = recording.named(f"{prefix}nodes-ingress-load-balancers-tcp-30000-32767").inputs
    assert inwards["direction"] == "INGRESS"
    assert inwards["sourceType"] == "NETWORK_SECURITY_GROUP"
    assert inwards["source"] == f"{prefix}load-balancers-id"
    assert "destination" not in inwards
    assert inwards["tcpOptions"] == {"destinationPortRange": {"min": 30000, "max": 32767}}

    services = recording.named(f"{prefix}nodes-egress-services-tcp").inputs
    assert (services["destinationType"], services["destination"]) == (
        "SERVICE_CIDR_BLOCK",
        SERVICES_LABEL,
    )
    assert "tcpOptions" not in services

    discovery = recording.named(f"{prefix}nodes-ingress-internet-path-discovery").inputs
    assert discovery["source"] == ANYWHERE
    assert discovery["icmpOptions"] == {"type": 3, "code": 4}
