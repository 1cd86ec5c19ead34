"""Clusters and node pools in the embedded control plane."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
import yaml
from lightkube import ApiError
from lightkube.resources.apps_v1 import DaemonSet, Deployment
from lightkube.resources.core_v1 import Node, Pod
from lightkube.resources.storage_v1 import CSINode, StorageClass

from rehearsal.controlplane import ControlPlane
from rehearsal.oci import nodes
from rehearsal.oci.control_plane import administrator
from rehearsal.oci.facts.machine import visible_memory_mib
from rehearsal.oci.node_object import POOL_ANNOTATION
from rehearsal.oci.quantity import memory_mib
from rehearsal.standin.provider import CloudError, PartialFailure
from tests.rehearsal.cluster import eventually
from tests.rehearsal.oci.cloud import (
    CLUSTER,
    INSTANCE,
    NODE_POOL,
    USER_DATA,
    Cloud,
    cluster_inputs,
    encoded,
    image_id,
    node_config,
    pool_inputs,
    reservation,
)


@pytest.fixture
async def running(wired: Cloud, control_plane: ControlPlane) -> AsyncIterator[Cloud]:
    """A cluster on the shared control plane; nothing of it stays."""
    wired.paths.admin_kubeconfig.parent.mkdir(parents=True, exist_ok=True)
    wired.paths.admin_kubeconfig.symlink_to(control_plane.kubeconfig)
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    await reservation(wired)
    yield wired
    if "cluster" in wired.made:
        await wired.delete("cluster")
    # A DaemonSet made anew while the pods of its namesake are still leaving waits for minutes.
    eventually("kube-system is empty", lambda: not pods_of_kube_system(wired))


def pods_of_kube_system(cloud: Cloud) -> list[Pod]:
    with administrator(cloud.paths) as client:
        return list(client.list(Pod, namespace="kube-system"))


def names(found: Iterable[Any]) -> set[str]:
    return {str(it.metadata.name) for it in found}


def registered(cloud: Cloud) -> dict[str, Node]:
    with administrator(cloud.paths) as client:
        return {
            str(it.metadata.name): it
            for it in client.list(Node)
            if it.metadata and POOL_ANNOTATION in (it.metadata.annotations or {})
        }


async def test_oke_ships_its_workloads(running: Cloud) -> None:
    with administrator(running.paths) as client:
        daemon_sets = names(client.list(DaemonSet, namespace="kube-system"))
        deployments = names(client.list(Deployment, namespace="kube-system"))
        default = client.get(StorageClass, "oci-bv")
    assert daemon_sets == {"kube-proxy", "proxymux-client", "csi-oci-node", "vcn-native-ip-cni"}
    assert deployments == {"coredns", "kube-dns-autoscaler"}
    assert default.provisioner == "blockvolume.csi.oraclecloud.com"
    await running.delete("cluster")
    with administrator(running.paths) as client:
        assert not list(client.list(DaemonSet, namespace="kube-system"))
        with pytest.raises(ApiError):
            client.get(StorageClass, "oci-bv")


async def test_a_pool_registers_its_nodes(running: Cloud) -> None:
    made = await running.create(NODE_POOL, "pool", **pool_inputs(running, 2))
    found = registered(running)
    assert sorted(found) == ["10.0.4.2", "10.0.4.3"]
    node = found["10.0.4.2"]
    assert node.metadata is not None
    assert node.spec is not None
    assert node.status is not None
    labels = node.metadata.labels or {}
    assert labels["openedx-large/pool"] == "lms"
    assert labels["oci.oraclecloud.com/fault-domain"] == "FAULT-DOMAIN-1"
    assert labels["topology.kubernetes.io/zone"] == "ME-JEDDAH-1-AD-1"
    assert labels["topology.kubernetes.io/region"] == "me-jeddah-1"
    assert labels["node.kubernetes.io/instance-type"] == "VM.Standard.E4.Flex"
    assert labels["oke.oraclecloud.com/pool.name"] == "lms"
    assert labels["kubernetes.io/hostname"] == "10.0.4.2"
    shown: Any = made.outputs["nodes"]
    assert node.spec.providerID == shown[0]["id"]
    taints = [(it.key, it.value, it.effect) for it in node.spec.taints or []]
    assert ("pool", "lms", "NoSchedule") in taints
    assert node.status.nodeInfo is not None
    assert node.status.nodeInfo.kubeletVersion == "v1.34.1"


async def test_a_node_offers_what_the_kubelet_leaves(running: Cloud) -> None:
    await running.create(NODE_POOL, "pool", **pool_inputs(running, 1))
    (node,) = registered(running).values()
    assert node.status is not None
    capacity, allocatable = node.status.capacity or {}, node.status.allocatable or {}
    memory = visible_memory_mib(128)
    assert capacity["cpu"] == "60"
    assert allocatable["cpu"] == "59400m"
    assert memory_mib(capacity["memory"]) == memory
    assert memory_mib(allocatable["memory"]) == memory - 1124 - 100
    assert allocatable["pods"] == "60"
    assert memory_mib(allocatable["ephemeral-storage"]) == 68.5 * 1024


async def test_a_node_has_the_block_volume_driver(running: Cloud) -> None:
    await running.create(NODE_POOL, "pool", **pool_inputs(running, 1))
    with administrator(running.paths) as client:
        csi_node = client.get(CSINode, "10.0.4.2")
    (driver,) = csi_node.spec.drivers
    assert driver.name == "blockvolume.csi.oraclecloud.com"
    assert driver.allocatable is not None
    assert driver.allocatable.count == 32
    assert driver.topologyKeys == ["topology.kubernetes.io/zone"]


async def test_daemons_run_on_dedicated_nodes_and_dns_does_not(running: Cloud) -> None:
    await running.create(NODE_POOL, "pool", **pool_inputs(running, 1))

    def daemons() -> set[str] | None:
        with administrator(running.paths) as client:
            pods = client.list(Pod, namespace="kube-system", fields={"spec.nodeName": "10.0.4.2"})
            names = {
                str(it.metadata.name).rpartition("-")[0]
                for it in pods
                if it.metadata and it.status and it.status.phase == "Running"
            }
        return names if len(names) >= 4 else None

    assert eventually("the daemons run", daemons) == {
        "kube-proxy",
        "proxymux-client",
        "csi-oci-node",
        "vcn-native-ip-cni",
    }


async def test_shrinking_and_deleting_take_nodes_away(running: Cloud) -> None:
    await running.create(NODE_POOL, "pool", **pool_inputs(running, 3))
    await running.update("pool", nodeConfigDetails=node_config(running, 1))
    assert sorted(registered(running)) == ["10.0.4.2"]
    await running.delete("pool")
    assert registered(running) == {}
    with administrator(running.paths) as client, pytest.raises(ApiError):
        client.get(CSINode, "10.0.4.2")


async def test_a_deleted_cluster_leaves_no_node(running: Cloud) -> None:
    await running.create(NODE_POOL, "pool", **pool_inputs(running, 2))
    await running.delete("cluster")
    assert registered(running) == {}


async def test_a_renewed_boot_volume_makes_a_node_with_the_new_software(running: Cloud) -> None:
    await running.create(NODE_POOL, "pool", **pool_inputs(running, 1))
    (before,) = registered(running).values()
    script = USER_DATA.replace("cpu=500m", "cpu=1")
    await running.update("pool", nodeMetadata={"user_data": encoded(script)})
    (after,) = registered(running).values()
    assert before.metadata is not None
    assert after.metadata is not None
    assert after.status is not None
    assert after.metadata.uid != before.metadata.uid
    assert after.metadata.name == before.metadata.name
    assert (after.status.allocatable or {})["cpu"] == "58900m"


async def test_an_update_that_changes_no_node_leaves_it_alone(running: Cloud) -> None:
    await running.create(NODE_POOL, "pool", **pool_inputs(running, 1))
    (before,) = registered(running).values()
    await running.update("pool", freeformTags={"a": "b"})
    (after,) = registered(running).values()
    assert before.metadata is not None
    assert after.metadata is not None
    assert after.metadata.uid == before.metadata.uid


async def test_an_instance_that_is_replaced_brings_a_node_of_its_own(running: Cloud) -> None:
    await running.create(NODE_POOL, "pool", **pool_inputs(running, 1))
    (before,) = registered(running).values()
    labels = [{"key": "a", "value": "b"}]
    with pytest.raises(PartialFailure, match="cycling failure"):
        await running.update("pool", initialNodeLabels=labels)
    (kept,) = registered(running).values()
    assert "a" not in ((kept.metadata and kept.metadata.labels) or {})
    details = {
        "isNodeCyclingEnabled": True,
        "cycleModes": ["INSTANCE_REPLACE"],
        "maximumSurge": "0",
        "maximumUnavailable": "1",
    }
    await running.update("pool", initialNodeLabels=labels, nodePoolCyclingDetails=details)
    (after,) = registered(running).values()
    assert before.metadata is not None
    assert after.metadata is not None
    # The address is free again, and the node's name is its address.
    assert after.metadata.name == before.metadata.name
    assert after.metadata.uid != before.metadata.uid
    assert (after.metadata.labels or {})["a"] == "b"


async def test_a_node_that_does_not_start_fails_its_pool(running: Cloud) -> None:
    metadata = {"user_data": encoded("#!/bin/bash\necho hello\n")}
    with pytest.raises(PartialFailure, match=r"nodes\(s\) register timeout") as failed:
        await running.create(NODE_POOL, "pool", **pool_inputs(running, 2, nodeMetadata=metadata))
    assert "oke_init_script" in str(failed.value)
    assert running.live(INSTANCE) == []
    assert running.live(NODE_POOL) == []
    assert registered(running) == {}


async def test_a_node_that_does_not_become_ready_fails_its_pool(
    running: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "READY_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(nodes, "_ready", lambda found: False)
    with pytest.raises(PartialFailure, match=r"not ready: 10.0.4.2"):
        await running.create(NODE_POOL, "pool", **pool_inputs(running, 1))
    assert registered(running) == {}


async def test_the_kubeconfig_leads_to_the_embedded_api_server(
    running: Cloud, control_plane: ControlPlane
) -> None:
    answer = await running.provider.invoke(
        "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig",
        {
            "clusterId": running.id("cluster"),
            "endpoint": "PRIVATE_ENDPOINT",
            "tokenVersion": "2.0.0",
        },
    )
    content: dict[str, Any] = yaml.safe_load(str(answer["content"]))
    admin = yaml.safe_load(control_plane.kubeconfig.read_text())
    assert content["clusters"][0]["cluster"]["server"] == admin["clusters"][0]["cluster"]["server"]
    command = content["users"][0]["user"]["exec"]
    assert command["command"] == "oci"
    assert command["args"] == [
        *("ce", "cluster", "generate-token", "--cluster-id", running.id("cluster")),
        *("--region", "me-jeddah-1"),
    ]
    token = admin["users"][0]["user"]["token"]
    assert token not in str(answer["content"])


async def test_without_a_control_plane_nothing_is_made(wired: Cloud) -> None:
    with pytest.raises(CloudError, match="has no control plane") as refused:
        await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    assert str(wired.paths.admin_kubeconfig) in str(refused.value)
    assert wired.live(CLUSTER) == []


async def test_images_of_the_pool_are_those_of_the_region(running: Cloud) -> None:
    source = {"sourceType": "IMAGE", "imageId": image_id().replace("jeddah", "riyadh")}
    with pytest.raises(CloudError, match="may not exist"):
        await running.create(NODE_POOL, "pool", **pool_inputs(running, 1, nodeSourceDetails=source))
