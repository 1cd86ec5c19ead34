"""Claims on the control plane get the volumes that the OCI driver would make."""

from __future__ import annotations

from typing import Any

import pytest
from lightkube.resources.core_v1 import Node, PersistentVolume, PersistentVolumeClaim, Pod
from lightkube.resources.storage_v1 import VolumeAttachment

from tests.rehearsal.cluster import OCI_DRIVER, ZONE, Cluster, eventually


def volumes_of(cluster: Cluster) -> list[str]:
    return [
        volume.metadata.name
        for volume in cluster.client.list(PersistentVolume)
        if volume.spec.claimRef and volume.spec.claimRef.namespace == cluster.namespace
    ]


def test_a_claim_waits_for_its_first_consumer_and_follows_it(cluster: Cluster) -> None:
    node = cluster.node("a")
    cluster.claim(
        "data",
        cluster.storage_class(
            parameters={"vpusPerGB": "20", "csi.storage.k8s.io/fstype": "xfs"},
            mountOptions=["noatime"],
            reclaimPolicy="Retain",
        ),
    )
    cluster.event("data", "WaitForFirstConsumer")
    assert cluster.phase("data") == "Pending"
    assert volumes_of(cluster) == []

    cluster.pod_using("data")
    volume = cluster.bound_volume("data")

    claim = cluster.client.get(PersistentVolumeClaim, "data")
    assert claim.metadata.annotations["volume.kubernetes.io/selected-node"] == node
    assert claim.status.capacity == {"storage": "50Gi"}
    assert volume.metadata.name == f"csi-{claim.metadata.uid}"
    assert volume.metadata.annotations["pv.kubernetes.io/provisioned-by"] == OCI_DRIVER
    spec = volume.spec
    assert spec.capacity == {"storage": "50Gi"}
    assert spec.accessModes == ["ReadWriteOnce"]
    assert spec.persistentVolumeReclaimPolicy == "Retain"
    assert spec.mountOptions == ["noatime"]
    assert (spec.claimRef.name, spec.claimRef.uid) == ("data", claim.metadata.uid)
    assert (spec.csi.driver, spec.csi.fsType) == (OCI_DRIVER, "xfs")
    assert spec.csi.volumeHandle.startswith("ocid1.volume.oc1.me-jeddah-1.")
    assert spec.csi.volumeAttributes["vpusPerGB"] == "20"
    [term] = spec.nodeAffinity.required.nodeSelectorTerms
    [zone] = term.matchExpressions
    assert (zone.key, zone.operator, zone.values) == (ZONE, "In", ["ME-JEDDAH-1-AD-1"])
    cluster.event("data", "ProvisioningSucceeded")
    eventually(
        "the consumer runs",
        lambda: cluster.client.get(Pod, "consumer").status.phase == "Running",
    )


def test_immediate_binding_needs_no_consumer(cluster: Cluster) -> None:
    cluster.node("a")
    cluster.claim("data", cluster.storage_class(volumeBindingMode="Immediate"), "75Gi")
    assert cluster.bound_volume("data").spec.capacity == {"storage": "75Gi"}


def test_a_volume_is_made_only_where_its_class_allows(cluster: Cluster) -> None:
    cluster.node("a")
    expression = {"key": ZONE, "values": ["ME-JEDDAH-1-AD-9"]}
    name = cluster.storage_class(
        volumeBindingMode="Immediate",
        allowedTopologies=[{"matchLabelExpressions": [expression]}],
    )
    cluster.claim("data", name)
    assert ZONE in cluster.event("data", "ProvisioningFailed").message
    assert volumes_of(cluster) == []
    # Tried again by itself, once there is such a node.
    cluster.node("b", zone="ME-JEDDAH-1-AD-9")
    [term] = cluster.bound_volume("data").spec.nodeAffinity.required.nodeSelectorTerms
    assert term.matchExpressions[0].values == ["ME-JEDDAH-1-AD-9"]


def test_a_claim_is_bound_once_its_class_exists(cluster: Cluster) -> None:
    cluster.node("a")
    cluster.claim("data", f"{cluster.namespace}-later")
    cluster.pod_using("data")
    cluster.event("consumer", "FailedScheduling")
    assert volumes_of(cluster) == []
    cluster.storage_class("later")
    cluster.bound_volume("data")


@pytest.mark.parametrize(
    ("parameters", "claim", "why"),
    [
        ({"vpusPerGb": "20"}, {}, "does not know: vpusPerGb"),
        ({"vpusPerGB": "121"}, {}, "vpusPerGB: 121 is not between 0 and 120"),
        ({"vpusPerGB": "30"}, {"volumeMode": "Block"}, "ultra high performance"),
        ({}, {"accessModes": ["ReadWriteMany"]}, "access modes ReadWriteMany"),
    ],
)
def test_what_the_driver_refuses_stays_pending_with_an_event(
    cluster: Cluster, parameters: dict[str, str], claim: dict[str, Any], why: str
) -> None:
    cluster.node("a")
    name = cluster.storage_class(volumeBindingMode="Immediate", parameters=parameters)
    cluster.claim("data", name, **claim)
    event = cluster.event("data", "ProvisioningFailed")
    assert event.type == "Warning"
    assert why in event.message
    assert name in event.message
    assert cluster.phase("data") == "Pending"
    assert volumes_of(cluster) == []
    # Said once, however often the claim is looked at.
    cluster.client.patch(PersistentVolumeClaim, "data", {"metadata": {"labels": {"seen": "again"}}})
    cluster.claim("other", cluster.storage_class("good", volumeBindingMode="Immediate"))
    cluster.bound_volume("other")
    assert cluster.events("data").count("ProvisioningFailed") == 1


