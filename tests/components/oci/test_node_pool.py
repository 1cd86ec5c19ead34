"""Node pools: fixed, private, encrypted, and renewed on their own hosts."""

from __future__ import annotations

import base64

import pytest

from tests.components.conftest import IMAGE, Recording, Registration
from tests.components.oci.conftest import cloud

POOL = "oci:ContainerEngine/nodePool:NodePool"


@pytest.fixture(params=["lms", "general"])
def pool(recording: Recording, request: pytest.FixtureRequest) -> Registration:
    return recording.named(f"oci-pool-{request.param}-nodes")


def script(pool: Registration) -> str:
    return base64.b64decode(pool.inputs["nodeMetadata"]["user_data"]).decode()


def test_two_pools_of_the_seeds_size(recording: Recording) -> None:
    assert {
        pool.inputs["name"]: int(pool.inputs["nodeConfigDetails"]["size"])
        for pool in recording.of_type(POOL)
    } == {"lms": 5, "general": 2}


def test_machine(pool: Registration) -> None:
    assert pool.inputs["nodeShape"] == "VM.Standard.E4.Flex"
    assert pool.inputs["nodeShapeConfig"] == {"ocpus": 30, "memoryInGbs": 128}
    assert pool.inputs["kubernetesVersion"] == "v1.34.1"
    assert pool.inputs["nodeSourceDetails"] == {
        "sourceType": "IMAGE",
        "imageId": f"ocid1.image.oc1..{IMAGE}",
        "bootVolumeSizeInGbs": "80",
    }


def test_nothing_deprecated_is_said(pool: Registration) -> None:
    assert not {"nodeImageId", "nodeImageName", "quantityPerSubnet", "subnetIds"} & set(pool.inputs)


def test_nodes_are_private(recording: Recording, pool: Registration) -> None:
    (placement,) = pool.inputs["nodeConfigDetails"]["placementConfigs"]
    subnet = recording.named(placement["subnetId"].removesuffix("-id"))
    assert subnet.inputs["prohibitPublicIpOnVnic"] is True
    assert "preemptibleNodeConfig" not in placement


def test_nodes_and_pods_have_groups_of_their_own(pool: Registration) -> None:
    config = pool.inputs["nodeConfigDetails"]
    pods = config["nodePoolPodNetworkOptionDetails"]
    assert config["nsgIds"] == ["oci-network-nsg-nodes-id"]
    assert pods["podNsgIds"] == ["oci-network-nsg-pods-id"]
    assert pods["podSubnetIds"] == ["oci-network-subnet-pods-id"]
    assert pods["cniType"] == "OCI_VCN_IP_NATIVE"
    assert pods["maxPodsPerNode"] == 110


def test_volumes_are_encrypted(pool: Registration) -> None:
    config = pool.inputs["nodeConfigDetails"]
    assert config["isPvEncryptionInTransitEnabled"] is True
    assert config["kmsKeyId"] == "oci-keys-key-id"


def test_renewal_needs_no_further_host(pool: Registration) -> None:
    assert pool.inputs["nodePoolCyclingDetails"] == {
        "isNodeCyclingEnabled": True,
        "cycleModes": ["BOOT_VOLUME_REPLACE"],
        "maximumSurge": "0",
        "maximumUnavailable": "1",
    }
    assert pool.delete_before_replace


def test_machines_are_replaced_where_the_stack_file_says_so() -> None:
    asked = cloud(node_pools={"lms": {"cycling": "instance"}})
    details = asked.named("oci-pool-lms-nodes").inputs["nodePoolCyclingDetails"]
    assert details == {
        "isNodeCyclingEnabled": True,
        "cycleModes": ["INSTANCE_REPLACE"],
        "maximumSurge": "0",
        "maximumUnavailable": "1",
    }
    other = asked.named("oci-pool-general-nodes").inputs["nodePoolCyclingDetails"]
    assert other["cycleModes"] == ["BOOT_VOLUME_REPLACE"]


def test_nothing_is_renewed_where_the_stack_file_says_so() -> None:
    asked = cloud(node_pools={"lms": {"cycling": "none"}})
    details = asked.named("oci-pool-lms-nodes").inputs["nodePoolCyclingDetails"]
    assert details["isNodeCyclingEnabled"] is False
    assert "cycleModes" not in details


