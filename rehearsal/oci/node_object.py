"""An instance as the Kubernetes Node that its kubelet would register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.cloud.store import Record
from rehearsal.oci.facts.machine import MIB_PER_GIB, root_file_system_mib, visible_memory_mib
from rehearsal.oci.facts.regions import short_domain
from rehearsal.oci.facts.shapes import SHAPES
from rehearsal.oci.facts.shipped import BLOCK_VOLUME_DRIVER, VOLUMES_PER_INSTANCE
from rehearsal.oci.kubelet import Kubelet

POOL_ANNOTATION = "oci.oraclecloud.com/node-pool-id"
#: How often the instance's boot volume has been renewed; not OKE's, for comparison only.
GENERATION_ANNOTATION = "rehearsal/boot-volume-generation"
ZONE_LABEL = "topology.kubernetes.io/zone"

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def name_of(instance: Record) -> str:
    """OKE names a node by its private address."""
    return str(instance.private["private_ip"])


def node(instance: Record, kubelet: Kubelet) -> dict[str, Any]:
    """The Node, status included; labels are those that OKE and its cloud controller set."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name_of(instance),
            "labels": _labels(instance, kubelet),
            "annotations": {
                "alpha.kubernetes.io/provided-node-ip": name_of(instance),
                "kwok.x-k8s.io/node": "fake",
                "oci.oraclecloud.com/compartment-id": instance.scope,
                POOL_ANNOTATION: instance.private["pool_id"],
                GENERATION_ANNOTATION: str(instance.private["generation"]),
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": {
            "providerID": instance.id,
            "taints": [{name: text for name, text in it.items() if text} for it in kubelet.taints],
        },
        "status": _status(instance, kubelet),
    }


def csi_node(instance: Record) -> dict[str, Any]:
    """What the node's CSI driver says of it."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "CSINode",
        "metadata": {"name": name_of(instance)},
        "spec": {
            "drivers": [
                {
                    "name": BLOCK_VOLUME_DRIVER,
                    "nodeID": instance.id,
                    "topologyKeys": [ZONE_LABEL],
                    "allocatable": {"count": VOLUMES_PER_INSTANCE},
                }
            ]
        },
    }


def _labels(instance: Record, kubelet: Kubelet) -> dict[str, str]:
    private = instance.private
    shape = SHAPES[private["size"]["shape"]]
    domain = short_domain(instance.properties["availabilityDomain"])
    return {
        "beta.kubernetes.io/arch": _ARCHITECTURES[shape.architecture],
        "beta.kubernetes.io/instance-type": shape.name,
        "beta.kubernetes.io/os": "linux",
        "failure-domain.beta.kubernetes.io/region": instance.region,
        "failure-domain.beta.kubernetes.io/zone": domain,
        "kubernetes.io/arch": _ARCHITECTURES[shape.architecture],
        "kubernetes.io/hostname": name_of(instance),
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": shape.name,
        "oci.oraclecloud.com/fault-domain": private["fault_domain"],
        "oke.oraclecloud.com/node.info.private_subnet": "true",
        "oke.oraclecloud.com/node.info.private_worker": "true",
        "oke.oraclecloud.com/pool.mode": "node_pool",
        "oke.oraclecloud.com/pool.name": private["pool_name"],
        "topology.kubernetes.io/region": instance.region,
        ZONE_LABEL: domain,
        "displayName": instance.name,
        "hostname": instance.name,
        "internal_addr": name_of(instance),
        "last-migration-failure": "get_kubesvc_failure",
        **kubelet.labels,
        **private["labels"],
    }


def _status(instance: Record, kubelet: Kubelet) -> dict[str, Any]:
    private = instance.private
    shape = SHAPES[private["size"]["shape"]]
    millicores = int(private["size"]["ocpus"]) * shape.vcpus_per_ocpu * 1000
    memory = visible_memory_mib(private["size"]["memory_gb"])
    disk = root_file_system_mib(private["boot_volume_gb"], grown=kubelet.root_grown)
    pods = kubelet.max_pods or private["max_pods"]
    capacity = _resources(millicores, memory, disk, pods)
    allocatable = _resources(
        millicores - kubelet.reserved_cpu_millicores,
        memory - kubelet.reserved_memory_mib - kubelet.evicted_below("memory.available", memory),
        disk - kubelet.evicted_below("nodefs.available", disk),
        pods,
    )
    return {
        "capacity": capacity,
        "allocatable": allocatable,
        "addresses": [
            {"type": "InternalIP", "address": name_of(instance)},
            {"type": "Hostname", "address": name_of(instance)},
        ],
        "nodeInfo": {
            "architecture": _ARCHITECTURES[shape.architecture],
            "bootID": instance.id[-36:],
            "containerRuntimeVersion": f"cri-o://{private['kubernetes_version'][1:]}",
            "kernelVersion": "5.15.0-uek",
            "kubeProxyVersion": private["kubernetes_version"],
            "kubeletVersion": private["kubernetes_version"],
            "machineID": instance.id[-32:],
            "operatingSystem": "linux",
            "osImage": "Oracle Linux Server 8.10",
            "systemUUID": instance.id[-36:],
        },
    }


def _resources(millicores: int, memory_mib: int, disk_mib: int, pods: int) -> Mapping[str, str]:
    return {
        "cpu": f"{millicores}m" if millicores % 1000 else str(millicores // 1000),
        "memory": f"{memory_mib * MIB_PER_GIB}Ki",
        "ephemeral-storage": f"{disk_mib * MIB_PER_GIB}Ki",
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "pods": str(pods),
    }
