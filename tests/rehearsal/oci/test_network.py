"""VCNs and subnets: ranges, labels, what belongs together, what is in use."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.standin.provider import CloudError, PartialFailure, State
from tests.rehearsal.oci.cloud import COMPARTMENT, DOMAIN, Cloud

VCN = "oci:Core/vcn:Vcn"
SUBNET = "oci:Core/subnet:Subnet"


async def vcn(cloud: Cloud, name: str = "vcn", **changes: Any) -> State:
    inputs = {"compartmentId": COMPARTMENT, "cidrBlocks": ["10.0.0.0/16"], "dnsLabel": "test"}
    return await cloud.create(VCN, name, **{**inputs, **changes})


async def subnet(cloud: Cloud, name: str = "subnet", **changes: Any) -> State:
    inputs = {"compartmentId": COMPARTMENT, "vcnId": cloud.id("vcn"), "cidrBlock": "10.0.4.0/24"}
    return await cloud.create(SUBNET, name, **{**inputs, **changes})


async def test_a_vcn_brings_its_defaults(cloud: Cloud) -> None:
    made = await vcn(cloud)
    assert made.id.startswith("ocid1.vcn.oc1.me-jeddah-1.")
    assert made.outputs["vcnDomainName"] == "test.oraclevcn.com"
    owned = {it.id for it in cloud.live() if it.owner == made.id}
    assert owned == {
        made.outputs[name]
        for name in ("defaultSecurityListId", "defaultRouteTableId", "defaultDhcpOptionsId")
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cidrBlocks": ["10.0.0.0/8"]}, "10.0.0.0/8 is invalid"),
        ({"cidrBlocks": ["10.0.0.1/16"]}, "10.0.0.1/16 is invalid"),
        ({"cidrBlocks": ["10.0.0.0/16", "10.0.1.0/24"]}, "overlaps"),
        ({"cidrBlocks": []}, "Exactly one of cidrBlock and cidrBlocks"),
        ({"cidrBlock": "10.0.0.0/16"}, "Exactly one of cidrBlock and cidrBlocks"),
        ({"cidrBlocks": [f"10.{it}.0.0/16" for it in range(6)]}, "LimitExceeded"),
        ({"dnsLabel": "with-hyphen"}, "dnsLabel"),
        ({"dnsLabel": "sixteencharacter"}, "dnsLabel"),
        ({"compartmentId": "my-compartment"}, "compartmentId"),
    ],
)
async def test_a_vcn_is_refused(cloud: Cloud, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CloudError, match=words) as refused:
        await vcn(cloud, **changes)
    assert str(refused.value).startswith("400-")
    assert cloud.live() == []


async def test_a_subnet_takes_the_vcns_defaults(cloud: Cloud) -> None:
    made = await vcn(cloud)
    found = await subnet(cloud, dnsLabel="nodes", prohibitPublicIpOnVnic=True)
    assert found.outputs["routeTableId"] == made.outputs["defaultRouteTableId"]
    assert found.outputs["securityListIds"] == [made.outputs["defaultSecurityListId"]]
    assert found.outputs["subnetDomainName"] == "nodes.test.oraclevcn.com"
    assert found.outputs["virtualRouterIp"] == "10.0.4.1"
    assert found.outputs["prohibitInternetIngress"] is True


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cidrBlock": "10.1.0.0/24"}, "not within the CIDR blocks 10.0.0.0/16"),
        ({"cidrBlock": "10.0.0.0/25"}, r"subnet ocid1.subnet.* with CIDR 10.0.0.0/24 overlaps"),
        ({"dnsLabel": "taken"}, "already in use"),
        ({"availabilityDomain": "AD-9"}, "AD-9 does not exist"),
        ({"vcnId": "ocid1.vcn.oc1..none"}, "404-NotAuthorizedOrNotFound"),
        ({"routeTableId": "ocid1.routetable.oc1..none"}, "404-NotAuthorizedOrNotFound"),
        ({"securityListIds": ["ocid1.securitylist.oc1..none"]}, "404-NotAuthorizedOrNotFound"),
    ],
)
async def test_a_subnet_is_refused(cloud: Cloud, changes: dict[str, Any], words: str) -> None:
    await vcn(cloud)
    await subnet(cloud, "first", cidrBlock="10.0.0.0/24", dnsLabel="taken")
    with pytest.raises(CloudError, match=words):
        await subnet(cloud, "second", **changes)
    assert len(cloud.live(SUBNET)) == 1


async def test_what_a_subnet_is_attached_to_must_be_of_its_vcn(cloud: Cloud) -> None:
    await vcn(cloud)
    other = await vcn(cloud, "other")
    with pytest.raises(CloudError, match="does not belong to VCN"):
        await subnet(cloud, routeTableId=other.outputs["defaultRouteTableId"])


async def test_a_label_needs_a_labelled_vcn(cloud: Cloud) -> None:
    await vcn(cloud, dnsLabel=None)
    with pytest.raises(CloudError, match="needs a VCN with a dnsLabel"):
        await subnet(cloud, dnsLabel="nodes")


async def test_a_subnet_may_be_in_one_availability_domain(cloud: Cloud) -> None:
    await vcn(cloud)
    assert (await subnet(cloud, availabilityDomain=DOMAIN)).outputs["availabilityDomain"] == DOMAIN


async def test_a_vcn_with_a_subnet_is_not_deleted(cloud: Cloud) -> None:
    await vcn(cloud)
    inside = await subnet(cloud)
    with pytest.raises(CloudError) as refused:
        await cloud.delete("vcn")
    assert str(refused.value).startswith("409-Conflict")
    assert f"references the Subnet {inside.id}" in str(refused.value)
    assert await cloud.read("vcn") is not None


async def test_a_vcn_keeps_the_range_that_a_subnet_lies_in(cloud: Cloud) -> None:
    await vcn(cloud, cidrBlocks=["10.0.0.0/16", "10.1.0.0/16"])
    await subnet(cloud)
    assert (await cloud.update("vcn", cidrBlocks=["10.0.0.0/16"])).outputs["cidrBlocks"] == [
        "10.0.0.0/16"
    ]
    with pytest.raises(PartialFailure, match="references the Subnet"):
        await cloud.update("vcn", cidrBlocks=["10.2.0.0/16"])


async def test_an_emptied_vcn_goes_with_its_defaults(cloud: Cloud) -> None:
    await vcn(cloud)
    await subnet(cloud)
    await cloud.delete("subnet")
    await cloud.delete("vcn")
    assert cloud.live() == []


async def test_deleting_what_is_gone_succeeds(cloud: Cloud) -> None:
    await vcn(cloud)
    made = cloud.made["vcn"]
    await cloud.delete("vcn")
    cloud.made["vcn"] = made
    assert await cloud.read("vcn") is None
    await cloud.delete("vcn")


async def test_a_resource_lives_in_the_region_of_its_provider(cloud: Cloud) -> None:
    made = await vcn(cloud)
    elsewhere = await Cloud.at(cloud.paths.directory, "me-riyadh-1")
    elsewhere.made["vcn"] = cloud.made["vcn"]
    assert await elsewhere.read("vcn") is None
    with pytest.raises(CloudError, match="404-NotAuthorizedOrNotFound"):
        await subnet(elsewhere)
    await elsewhere.delete("vcn")
    assert [it.id for it in cloud.live(VCN)] == [made.id]
