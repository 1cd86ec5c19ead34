"""What OKE demands of a node pool before it launches anything."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.oci.facts import oke
from rehearsal.standin.provider import CloudError, PartialFailure
from tests.rehearsal.oci.cloud import (
    CLUSTER,
    NODE_POOL,
    Cloud,
    cluster_inputs,
    image_id,
    instances,
    network,
    node_config,
    placement,
    pool,
    pool_inputs,
    reservation,
)

pytestmark = pytest.mark.usefixtures("no_control_plane")


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


async def test_a_pool_has_no_fewer_than_no_nodes(ready: Cloud) -> None:
    with pytest.raises(CloudError, match="size must be 0 or more"):
        await pool(ready, -1)
    await pool(ready, 0)
    assert instances(ready) == []


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
    with pytest.raises(CloudError, match=r"Invalid maxPodsPerNode: 60.*offers 31"):
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


async def test_nodes_are_not_too_old_for_it(ready: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
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
