"""How a pool renews its nodes, and how many hosts that takes."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.standin.provider import CloudError, PartialFailure
from tests.rehearsal.oci.cloud import (
    NODE_POOL,
    Cloud,
    image_id,
    instances,
    key,
    node_config,
    placement,
    pool,
    pool_inputs,
    used,
)

pytestmark = pytest.mark.usefixtures("no_control_plane")

INSTANCE_REPLACE = {
    "isNodeCyclingEnabled": True,
    "cycleModes": ["INSTANCE_REPLACE"],
    "maximumSurge": "1",
    "maximumUnavailable": "0",
}
ONE_BY_ONE = {**INSTANCE_REPLACE, "maximumSurge": "0", "maximumUnavailable": "1"}
SOURCE = {"sourceType": "IMAGE", "imageId": image_id(), "bootVolumeSizeInGbs": "100"}


def pod_network(cloud: Cloud, **changes: Any) -> dict[str, Any]:
    """The pods' half of a pool's configuration."""
    return {**node_config(cloud, 1)["nodePoolPodNetworkOptionDetails"], **changes}


async def not_in_a_boot_volume(cloud: Cloud, field: str, **changes: Any) -> None:
    """A change for which a boot volume cycle fails, and an instance cycle does not."""
    await pool(cloud, 7)
    before = instances(cloud)
    with pytest.raises(
        PartialFailure, match=r"7 node\(s\) cycling failure.*INSTANCE_REPLACE"
    ) as no:
        await cloud.update("pool", **changes)
    assert field in str(no.value)
    assert "action: UPDATED" in str(no.value)
    assert instances(cloud) == before
    with pytest.raises(PartialFailure, match="cycling failure"):
        await cloud.update("pool", **changes)
    await cloud.update("pool", **changes, nodePoolCyclingDetails=ONE_BY_ONE)
    after = instances(cloud)
    assert not {it.id for it in before} & {it.id for it in after}
    assert [it.private["fault_domain"] for it in after] == [
        it.private["fault_domain"] for it in before
    ]
    assert await used(cloud) == "7"


async def test_boot_volumes_are_replaced_on_the_same_hosts(ready: Cloud) -> None:
    await pool(ready, 7)
    before = instances(ready)
    await ready.update("pool", nodeSourceDetails=SOURCE)
    after = instances(ready)
    assert [it.id for it in after] == [it.id for it in before]
    assert {it.private["boot_volume_gb"] for it in after} == {100}
    assert {it.private["generation"] for it in after} == {2}


async def test_a_boot_volume_brings_metadata_and_keys(ready: Cloud) -> None:
    volume_key = await key(ready)
    await pool(ready, 2)
    before = instances(ready)
    config = node_config(ready, 2, kmsKeyId=volume_key.id)
    await ready.update(
        "pool", nodeMetadata={"a": "b"}, sshPublicKey="ssh", nodeConfigDetails=config
    )
    after = instances(ready)
    assert [it.id for it in after] == [it.id for it in before]
    assert {it.private["generation"] for it in after} == {2}
    assert {it.private["kms_key_id"] for it in after} == {volume_key.id}


async def test_a_boot_volume_brings_no_labels(ready: Cloud) -> None:
    labels = [{"key": "a", "value": "b"}]
    await not_in_a_boot_volume(ready, "initialNodeLabels", initialNodeLabels=labels)
    assert [it.private["labels"] for it in instances(ready)] == [{"a": "b"}] * 7


async def test_a_boot_volume_brings_no_other_number_of_pods(ready: Cloud) -> None:
    config = node_config(
        ready, 7, nodePoolPodNetworkOptionDetails=pod_network(ready, maxPodsPerNode=31)
    )
    await not_in_a_boot_volume(ready, "nodePoolPodNetworkOptionDetails", nodeConfigDetails=config)
    assert {it.private["max_pods"] for it in instances(ready)} == {31}


@pytest.mark.parametrize(
    ("field", "value"),
    [("nsgIds", []), ("isPvEncryptionInTransitEnabled", True), ("freeformTags", {"a": "b"})],
)
async def test_a_boot_volume_brings_nothing_of_the_instance(
    ready: Cloud, field: str, value: object
) -> None:
    config = node_config(ready, 7, **{field: value})
    await not_in_a_boot_volume(ready, field, nodeConfigDetails=config)


async def test_a_boot_volume_brings_no_other_shape(ready: Cloud) -> None:
    await pool(ready, 1)
    with pytest.raises(PartialFailure, match=r"have changed: nodeShape, nodeShapeConfig\."):
        await ready.update("pool", nodeShapeConfig={"ocpus": 16, "memoryInGbs": 128})
    assert {it.private["size"]["ocpus"] for it in instances(ready)} == {30}


async def test_what_fails_takes_nothing_else_along(ready: Cloud) -> None:
    await pool(ready, 1)
    with pytest.raises(PartialFailure, match=r"have changed: initialNodeLabels\."):
        await ready.update("pool", nodeSourceDetails=SOURCE, initialNodeLabels=[])
    assert {it.private["boot_volume_gb"] for it in instances(ready)} == {80}


async def test_the_pools_own_properties_cycle_nothing(ready: Cloud) -> None:
    await pool(ready, 3)
    before = instances(ready)
    await ready.update(
        "pool",
        name="other",
        freeformTags={"a": "b"},
        nodeEvictionNodePoolSettings={"evictionGraceDuration": "PT30M"},
        nodeConfigDetails=node_config(ready, 4),
    )
    await ready.update("pool", nodeConfigDetails=node_config(ready, 2))
    assert [it.id for it in instances(ready)] == [it.id for it in before[:2]]
    assert {it.private["generation"] for it in instances(ready)} == {1}


async def test_a_pool_does_not_move_while_it_cycles(ready: Cloud) -> None:
    await pool(ready, 2)
    before = instances(ready)
    config = node_config(
        ready, 2, placementConfigs=[placement(ready, faultDomains=["FAULT-DOMAIN-2"])]
    )
    refusal = "409-Conflict, Cannot perform nodepool cycling and nodepool Placement Configuration"
    with pytest.raises(PartialFailure, match=refusal):
        await ready.update("pool", nodeConfigDetails=config)
    assert instances(ready) == before


async def test_a_pool_that_moves_takes_its_nodes_along(ready: Cloud) -> None:
    await pool(ready, 2, nodePoolCyclingDetails=None)
    config = node_config(
        ready, 2, placementConfigs=[placement(ready, faultDomains=["FAULT-DOMAIN-2"])]
    )
    await ready.update("pool", nodeConfigDetails=config)
    assert {it.private["fault_domain"] for it in instances(ready)} == {"FAULT-DOMAIN-2"}
    assert len(instances(ready)) == 2


@pytest.mark.parametrize(
    ("changes", "property_"),
    [
        ({"cycleModes": ["BOOT_VOLUME_REPLACE", "INSTANCE_REPLACE"]}, "cycleModes"),
        ({"cycleModes": ["REBOOT"]}, "cycleModes"),
    ],
)
async def test_one_known_mode_is_taken(
    ready: Cloud, changes: dict[str, Any], property_: str
) -> None:
    inputs = pool_inputs(ready, nodePoolCyclingDetails={**INSTANCE_REPLACE, **changes})
    (failure,) = await ready.check(NODE_POOL, inputs)
    assert property_ in failure.property


async def test_boot_volumes_are_not_replaced_while_nobody_may_be_away(ready: Cloud) -> None:
    details = {**INSTANCE_REPLACE, "cycleModes": ["BOOT_VOLUME_REPLACE"]}
    with pytest.raises(CloudError, match="maximumUnavailable cannot be 0"):
        await pool(ready, 1, nodePoolCyclingDetails=details)
    await pool(ready, 1, nodePoolCyclingDetails={**details, "maximumUnavailable": None})


async def test_replacing_instances_takes_one_more_host(ready: Cloud) -> None:
    await pool(ready, 7, nodePoolCyclingDetails=INSTANCE_REPLACE)
    before = instances(ready)
    with pytest.raises(PartialFailure, match=r"Out of host capacity."):
        await ready.update("pool", nodeSourceDetails=SOURCE)
    assert instances(ready) == before


async def test_replacing_instances_where_there_is_one_more(ready: Cloud) -> None:
    await pool(ready, 3, nodePoolCyclingDetails=INSTANCE_REPLACE)
    before = {it.id for it in instances(ready)}
    await ready.update("pool", nodeSourceDetails=SOURCE)
    after = instances(ready)
    assert len(after) == 3
    assert not before & {it.id for it in after}


async def test_replacing_instances_one_by_one_needs_none(ready: Cloud) -> None:
    await pool(ready, 7, nodePoolCyclingDetails=ONE_BY_ONE)
    before = instances(ready)
    await ready.update("pool", nodeSourceDetails=SOURCE)
    after = instances(ready)
    assert [it.private["boot_volume_gb"] for it in after] == [100] * 7
    assert not {it.id for it in before} & {it.id for it in after}
    assert await used(ready) == "7"


async def test_a_host_that_does_not_match_costs_one_node_and_no_more(ready: Cloud) -> None:
    await pool(ready, 7, nodePoolCyclingDetails=ONE_BY_ONE)
    with pytest.raises(PartialFailure, match=r"1 node\(s\) launch failure"):
        await ready.update("pool", nodeShapeConfig={"ocpus": 16, "memoryInGbs": 128})
    assert len(instances(ready)) == 6
    await ready.update("pool", nodeShapeConfig={"ocpus": 30, "memoryInGbs": 128})
    assert len(instances(ready)) == 7


async def test_without_cycling_only_new_nodes_are_new(ready: Cloud) -> None:
    await pool(ready, 1, nodePoolCyclingDetails=None)
    await ready.update("pool", nodeMetadata={})
    await ready.update("pool", nodeConfigDetails=node_config(ready, 2))
    assert [bool(it.private["metadata"]) for it in instances(ready)] == [True, False]
