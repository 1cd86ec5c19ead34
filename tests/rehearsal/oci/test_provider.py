"""The provider as a whole: its configuration, previews, and what it gives out."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.oci.catalogue import TYPES
from rehearsal.oci.provider import OciProvider
from rehearsal.paths import STACK_DIR_VARIABLE, StackPaths
from rehearsal.standin.provider import Change, CloudError, Prior, Resource
from rehearsal.standin.values import UNKNOWN
from tests.rehearsal.oci.cloud import (
    ALL_SERVICES,
    CLUSTER,
    COMPARTMENT,
    NODE_POOL,
    TENANCY,
    Cloud,
    cluster_inputs,
    key,
    pool_inputs,
    reservation,
)

VCN = Resource(urn="urn:vcn", type="oci:Core/vcn:Vcn", name="vcn")


async def test_the_version_is_that_of_the_sdk(cloud: Cloud) -> None:
    assert cloud.provider.package == "oci"
    assert cloud.provider.version == "5.5.0"


async def test_the_configuration_is_checked(cloud: Cloud) -> None:
    async def refused(**inputs: str) -> list[str]:
        checked = await cloud.provider.check_config({}, inputs)
        return [it.reason for it in checked.failures]

    assert not await refused(region="me-jeddah-1", tenancyOcid=TENANCY, version="5.5.0")
    (reason,) = await refused(region="me-jedda-1")
    assert "me-jeddah-1" in reason
    (reason,) = await refused(region="me-jeddah-1", tenancyocid=TENANCY)
    assert "did you mean tenancyOcid?" in reason


async def test_without_a_region_nothing_is_done(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / "test")
    with pytest.raises(CloudError, match="oci:region"):
        await cloud.provider.configure({})
    with pytest.raises(CloudError, match="oci:region"):
        await cloud.create(VCN.type, "vcn", compartmentId=COMPARTMENT, cidrBlocks=["10.0.0.0/16"])


async def test_another_sign_in_does_not_replace_the_provider(cloud: Cloud) -> None:
    found = await cloud.provider.diff_config({"region": "me-jeddah-1"}, {"region": "me-riyadh-1"})
    assert found.changes == {"region": Change.UPDATE}


async def test_a_preview_makes_nothing_and_knows_what_it_was_given(cloud: Cloud) -> None:
    state = await cloud.provider.create(
        VCN, {"compartmentId": COMPARTMENT, "cidrBlocks": UNKNOWN}, preview=True
    )
    assert state.outputs["compartmentId"] == COMPARTMENT
    assert state.outputs["cidrBlocks"] is UNKNOWN
    assert state.outputs["defaultSecurityListId"] is UNKNOWN
    assert cloud.live() == []


async def test_a_previewed_update_shows_the_new_values(cloud: Cloud) -> None:
    prior = Prior("ocid1.vcn", {"displayName": "a"}, {"displayName": "a", "state": "AVAILABLE"})
    state = await cloud.provider.update(VCN, prior, {"displayName": "b"}, preview=True)
    assert state.outputs == {"displayName": "b", "state": "AVAILABLE"}


async def test_reading_gives_back_what_was_asked_for(cloud: Cloud) -> None:
    made = await cloud.create(
        VCN.type, "vcn", compartmentId=COMPARTMENT, cidrBlocks=["10.0.0.0/16"], displayName="vcn"
    )
    found = await cloud.read("vcn")
    assert found is not None
    assert found.inputs == cloud.made["vcn"][1].inputs
    assert found.outputs == made.outputs


async def test_an_import_learns_the_inputs_from_the_cloud(cloud: Cloud) -> None:
    made = await cloud.create(
        VCN.type, "vcn", compartmentId=COMPARTMENT, cidrBlocks=["10.0.0.0/16"], displayName="vcn"
    )
    found = await cloud.provider.read(VCN, Prior(made.id, {}, {}))
    assert found is not None
    assert found.inputs["cidrBlocks"] == ["10.0.0.0/16"]
    assert "defaultSecurityListId" not in found.inputs


@pytest.fixture
async def everything(wired: Cloud, no_control_plane: None) -> Cloud:
    """One of every type."""
    made = await key(wired)
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired, kmsKeyId=made.id))
    await reservation(wired)
    await wired.create(NODE_POOL, "pool", **pool_inputs(wired))
    vcn = {"compartmentId": COMPARTMENT, "vcnId": wired.id("vcn")}
    await wired.create("oci:Core/internetGateway:InternetGateway", "internet", **vcn)
    await wired.create("oci:Core/natGateway:NatGateway", "nat", **vcn)
    await wired.create(
        "oci:Core/serviceGateway:ServiceGateway",
        "services",
        services=[{"serviceId": ALL_SERVICES.id}],
        **vcn,
    )
    await wired.create("oci:Core/routeTable:RouteTable", "routes", **vcn)
    await wired.create("oci:Core/securityList:SecurityList", "doors", **vcn)
    outputs = wired.made["vcn"][1].outputs
    await wired.create(
        "oci:Core/defaultSecurityList:DefaultSecurityList",
        "list",
        manageDefaultResourceId=outputs["defaultSecurityListId"],
    )
    await wired.create(
        "oci:Core/defaultRouteTable:DefaultRouteTable",
        "table",
        manageDefaultResourceId=outputs["defaultRouteTableId"],
    )
    await wired.create(
        "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule",
        "rule",
        networkSecurityGroupId=wired.id("group"),
        direction="EGRESS",
        protocol="all",
        destination="0.0.0.0/0",
        destinationType="CIDR_BLOCK",
    )
    await wired.create(
        "oci:ContainerEngine/addon:Addon",
        "addon",
        clusterId=wired.id("cluster"),
        addonName="CertManager",
        removeAddonResourcesOnDelete=True,
    )
    await wired.create(
        "oci:Logging/logGroup:LogGroup", "logs", compartmentId=COMPARTMENT, displayName="logs"
    )
    log = await wired.create(
        "oci:Logging/log:Log", "log", logGroupId=wired.id("logs"), displayName="l", logType="CUSTOM"
    )
    await wired.create(
        "oci:Identity/dynamicGroup:DynamicGroup",
        "members",
        compartmentId=TENANCY,
        name="nodes",
        description="nodes",
        matchingRule="ALL {instance.id = 'x'}",
    )
    await wired.create(
        "oci:Logging/unifiedAgentConfiguration:UnifiedAgentConfiguration",
        "agent",
        compartmentId=COMPARTMENT,
        displayName="agent",
        description="d",
        isEnabled=True,
        serviceConfiguration={
            "configurationType": "LOGGING",
            "sources": [{"sourceType": "LOG_TAIL", "paths": ["/x"]}],
            "destination": {"logObjectId": log.id},
        },
    )
    return wired


async def test_every_type_can_be_made(everything: Cloud) -> None:
    assert {resource.type for resource, _ in everything.made.values()} == set(TYPES)


async def test_what_the_sdk_promises_is_given_or_said_to_be_missing(everything: Cloud) -> None:
    promised = everything.provider.sdk.resources
    for resource, prior in everything.made.values():
        wanted = {name for name, given in promised[resource.type].outputs.items() if given}
        missing = wanted - set(prior.outputs) - TYPES[resource.type].unmodelled
        assert not missing, f"{resource.type}: {sorted(missing)}"


async def test_nothing_is_given_that_the_sdk_does_not_know(everything: Cloud) -> None:
    promised = everything.provider.sdk.resources
    for resource, prior in everything.made.values():
        assert set(prior.outputs) <= set(promised[resource.type].outputs), resource.type


async def test_reading_everything_again_shows_no_difference(everything: Cloud) -> None:
    for name, (resource, prior) in everything.made.items():
        found = await everything.read(name)
        assert found is not None, resource.type
        again = Prior(found.id, found.inputs, found.outputs)
        diff = await everything.provider.diff(resource, again, prior.inputs, [])
        assert diff.changes == {}, resource.type


async def test_an_update_without_a_change_changes_nothing(everything: Cloud) -> None:
    for name, (_, prior) in list(everything.made.items()):
        outputs = {it: value for it, value in prior.outputs.items() if not it.startswith("time")}
        updated = await everything.update(name)
        kept = {it: value for it, value in updated.outputs.items() if not it.startswith("time")}
        if name != "reservation":
            assert kept == outputs, name


async def test_everything_can_be_taken_down_again(everything: Cloud) -> None:
    for name in reversed(list(everything.made)):
        await everything.delete(name)
    assert everything.live() == []


def test_the_plugin_is_made_for_a_stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(STACK_DIR_VARIABLE, str(tmp_path / "test"))
    assert OciProvider(StackPaths.from_environment()).package == "oci"