def test_a_claim_without_a_class_stays_pending(cluster: Cluster) -> None:
    cluster.node("a")
    cluster.claim("data", None)
    cluster.event("data", "FailedBinding")
    cluster.claim("other", cluster.storage_class(volumeBindingMode="Immediate"))
    cluster.bound_volume("other")
    assert cluster.phase("data") == "Pending"


def test_a_class_of_another_driver_is_left_alone(cluster: Cluster) -> None:
    cluster.node("a")
    name = cluster.storage_class(volumeBindingMode="Immediate", provisioner="csi.example.com")
    cluster.claim("data", name)
    cluster.event("data", "ExternalProvisioning")
    cluster.claim("other", cluster.storage_class("good", volumeBindingMode="Immediate"))
    cluster.bound_volume("other")
    assert cluster.phase("data") == "Pending"
    assert "ProvisioningFailed" not in cluster.events("data")


@pytest.mark.parametrize("policy", ["Delete", "Retain"])
def test_the_reclaim_policy_decides_what_happens_to_the_volume(
    cluster: Cluster, policy: str
) -> None:
    cluster.node("a")
    name = cluster.storage_class(volumeBindingMode="Immediate", reclaimPolicy=policy)
    cluster.claim("data", name)
    volume = cluster.bound_volume("data").metadata.name
    cluster.client.delete(PersistentVolumeClaim, "data")
    if policy == "Delete":
        eventually("the volume is deleted", lambda: cluster.find(PersistentVolume, volume) is None)
        return
    eventually(
        "the volume is released",
        lambda: cluster.client.get(PersistentVolume, volume).status.phase == "Released",
    )
    # Whatever was to be deleted is deleted by the time another volume has come and gone.
    cluster.claim("other", cluster.storage_class("deleting", volumeBindingMode="Immediate"))
    other = cluster.bound_volume("other").metadata.name
    cluster.client.delete(PersistentVolumeClaim, "other")
    eventually("the other is deleted", lambda: cluster.find(PersistentVolume, other) is None)
    assert cluster.client.get(PersistentVolume, volume).status.phase == "Released"


def test_a_volume_grows_with_its_claim(cluster: Cluster) -> None:
    cluster.node("a")
    name = cluster.storage_class(volumeBindingMode="Immediate", allowVolumeExpansion=True)
    cluster.claim("data", name, "60Gi")
    volume = cluster.bound_volume("data").metadata.name
    request = {"spec": {"resources": {"requests": {"storage": "90Gi"}}}}
    cluster.client.patch(PersistentVolumeClaim, "data", request)
    eventually(
        "the claim has grown",
        lambda: (
            cluster.client.get(PersistentVolumeClaim, "data").status.capacity == {"storage": "90Gi"}
        ),
    )
    assert cluster.client.get(PersistentVolume, volume).spec.capacity == {"storage": "90Gi"}


def test_a_volume_grows_to_no_more_than_the_largest(cluster: Cluster) -> None:
    cluster.node("a")
    name = cluster.storage_class(volumeBindingMode="Immediate", allowVolumeExpansion=True)
    cluster.claim("data", name)
    volume = cluster.bound_volume("data").metadata.name
    request = {"spec": {"resources": {"requests": {"storage": "33Ti"}}}}
    cluster.client.patch(PersistentVolumeClaim, "data", request)
    cluster.event("data", "VolumeResizeFailed")
    assert cluster.client.get(PersistentVolume, volume).spec.capacity == {"storage": "50Gi"}


def test_no_more_volumes_on_a_node_than_it_can_have(cluster: Cluster) -> None:
    cluster.node("small", volumes=2)
    name = cluster.storage_class()
    for index in range(3):
        cluster.claim(f"data-{index}", name)
        cluster.pod_using(f"data-{index}", f"consumer-{index}")

    def settled() -> bool:
        phases = [pod.status.phase for pod in cluster.pods()]
        return sorted(phases) == ["Pending", "Running", "Running"] and any(
            "exceed max volume count" in (condition.message or "")
            for pod in cluster.pods()
            for condition in pod.status.conditions or []
        )

    eventually("two run, the third has no room for its volume", settled)
    assert len(volumes_of(cluster)) == 2


def test_a_volume_is_attached_to_the_node_of_its_pod_and_detached_with_it(
    cluster: Cluster,
) -> None:
    node = cluster.node("a")
    cluster.claim("data", cluster.storage_class())
    cluster.pod_using("data")
    volume = cluster.bound_volume("data")

    def attachments() -> list[Any]:
        return [
            item
            for item in cluster.client.list(VolumeAttachment)
            if item.spec.source.persistentVolumeName == volume.metadata.name
        ]

    eventually(
        "the volume is attached",
        lambda: [item.spec.nodeName for item in attachments() if item.status.attached] == [node],
    )
    eventually(
        "the node knows it",
        lambda: any(
            volume.spec.csi.volumeHandle in item.name
            for item in cluster.client.get(Node, node).status.volumesAttached or []
        ),
    )
    cluster.client.delete(Pod, "consumer")
    eventually("the volume is detached", lambda: not attachments())
