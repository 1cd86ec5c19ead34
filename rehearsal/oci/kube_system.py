"""The workloads, drivers and storage class that OKE puts into every cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lightkube import codecs
from lightkube.resources.apps_v1 import DaemonSet, Deployment
from lightkube.resources.storage_v1 import CSIDriver, StorageClass

from rehearsal.cloud.store import Record
from rehearsal.oci.control_plane import administrator, if_there
from rehearsal.oci.facts.shipped import (
    BLOCK_VOLUME_DRIVER,
    DEFAULT_STORAGE_CLASS,
    FILE_STORAGE_DRIVER,
    WORKLOADS,
    Shipped,
)
from rehearsal.oci.model import Site
from rehearsal.oci.tokens import CLUSTER

NAMESPACE = "kube-system"


def install(site: Site, cluster: Record) -> None:
    """Apply everything; applying it again changes nothing."""
    cni_types = {it["cniType"] for it in cluster.properties["clusterPodNetworkOptions"]}
    version = cluster.properties["kubernetesVersion"]
    manifests = [_manifest(item, version) for item in _applicable(cni_types)]
    manifests += [_driver(BLOCK_VOLUME_DRIVER), _driver(FILE_STORAGE_DRIVER), _storage_class()]
    with administrator(site.paths) as client:
        for manifest in manifests:
            client.apply(codecs.from_dict(manifest), force=True)


def uninstall(site: Site) -> None:
    """Remove it all again, unless another cluster has taken the control plane over."""
    with site.store.transaction() as transaction:
        if transaction.live(CLUSTER):
            return
    with administrator(site.paths) as client:
        for item in WORKLOADS:
            kind = DaemonSet if item.replicas is None else Deployment
            with if_there():
                client.delete(kind, item.name, namespace=NAMESPACE)
        for driver in (BLOCK_VOLUME_DRIVER, FILE_STORAGE_DRIVER):
            with if_there():
                client.delete(CSIDriver, driver)
        with if_there():
            client.delete(StorageClass, DEFAULT_STORAGE_CLASS)


def _applicable(cni_types: set[str]) -> Iterator[Shipped]:
    for item in WORKLOADS:
        if item.cni_type is None or item.cni_type in cni_types:
            yield item


def _manifest(item: Shipped, version: str) -> dict[str, Any]:
    labels = {"app.kubernetes.io/managed-by": "oke", **(item.labels or {"k8s-app": item.name})}
    spec: dict[str, Any] = {
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {
                "automountServiceAccountToken": False,
                "priorityClassName": item.priority_class,
                "tolerations": _tolerations(item),
                "containers": [
                    {
                        "name": name,
                        "image": f"container-registry.oracle.com/oke/{name}:{version}",
                        "resources": {"requests": dict(requests)} if requests else {},
                    }
                    for name, requests in item.containers.items()
                ],
            },
        },
    }
    if item.replicas is not None:
        spec["replicas"] = item.replicas
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet" if item.replicas is None else "Deployment",
        "metadata": {"name": item.name, "namespace": NAMESPACE, "labels": labels},
        "spec": spec,
    }


def _tolerations(item: Shipped) -> list[dict[str, str]]:
    if item.replicas is None:
        return [{"operator": "Exists"}]
    return [{"key": "CriticalAddonsOnly", "operator": "Exists"}]


def _driver(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "CSIDriver",
        "metadata": {"name": name},
        "spec": {
            "attachRequired": name == BLOCK_VOLUME_DRIVER,
            "podInfoOnMount": False,
            "fsGroupPolicy": "File",
        },
    }


def _storage_class() -> dict[str, Any]:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": DEFAULT_STORAGE_CLASS,
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": BLOCK_VOLUME_DRIVER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
    }
