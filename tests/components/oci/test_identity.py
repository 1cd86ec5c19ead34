"""Rights: in the home region, to OKE and its nodes, for one compartment and one key."""

from __future__ import annotations

import pytest

from components.oci import statements
from components.oci.statements import Statement
from tests.components.conftest import Recording
from tests.components.oci.conftest import cloud

POLICY = "oci:Identity/policy:Policy"
GROUP = "oci:Identity/dynamicGroup:DynamicGroup"

ALL: tuple[Statement, ...] = (
    *statements.for_key("ocid1.compartment", "ocid1.key"),
    *statements.for_capacity_reservations(),
    *statements.for_pod_networking("ocid1.compartment"),
    *statements.for_log_agents("ocid1.compartment", "nodes"),
)


@pytest.mark.parametrize("statement", ALL, ids=lambda statement: statement.reason)
def test_no_statement_gives_more_than_use(statement: Statement) -> None:
    words = statement.text.split()
    assert words[0] == "Allow"
    assert " to use " in statement.text
    assert "all-resources" not in statement.text


@pytest.mark.parametrize("statement", ALL, ids=lambda statement: statement.reason)
def test_whoever_is_anybody_is_a_cluster_or_a_node_pool(statement: Statement) -> None:
    if "any-user" in statement.text:
        assert "request.principal.type = 'cluster'" in statement.text or (
            "request.principal.type = 'nodepool'" in statement.text
        )


def test_key_statements_are_for_that_key_only() -> None:
    for statement in statements.for_key("ocid1.compartment", "ocid1.key"):
        assert "target.key.id = 'ocid1.key'" in statement.text


def test_identity_is_written_in_the_home_region() -> None:
    stack = {
        "provider": "oci",
        "region": "me-jeddah-1",
        "residency": ["me-jeddah-1"],
        "compartment_id": "ocid1.compartment.oc1..aaaa",
        "tenancy_id": "ocid1.tenancy.oc1..aaaa",
        "home_region": "eu-frankfurt-1",
    }
    recording = cloud(cloud=stack)
    home = recording.named("oci-home-region")
    assert home.inputs["region"] == "eu-frankfurt-1"
    identity = [*recording.of_type(POLICY), *recording.of_type(GROUP)]
    assert identity
    assert {resource.provider for resource in identity} == {"oci-home-region"}
    others = {
        resource.provider
        for resource in recording.resources
        if resource.type.startswith("oci:") and resource not in identity
    }
    assert "oci-home-region" not in others


def test_dynamic_group_is_in_the_root_compartment_and_of_one_compartment(
    recording: Recording,
) -> None:
    group = recording.one(GROUP).inputs
    assert group["compartmentId"].startswith("ocid1.tenancy.")
    assert "instance.compartment.id = 'ocid1.compartment." in group["matchingRule"]


def test_every_statement_is_in_a_policy(recording: Recording) -> None:
    made = [text for policy in recording.of_type(POLICY) for text in policy.inputs["statements"]]
    assert len(made) == len(ALL)
    assert any("target.key.id = 'oci-keys-key-id'" in text for text in made)


def test_in_tenancy_is_only_said_in_the_root_compartment(recording: Recording) -> None:
    for policy in recording.of_type(POLICY):
        everywhere = any(" in tenancy" in text for text in policy.inputs["statements"])
        assert policy.inputs["compartmentId"].startswith("ocid1.tenancy.") is everywhere
