"""Nothing in, nothing out, but for openings that say why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from components.ground.network_policies import REASON_ANNOTATION
from tests.components.conftest import Recording
from tests.components.ground.conftest import PRIVATE

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"


@pytest.fixture(scope="module")
def policies(recording: Recording) -> Mapping[str, Mapping[str, Any]]:
    return {made.inputs["metadata"]["name"]: made.inputs for made in recording.of_type(POLICY)}


def test_openings(policies: Mapping[str, Mapping[str, Any]]) -> None:
    assert set(policies) == {"default-deny", "dns", "from-edge", "internet", "same-namespace"}


def test_everything_is_in_the_namespace(policies: Mapping[str, Mapping[str, Any]]) -> None:
    assert {policy["metadata"]["namespace"] for policy in policies.values()} == {"openedx"}


def test_all_pods_are_closed_both_ways(policies: Mapping[str, Mapping[str, Any]]) -> None:
    spec = policies["default-deny"]["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_every_opening_says_why(policies: Mapping[str, Mapping[str, Any]]) -> None:
    for name, policy in policies.items():
        if name != "default-deny":
            assert policy["metadata"]["annotations"][REASON_ANNOTATION], name


def test_internet_is_not_the_inside_nor_the_metadata_service(
    policies: Mapping[str, Mapping[str, Any]],
) -> None:
    spec = policies["internet"]["spec"]
    (rule,) = spec["egress"]
    (peer,) = rule["to"]
    assert peer["ipBlock"] == {"cidr": "0.0.0.0/0", "except": [*PRIVATE, "169.254.0.0/16"]}
    assert [port["port"] for port in rule["ports"]] == [443, 465, 587]
    assert "ingress" not in spec


def test_nothing_comes_in_from_the_internet(policies: Mapping[str, Mapping[str, Any]]) -> None:
    for policy in policies.values():
        for rule in policy["spec"].get("ingress", ()):
            assert rule["from"]
            assert not [peer for peer in rule["from"] if "ipBlock" in peer]


def test_the_edge_reaches_caddy_only(policies: Mapping[str, Mapping[str, Any]]) -> None:
    spec = policies["from-edge"]["spec"]
    assert spec["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "caddy"}}
    (rule,) = spec["ingress"]
    assert [port["port"] for port in rule["ports"]] == [80]
    assert "egress" not in spec


def test_names_are_asked_of_kube_dns(policies: Mapping[str, Mapping[str, Any]]) -> None:
    (rule,) = policies["dns"]["spec"]["egress"]
    (peer,) = rule["to"]
    # In one peer: a pod of that label in that namespace, not either.
    assert set(peer) == {"namespaceSelector", "podSelector"}
    assert {(port["protocol"], port["port"]) for port in rule["ports"]} == {
        ("UDP", 53),
        ("TCP", 53),
    }


def test_policies_name_the_direction_they_open(
    policies: Mapping[str, Mapping[str, Any]],
) -> None:
    for name, policy in policies.items():
        spec = policy["spec"]
        if name != "default-deny":
            said = {kind for kind in ("Ingress", "Egress") if kind.lower() in spec}
            assert set(spec["policyTypes"]) == said, name
