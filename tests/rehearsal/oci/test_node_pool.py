"""Node pools: what OKE demands, and which hosts they take and give back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from rehearsal import faults
from rehearsal.cloud.audit import audit
from rehearsal.cloud.store import Record
from rehearsal.oci.facts import oke
from rehearsal.oci.facts.regions import HOSTS_PER_FAULT_DOMAIN
from rehearsal.standin.provider import CloudError, PartialFailure, State
from tests.rehearsal.oci.cloud import (
    CLUSTER,
    INSTANCE,
    NODE_POOL,
    RESERVATION,
    Cloud,
    cluster_inputs,
    configuration,
    image_id,
    network,
    node_config,
    placement,
    pool_inputs,
    reservation,
)

pytestmark = pytest.mark.usefixtures("no_control_plane")

INSTANCE_REPLACE = {
    "isNodeCyclingEnabled": True,
    "cycleModes": ["INSTANCE_REPLACE"],
    "maximumSurge": "1",
    "maximumUnavailable": "0",
}


@pytest.fixture
async def ready(wired: Cloud) -> Cloud:
    """A cluster and seven reserved hosts."""
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    await reservation(wired)
    return wired


async def pool(cloud: Cloud, size: int = 2, name: str = "pool", **changes: Any) -> State:
    return await cloud.create(NODE_POOL, name, **pool_inputs(cloud, size, **changes))


def instances(cloud: Cloud) -> list[Record]:
    return cloud.live(INSTANCE)


def fault_domains(cloud: Cloud) -> list[str]:
    return [it.private["fault_domain"][-1] for it in instances(cloud)]


async def used(cloud: Cloud) -> str:
    state = await cloud.read("reservation")
    assert state is not None
    return str(state.outputs["usedInstanceCount"])


async def test_nodes_are_dealt_to_the_fault_domains_in_turn(ready: Cloud) -> None:
    made = await pool(ready, 5)
    assert fault_domains(ready) == ["1", "2", "3", "1", "2"]
    assert len(made.outputs["nodes"]) == 5  # type: ignore[arg-type] # a list
    assert await used(ready) == "5"


async def test_the_list_says_where_the_dealing_starts(ready: Cloud) -> None:
    ordered = [placement(ready, faultDomains=["FAULT-DOMAIN-3", "FAULT-DOMAIN-1"])]
    await pool(ready, nodeConfigDetails=node_config(ready, 3, placementConfigs=ordered))
    assert fault_domains(ready) == ["3", "1", "3"]


async def test_two_pools_fill_the_reservation(ready: Cloud) -> None:
    await pool(ready, 5)
    ordered = [placement(ready, faultDomains=["FAULT-DOMAIN-3", "FAULT-DOMAIN-1"])]
    await pool(ready, name="general", nodeConfigDetails=node_config(ready, 2, placementConfigs=ordered))
    assert Counter(fault_domains(ready)) == {"1": 3, "2": 2, "3": 2}
    assert await used(ready) == "7"
    assert len({it.private["private_ip"] for it in instances(ready)}) == 7


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"clusterId": "ocid1.cluster.oc1..none"}, "404"),
        ({"kubernetesVersion": "v1.35.0"}, "v1.35.0 is not offered"),
        ({"nodeShape": "VM.Standard.E9.Flex"}, "is not offered"),
        ({"nodeShapeConfig": {"ocpus": 65, "memoryInGbs": 128}}, "it offers 1 to 64"),
        ({"nodeShapeConfig": {"ocpus": 1, "memoryInGbs": 65}}, "it offers 1 to 64"),
        ({"nodeShapeConfig": {"ocpus": 2.5, "memoryInGbs": 64}}, "it offers 1 to 64"),
        ({"nodeShapeConfig": None}, "needs ocpus"),
        ({"nodeSourceDetails": {"imageId": "i", "sourceType": "IMAGE"}}, "may not exist"),
        ({"nodeShape": "VM.Standard.A1.Flex"}, "Node shape and image are not compatible."),
        ({"nodeShape": "VM.GPU.A10.1"}, "Node shape and image are not compatible."),
        ({"nodeConfigDetails": None}, "must be given"),
        ({"nodeEvictionNodePoolSettings": {"evictionGraceDuration": "PT61M"}}, "PT60M at most"),
        ({"nodeEvictionNodePoolSettings": {"evictionGraceDuration": "60"}}, "PT60M at most"),
        ({"nodePoolCyclingDetails": {"maximumSurge": "0"}}, "cannot both be 0"),
        ({"nodePoolCyclingDetails": {"maximumSurge": "one"}}, "invalid literal"),
    ],
)
async def test_pools_are_refused(ready: Cloud, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CloudError, match=words) as refused:
        await pool(ready, **changes)
    assert not isinstance(refused.value, PartialFailure)
    assert ready.live(NODE_POOL) == []
    assert instances(ready) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": -1}, "size must be 0 or more"),
        ({"placementConfigs": []}, "with a placement"),
        ({"nsgIds": ["ocid1.networksecuritygroup.oc1..none"]}, "404"),
        ({"kmsKeyId": "ocid1.key.oc1..none"}, "404"),
    ],
)
async def test_node_configurations_are_refused(
    ready: Cloud, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(CloudError, match=words):
        await pool(ready, nodeConfigDetails=node_config(ready, 2, **changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"availabilityDomain": "AD-2"}, "availabilityDomain: AD-2"),
        ({"faultDomains": ["FAULT-DOMAIN-4"]}, "faultDomains: FAULT-DOMAIN-4"),
        ({"subnetId": "ocid1.subnet.oc1..none"}, "404"),
        ({"capacityReservationId": "ocid1.capacityreservation.oc1..none"}, "404"),
    ],
)
async def test_placements_are_refused(ready: Cloud, changes: dict[str, Any], words: str) -> None:
    placements = [placement(ready, **changes)]
    with pytest.raises(CloudError, match=words):
        await pool(ready, nodeConfigDetails=node_config(ready, 2, placementConfigs=placements))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cniType": "FLANNEL_OVERLAY"}, "is not the cluster's, OCI_VCN_IP_NATIVE"),
        ({"maxPodsPerNode": 111}, "offers 110"),
        ({"podSubnetIds": []}, "needs a subnet for pods"),
        ({"podNsgIds": ["ocid1.networksecuritygroup.oc1..none"]}, "404"),
    ],
)
async def test_pod_networks_are_refused(ready: Cloud, changes: dict[str, Any], words: str) -> None:
    config = node_config(ready, 2)
    config["nodePoolPodNetworkOptionDetails"] |= changes
    with pytest.raises(CloudError, match=words):
        await pool(ready, nodeConfigDetails=config)


async def test_small_machines_have_few_interfaces_for_pods(ready: Cloud) -> None:
    with pytest.raises(CloudError, match="Invalid maxPodsPerNode: 60.*offers 31"):
        await pool(ready, nodeShapeConfig={"ocpus": 2, "memoryInGbs": 16})


async def test_the_pod_subnet_must_hold_every_interface_of_every_node(ready: Cloud) -> None:
    config = node_config(ready, 5)
    config["nodePoolPodNetworkOptionDetails"]["podSubnetIds"] = [ready.id("lb")]
    with pytest.raises(CloudError, match="320 pod addresses are needed, the subnets have 253"):
        await pool(ready, nodeConfigDetails=config)


async def test_images_are_made_for_a_version(ready: Cloud) -> None:
    source = {"sourceType": "IMAGE", "imageId": image_id("v1.33.1")}
    with pytest.raises(CloudError, match=r"is made for Kubernetes v1.33.1, the pool is of v1.34.1"):
        await pool(ready, nodeSourceDetails=source)
    await pool(ready, nodeSourceDetails=source, kubernetesVersion="v1.33.1")


async def test_nodes_are_not_newer_than_their_control_plane(wired: Cloud) -> None:
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired, kubernetesVersion="v1.33.1"))
    with pytest.raises(CloudError, match="newer than their control plane"):
        await pool(wired)


async def test_nodes_are_not_too_old_for_it(
    ready: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oke, "MAX_NODE_SKEW", 1)
    source = {"sourceType": "IMAGE", "imageId": image_id("v1.32.1")}
    with pytest.raises(CloudError, match="more than 1 minor versions behind"):
        await pool(ready, nodeSourceDetails=source, kubernetesVersion="v1.32.1")


@pytest.mark.parametrize("size", ["49", "32769", "80GB"])
async def test_boot_volumes_have_a_size_that_can_be_had(ready: Cloud, size: str) -> None:
    source = {"sourceType": "IMAGE", "imageId": image_id(), "bootVolumeSizeInGbs": size}
    with pytest.raises(CloudError, match=f"Invalid bootVolumeSizeInGBs: {size}"):
        await pool(ready, nodeSourceDetails=source)


async def test_cycling_is_for_enhanced_clusters(wired: Cloud) -> None:
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired, type="BASIC_CLUSTER"))
    with pytest.raises(CloudError, match="feature of enhanced clusters"):
        await pool(wired)


async def test_what_is_not_simulated_is_refused(ready: Cloud) -> None:
    inputs = pool_inputs(ready, quantityPerSubnet=1, secondaryVnics=[])
    refused = {it.property for it in await ready.check(NODE_POOL, inputs)}
    assert refused == {"quantityPerSubnet", "secondaryVnics"}


async def test_a_reservation_needs_a_policy_that_lets_node_pools_use_it(cloud: Cloud) -> None:
    await network(cloud)
    await cloud.create(CLUSTER, "cluster", **cluster_inputs(cloud))
    await reservation(cloud)
    with pytest.raises(CloudError, match="404-NotAuthorizedOrNotFound"):
        await pool(cloud)


async def test_a_launch_takes_a_reserved_host_that_matches_or_none(ready: Cloud) -> None:
    with pytest.raises(PartialFailure) as failed:
        await pool(ready, nodeShapeConfig={"ocpus": 32, "memoryInGbs": 128})
    assert "2 node(s) launch failure" in str(failed.value)
    assert "(500, InternalError, false) Out of host capacity." in str(failed.value)


async def test_a_fault_domain_that_is_full_is_not_made_up_for(ready: Cloud) -> None:
    ordered = [placement(ready, faultDomains=["FAULT-DOMAIN-2"])]
    with pytest.raises(PartialFailure, match=r"1 node\(s\) launch failure"):
        await pool(ready, nodeConfigDetails=node_config(ready, 3, placementConfigs=ordered))


async def test_a_pool_that_fails_is_deleted_and_leaves_its_id(ready: Cloud) -> None:
    faults.arm(ready.paths, [faults.parse(f"out-of-host-capacity:{NODE_POOL}")])
    with pytest.raises(PartialFailure) as failed:
        await pool(ready, 5)
    assert failed.value.state.id.startswith("ocid1.nodepool.oc1.me-jeddah-1.")
    assert "work request did not succeed, entity: nodepool, action: CREATED." in str(failed.value)
    assert "5 node(s) launch failure" in str(failed.value)
    assert ready.live(NODE_POOL) == []
    assert instances(ready) == []
    (held,) = ready.live(RESERVATION)
    assert held.properties["reservedInstanceCount"] == "7"
    assert await used(ready) == "0"


async def test_after_that_only_a_refresh_helps(ready: Cloud) -> None:
    faults.arm(ready.paths, [faults.parse(f"out-of-host-capacity:{NODE_POOL}")])
    with pytest.raises(PartialFailure) as failed:
        await pool(ready, 5)
    left = failed.value.state
    inputs = pool_inputs(ready, 5)
    # The engine finds init errors in the state and updates, without a change.
    await pool(ready, 1)
    resource, prior = ready.made["pool"]
    ready.made["pool"] = resource, type(prior)(left.id, inputs, left.outputs)
    with pytest.raises(PartialFailure, match="404-NotAuthorizedOrNotFound") as again:
        await ready.update("pool")
    assert again.value.state.id == left.id
    assert await ready.read("pool") is None
    await ready.delete("pool")


async def test_the_fault_is_used_up_by_one_launch(ready: Cloud) -> None:
    faults.arm(ready.paths, [faults.parse(f"out-of-host-capacity:{NODE_POOL}")])
    with pytest.raises(PartialFailure):
        await pool(ready, 5)
    await pool(ready, 5)
    assert audit(ready.store, ready.exported()).clean


async def test_a_pool_without_reservation_draws_on_the_free_hosts(wired: Cloud) -> None:
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    await pool(wired, 3 * HOSTS_PER_FAULT_DOMAIN)
    with pytest.raises(PartialFailure, match="Out of host capacity."):
        await pool(wired, 1, name="one-more")


async def test_reserved_hosts_are_not_free(wired: Cloud) -> None:
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    await reservation(wired, configuration(HOSTS_PER_FAULT_DOMAIN, "FAULT-DOMAIN-1"))
    free = {**placement(wired), "capacityReservationId": None, "faultDomains": ["FAULT-DOMAIN-1"]}
    with pytest.raises(PartialFailure, match="Out of host capacity."):
        await pool(wired, nodeConfigDetails=node_config(wired, 1, placementConfigs=[free]))


async def test_growing_and_shrinking(ready: Cloud) -> None:
    await pool(ready, 2)
    first = [it.id for it in instances(ready)]
    await ready.update("pool", nodeConfigDetails=node_config(ready, 4))
    assert [it.id for it in instances(ready)][:2] == first
    await ready.update("pool", nodeConfigDetails=node_config(ready, 1))
    assert [it.id for it in instances(ready)] == first[:1]
    assert await used(ready) == "1"


async def test_growing_beyond_the_reservation_fails_and_keeps_the_pool(ready: Cloud) -> None:
    await pool(ready, 7)
    with pytest.raises(PartialFailure, match=r"action: UPDATED. Message: 1 node\(s\)"):
        await ready.update("pool", nodeConfigDetails=node_config(ready, 8))
    assert len(instances(ready)) == 7
    assert await ready.read("pool") is not None


async def test_labels_do_not_reach_the_nodes_there_are(ready: Cloud) -> None:
    await pool(ready, 1)
    await ready.update("pool", initialNodeLabels=[{"key": "a", "value": "b"}])
    await ready.update("pool", nodeConfigDetails=node_config(ready, 2))
    labels = [it.private["labels"] for it in instances(ready)]
    assert labels == [{"openedx-large/pool": "lms"}, {"a": "b"}]


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
    with pytest.raises(PartialFailure, match="Out of host capacity."):
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


async def test_a_deleted_pool_gives_its_hosts_back(ready: Cloud) -> None:
    await pool(ready, 5)
    with pytest.raises(CloudError, match="409-IncorrectState"):
        await ready.delete("reservation")
    with pytest.raises(CloudError, match="409-Conflict.*references the VNIC"):
        await ready.delete("nodes")
    await ready.delete("pool")
    assert instances(ready) == []
    assert await used(ready) == "0"
    await ready.delete("reservation")


async def test_a_reservation_does_not_shrink_below_what_runs(ready: Cloud) -> None:
    await pool(ready, 7)
    with pytest.raises(PartialFailure, match="409-IncorrectState"):
        await ready.update(
            "reservation", instanceReservationConfigs=[configuration(3, "FAULT-DOMAIN-1")]
        )


async def test_a_deleted_cluster_takes_its_pools_along(ready: Cloud) -> None:
    await pool(ready, 2)
    await ready.delete("cluster")
    assert ready.live(NODE_POOL) == []
    assert instances(ready) == []