def test_pools_never_change_at_once(recording: Recording) -> None:
    assert "oci-pool-general-nodes" in recording.named("oci-pool-lms-nodes").dependencies
    first = recording.named("oci-pool-general-nodes").dependencies
    assert not [name for name in first if name.startswith("oci-pool-")]


def test_every_pool_waits_for_the_one_before() -> None:
    pool = {
        "nodes": 1,
        "shape": "VM.Standard.E4.Flex",
        "ocpus": 30,
        "memory_gb": 128,
        "boot_volume_gb": 80,
        "max_pods": 110,
    }
    three = cloud(node_pools={"gpu": {**pool, "dedicated": True}})
    chain = [
        [name for name in made.dependencies if name.startswith("oci-pool-")]
        for made in (three.named(f"oci-pool-{name}-nodes") for name in ("general", "lms", "gpu"))
    ]
    assert chain == [[], ["oci-pool-general-nodes"], ["oci-pool-lms-nodes"]]


def test_the_provider_waits_as_long_as_a_renewal_may_take(pool: Registration) -> None:
    assert pool.timeouts == {"create": "2h", "update": "6h", "delete": "2h"}


def test_many_nodes_have_more_time() -> None:
    many = cloud(node_pools={"lms": {"nodes": 9}})
    assert many.named("oci-pool-lms-nodes").timeouts["update"] == "9h"


def test_a_node_that_cannot_be_drained_is_not_deleted(pool: Registration) -> None:
    assert pool.inputs["nodeEvictionNodePoolSettings"] == {
        "evictionGraceDuration": "PT30M",
        "isForceActionAfterGraceDuration": False,
        "isForceDeleteAfterGraceDuration": False,
    }


def test_label(pool: Registration) -> None:
    assert pool.inputs["initialNodeLabels"] == [
        {"key": "openedx-large/pool", "value": pool.inputs["name"]}
    ]


def test_old_metadata_service_is_off(pool: Registration) -> None:
    assert pool.inputs["nodeMetadata"]["areLegacyImdsEndpointsDisabled"] == "true"


def test_start_up_grows_the_disk_and_starts_oke(pool: Registration) -> None:
    lines = script(pool).splitlines()
    assert lines[0].startswith("#!")
    grow = next(n for n, line in enumerate(lines) if line.startswith("/usr/libexec/oci-growfs -y"))
    start = next(n for n, line in enumerate(lines) if line.startswith("bash /var/run/oke-init.sh"))
    assert grow < start
    assert "http://169.254.169.254/opc/v2/instance/metadata/oke_init_script" in script(pool)
    assert '--header "Authorization: Bearer Oracle"' in script(pool)
    # The first version of the metadata service is off.
    assert "/opc/v1/" not in script(pool)


def test_kubelet_reservations_are_explicit(pool: Registration) -> None:
    assert "--kube-reserved=cpu=500m,memory=1024Mi" in script(pool)
    assert "--system-reserved=cpu=100m,memory=100Mi" in script(pool)


def test_the_kubelets_own_eviction_thresholds_are_not_repeated(pool: Registration) -> None:
    assert "eviction" not in script(pool)


def test_other_eviction_thresholds_are_amounts() -> None:
    kubelet = {"eviction_memory_mib": 500}
    asked = cloud(cluster={"kubernetes": "1.34.1", "kubelet": kubelet})
    words = script(asked.named("oci-pool-general-nodes")).replace('"', " ").split()
    (flag,) = [word for word in words if word.startswith("--eviction-hard")]
    # 10 and 15 percent of 80 GB, the kubelet's defaults.
    assert flag == (
        "--eviction-hard=memory.available<500Mi,nodefs.available<8192Mi,imagefs.available<12288Mi"
    )
    assert "%" not in flag


def test_only_the_dedicated_pool_is_tainted(recording: Recording) -> None:
    taint = "--register-with-taints=openedx-large/pool=lms:NoSchedule"
    assert taint in script(recording.named("oci-pool-lms-nodes"))
    assert "--register-with-taints" not in script(recording.named("oci-pool-general-nodes"))
