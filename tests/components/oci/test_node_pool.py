"""Node pools: fixed, private, encrypted, and renewed on their own hosts."""

from __future__ import annotations

import base64

import pytest

from tests.components.conftest import IMAGE, Recording, Registration

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
    eviction = "--eviction-hard=memory.available<100Mi,nodefs.available<10%"
    assert eviction in script(pool)
    assert "imagefs.available<15%" in script(pool)


def test_only_the_dedicated_pool_is_tainted(recording: Recording) -> None:
    taint = "--register-with-taints=openedx-large/pool=lms:NoSchedule"
    assert taint in script(recording.named("oci-pool-lms-nodes"))
    assert "--register-with-taints" not in script(recording.named("oci-pool-general-nodes"))
