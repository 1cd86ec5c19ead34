"""Dynamic groups and policies: at home, named once, in a language that parses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.standin.provider import CloudError, State
from tests.rehearsal.oci.cloud import COMPARTMENT, TENANCY, Cloud

GROUP = "oci:Identity/dynamicGroup:DynamicGroup"
POLICY = "oci:Identity/policy:Policy"


async def group(cloud: Cloud, name: str = "group", /, **changes: Any) -> State:
    inputs = {
        "compartmentId": TENANCY,
        "name": "nodes",
        "description": "nodes",
        "matchingRule": f"ALL {{instance.compartment.id = '{COMPARTMENT}'}}",
    }
    return await cloud.create(GROUP, name, **{**inputs, **changes})


async def policy(cloud: Cloud, *statements: str, compartment: str = TENANCY) -> State:
    return await cloud.create(
        POLICY,
        "policy",
        compartmentId=compartment,
        name="policy",
        description="rights",
        statements=list(statements),
    )


async def away(directory: Path) -> Cloud:
    """A provider in Jeddah for a tenancy that is at home in Riyadh."""
    platform = {"cloud": {"home_region": "me-riyadh-1"}}
    cloud = Cloud(directory)
    cloud.paths.settings_copy.parent.mkdir(parents=True)
    settings = {"config": {"openedx-large:platform": platform}}
    cloud.paths.settings_copy.write_text(yaml.safe_dump(settings))
    await cloud.provider.configure({"region": "me-jeddah-1"})
    return cloud


async def test_a_group_and_a_policy(cloud: Cloud) -> None:
    made = await group(cloud)
    assert made.id.startswith("ocid1.dynamicgroup.oc1..")
    await policy(
        cloud, f"Allow dynamic-group nodes to use log-content in compartment id {COMPARTMENT}"
    )


@pytest.mark.parametrize("create", [group, policy])
async def test_outside_the_home_region_nothing_is_written(tmp_path: Path, create: Any) -> None:
    cloud = await away(tmp_path / "test")
    with pytest.raises(CloudError) as refused:
        await create(cloud)
    assert str(refused.value).startswith(
        "403-NotAllowed, Please go to your home region RUH to execute CREATE, UPDATE and DELETE "
        "operations."
    )
    assert cloud.live() == []


async def test_at_home_it_is_written_and_seen_from_everywhere(tmp_path: Path) -> None:
    abroad = await away(tmp_path / "test")
    home = Cloud(tmp_path / "test")
    await home.provider.configure({"region": "me-riyadh-1"})
    await group(home)
    abroad.made = dict(home.made)
    assert await abroad.read("group") is not None
    with pytest.raises(CloudError, match="403-NotAllowed"):
        await abroad.delete("group")


async def test_names_are_unique_in_the_tenancy(cloud: Cloud) -> None:
    await group(cloud)
    with pytest.raises(CloudError, match="409-EntityAlreadyExists"):
        await group(cloud, "again", name="NODES")


async def test_a_group_lives_in_the_root_compartment(cloud: Cloud) -> None:
    with pytest.raises(CloudError, match="root compartment"):
        await group(cloud, compartmentId=COMPARTMENT)


@pytest.mark.parametrize("name", ["", "with space", "x" * 101])
async def test_names_are_words(cloud: Cloud, name: str) -> None:
    with pytest.raises(CloudError, match="1 to 100"):
        await group(cloud, name=name)


async def test_a_matching_rule_is_a_rule(cloud: Cloud) -> None:
    with pytest.raises(CloudError, match="Invalid matching rule"):
        await group(cloud, matchingRule="every instance")


@pytest.mark.parametrize(
    "statement",
    [
        "Allow service oke to use compute-capacity-reservations in tenancy",
        "Allow any-user to use keys in compartment id ocid1.compartment.oc1..x "
        "where ALL {request.principal.type = 'cluster', target.key.id = 'ocid1.key.oc1..x'}",
        "allow group admins to manage all-resources in compartment projects",
        "Allow any-user to {BUCKET_READ, OBJECT_READ} in tenancy",
    ],
)
async def test_statements_that_parse(cloud: Cloud, statement: str) -> None:
    await policy(cloud, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "Allow any-user to use keys",
        "Allow any-user to utilise keys in tenancy",
        "Allow everybody to use keys in tenancy",
        "Permit any-user to use keys in tenancy",
        "Allow any-user use keys in tenancy",
        "Allow any-user to use keys in compartment",
        "",
    ],
)
async def test_statements_that_do_not(cloud: Cloud, statement: str) -> None:
    with pytest.raises(CloudError, match="400-InvalidParameter, Invalid policy statement"):
        await policy(cloud, statement)


async def test_rights_in_the_tenancy_are_given_from_its_root(cloud: Cloud) -> None:
    with pytest.raises(CloudError, match="outside the root compartment"):
        await policy(cloud, "Allow any-user to use keys in tenancy", compartment=COMPARTMENT)


async def test_a_group_that_is_named_must_exist(cloud: Cloud) -> None:
    with pytest.raises(CloudError, match="Dynamic group nodes is not found"):
        await policy(cloud, "Allow dynamic-group nodes to use log-content in tenancy")
