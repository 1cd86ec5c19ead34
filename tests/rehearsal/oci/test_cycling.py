"""How a pool renews its nodes, and how many hosts that takes."""

from __future__ import annotations

import pytest

from rehearsal.standin.provider import PartialFailure
from tests.rehearsal.oci.cloud import (
    Cloud,
    image_id,
    instances,
    node_config,
    pool,
)

pytestmark = pytest.mark.usefixtures("no_control_plane")

INSTANCE_REPLACE = {
    "isNodeCyclingEnabled": True,
    "cycleModes": ["INSTANCE_REPLACE"],
    "maximumSurge": "1",
    "maximumUnavailable": "0",
}


async def test_boot_volumes_are_replaced_on_the_same_hosts(ready: Cloud) -> None:
    await pool(ready, 7)
    before = instances(ready)
    source = {"sourceType": "IMAGE", "imageId": image_id(), "bootVolumeSizeInGbs": "100"}
    await ready.update("pool", nodeSourceDetails=source)
    after = instances(ready)
    assert [it.id for it in after] == [it.id for it in before]
    assert {it.private["boot_volume_gb"] for it in after} == {100}
    assert {it.private["generation"] for it in after} == {2}


async def test_replacing_instances_takes_one_more_host(ready: Cloud) -> None:
    await pool(ready, 7, nodePoolCyclingDetails=INSTANCE_REPLACE)
    source = {"sourceType": "IMAGE", "imageId": image_id(), "bootVolumeSizeInGbs": "100"}
    with pytest.raises(PartialFailure, match=r"Out of host capacity."):
        await ready.update("pool", nodeSourceDetails=source)
    assert len(instances(ready)) == 7


async def test_replacing_instances_where_there_is_one_more(ready: Cloud) -> None:
    await pool(ready, 3, nodePoolCyclingDetails=INSTANCE_REPLACE)
    before = {it.id for it in instances(ready)}
    source = {"sourceType": "IMAGE", "imageId": image_id(), "bootVolumeSizeInGbs": "100"}
    await ready.update("pool", nodeSourceDetails=source)
    after = instances(ready)
    assert len(after) == 3
    assert not before & {it.id for it in after}


async def test_replacing_instances_one_by_one_needs_none(ready: Cloud) -> None:
    details = {**INSTANCE_REPLACE, "maximumSurge": "0", "maximumUnavailable": "1"}
    await pool(ready, 7, nodePoolCyclingDetails=details)
    source = {"sourceType": "IMAGE", "imageId": image_id(), "bootVolumeSizeInGbs": "100"}
    await ready.update("pool", nodeSourceDetails=source)
    assert [it.private["boot_volume_gb"] for it in instances(ready)] == [100] * 7


async def test_without_cycling_only_new_nodes_are_new(ready: Cloud) -> None:
    await pool(ready, 1, nodePoolCyclingDetails=None)
    await ready.update("pool", nodeMetadata={})
    await ready.update("pool", nodeConfigDetails=node_config(ready, 2))
    assert [bool(it.private["metadata"]) for it in instances(ready)] == [True, False]
