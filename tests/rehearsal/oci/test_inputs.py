"""Inputs are checked against the SDK: names, required properties, types, enumerations."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.standin.provider import CloudError, Resource
from rehearsal.standin.values import UNKNOWN
from tests.rehearsal.oci.cloud import COMPARTMENT, Cloud

VCN = "oci:Core/vcn:Vcn"
CLUSTER = "oci:ContainerEngine/cluster:Cluster"


async def refusals(cloud: Cloud, token: str, **inputs: Any) -> dict[str, str]:
    return {it.property: it.reason for it in await cloud.check(token, inputs)}


async def test_good_inputs_pass(cloud: Cloud) -> None:
    assert not await refusals(cloud, VCN, compartmentId=COMPARTMENT, cidrBlocks=["10.0.0.0/16"])


async def test_an_unknown_name_is_answered_with_the_nearest_one(cloud: Cloud) -> None:
    found = await refusals(cloud, VCN, compartmentId=COMPARTMENT, cidrBloks=["10.0.0.0/16"])
    assert found == {"cidrBloks": "there is no property cidrBloks; did you mean cidrBlocks?"}


async def test_a_python_name_is_answered_with_the_wire_name(cloud: Cloud) -> None:
    found = await refusals(cloud, VCN, compartmentId=COMPARTMENT, dns_label="test")
    assert "did you mean dnsLabel?" in found["dns_label"]


async def test_a_missing_property_is_named(cloud: Cloud) -> None:
    assert "required" in (await refusals(cloud, VCN))["compartmentId"]


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("displayName", 5, "a string"),
        ("displayName", True, "a string"),
        ("isIpv6enabled", "true", "a boolean"),
        ("cidrBlocks", "10.0.0.0/16", "a list"),
        ("freeformTags", ["a"], "a map"),
    ],
)
async def test_a_wrong_type_is_refused(cloud: Cloud, name: str, value: object, kind: str) -> None:
    found = await refusals(cloud, VCN, compartmentId=COMPARTMENT, **{name: value})
    assert found == {name: f"expected {kind}, got {value!r}"}


async def test_nested_inputs_are_checked_with_their_path(cloud: Cloud) -> None:
    found = await refusals(
        cloud,
        "oci:ContainerEngine/nodePool:NodePool",
        compartmentId=COMPARTMENT,
        clusterId="c",
        nodeShape="s",
        nodeConfigDetails={
            "size": "five",
            "placementConfigs": [{"availabilityDomain": "a", "faultDomain": "b"}],
        },
    )
    assert set(found) == {
        "nodeConfigDetails.size",
        "nodeConfigDetails.placementConfigs[0].faultDomain",
        "nodeConfigDetails.placementConfigs[0].subnetId",
    }


async def test_what_is_unknown_yet_passes(cloud: Cloud) -> None:
    assert not await refusals(cloud, VCN, compartmentId=UNKNOWN, cidrBlocks=[UNKNOWN])


async def test_an_enumeration_lists_what_there_is(cloud: Cloud) -> None:
    found = await refusals(
        cloud,
        CLUSTER,
        compartmentId=COMPARTMENT,
        kubernetesVersion="v1.34.1",
        vcnId="v",
        type="ENHANCED",
        clusterPodNetworkOptions=[{"cniType": "CALICO"}],
    )
    assert "BASIC_CLUSTER, ENHANCED_CLUSTER" in found["type"]
    assert "OCI_VCN_IP_NATIVE" in found["clusterPodNetworkOptions[0].cniType"]


async def test_the_name_is_made_up_where_pulumi_oci_does(cloud: Cloud) -> None:
    resource = Resource(urn="urn:access", type="oci:Identity/policy:Policy", name="access")
    inputs = {"compartmentId": COMPARTMENT, "description": "d", "statements": ["s"]}
    first = await cloud.provider.check(resource, None, inputs)
    again = await cloud.provider.check(resource, first.inputs, inputs)
    assert str(first.inputs["name"]).startswith("access-")
    assert again.inputs["name"] == first.inputs["name"]


async def test_an_unknown_type_is_refused_with_those_there_are(cloud: Cloud) -> None:
    with pytest.raises(CloudError, match="no resource type oci:Core/volume:Volume"):
        await cloud.check("oci:Core/volume:Volume", {})
