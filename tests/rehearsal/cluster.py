"""A corner of the shared control plane for one test, and words to say what it expects there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from lightkube import ApiError, Client, KubeConfig, codecs
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import DaemonSet, Deployment, StatefulSet
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import (
    Event,
    Namespace,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    Service,
    ServiceAccount,
)
from lightkube.resources.storage_v1 import CSINode, StorageClass

OCI_DRIVER = "blockvolume.csi.oraclecloud.com"
PATIENCE_SECONDS = 60.0
ZONE = "topology.kubernetes.io/zone"

T = TypeVar("T")


def eventually(what: str, look: Callable[[], T | None]) -> T:
    """What ``look`` returns once it is neither None nor false; fails naming ``what``."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.05)


class Cluster:
    """A namespace, and nodes on which only pods with :meth:`placement` are put."""

    def __init__(self, kubeconfig: Path, namespace: str) -> None:
        self.namespace = namespace
        # Untyped: a generic client's overloads are no help to tests.
        self.client: Any = Client(
            KubeConfig.from_file(kubeconfig), namespace=namespace, trust_env=False
        )
        self._cluster_wide: list[tuple[Any, str]] = []
        self.client.create(Namespace(metadata=ObjectMeta(name=namespace)))
        eventually(
            "the default service account", lambda: self.find(ServiceAccount, "default") is not None
        )

    def remove(self) -> None:
        volumes = [volume for volume in self.client.list(PersistentVolume) if self._mine(volume)]
        # The nodes last: a pod on a node that is gone would linger for a minute. And not by way of
        # the namespace, whose deletion begins only after five seconds.
        for kind in (Deployment, StatefulSet, DaemonSet, Job, Pod):
            self.client.deletecollection(kind)
        eventually("all pods gone", lambda: not self.pods())
        self.client.delete(Namespace, self.namespace)
        for kind, name in self._cluster_wide:
            self._delete(kind, name)
        for volume in volumes:
            self._delete(PersistentVolume, volume.metadata.name)
        self.client.close()

    def placement(self) -> dict[str, Any]:
        """What a pod's ``spec`` must say to be put on the nodes of this test."""
        return {
            "nodeSelector": {"test": self.namespace},
            "tolerations": [{"key": "test", "value": self.namespace, "effect": "NoSchedule"}],
        }

    def create(self, manifest: str | dict[str, Any]) -> Any:
        """Create one object in the namespace."""
        content = yaml.safe_load(manifest) if isinstance(manifest, str) else manifest
        content.setdefault("metadata", {}).setdefault("labels", {})["test"] = self.namespace
        return self.client.create(codecs.from_dict(content))

    def node(
        self,
        name: str,
        *,
        cpu: str = "60",
        memory: str = "128Gi",
        volumes: int = 32,
        pool: str = "main",
        zone: str = "ME-JEDDAH-1-AD-1",
    ) -> str:
        """Register a node with the OCI driver; returns its name."""
        full = f"{self.namespace}-{name}"
        capacity = {"cpu": cpu, "memory": memory, "pods": "110"}
        self.client.create(
            Node.from_dict(
                {
                    "metadata": {
                        "name": full,
                        # As the kubelet does: the controller manager attaches volumes.
                        "annotations": {
                            "volumes.kubernetes.io/controller-managed-attach-detach": "true"
                        },
                        "labels": {
                            "test": self.namespace,
                            "pool": pool,
                            "kubernetes.io/hostname": full,
                            ZONE: zone,
                            "topology.kubernetes.io/region": "me-jeddah-1",
                        },
                    },
                    "spec": {
                        "taints": [{"key": "test", "value": self.namespace, "effect": "NoSchedule"}]
                    },
                    "status": {"capacity": capacity, "allocatable": capacity},
                }
            )
        )
        self.client.create(
            CSINode.from_dict(
                {
                    "metadata": {"name": full},
                    "spec": {
                        "drivers": [
                            {
                                "name": OCI_DRIVER,
                                "nodeID": full,
                                "topologyKeys": [ZONE],
                                "allocatable": {"count": volumes},
                            }
                        ]
                    },
                }
            )
        )
        self._cluster_wide += [(Node, full), (CSINode, full)]
        return full

    def await_ready(self, node: str) -> None:
        """Wait until pods can be put on a node."""

        def ready() -> bool:
            found = self.client.get(Node, node)
            conditions = (found.status.conditions if found.status else None) or []
            taints = {taint.key for taint in found.spec.taints or []}
            is_ready = any(c.type == "Ready" and c.status == "True" for c in conditions)
            return is_ready and "node.kubernetes.io/not-ready" not in taints

        eventually(f"node {node} ready", ready)

    def storage_class(self, suffix: str = "bv", **fields: Any) -> str:
        """Create a StorageClass of the OCI driver; returns its name."""
        name = f"{self.namespace}-{suffix}"
        content = {
            "metadata": {"name": name},
            "provisioner": OCI_DRIVER,
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer",
            **fields,
        }
        self.client.create(StorageClass.from_dict(content))
        self._cluster_wide.append((StorageClass, name))
        return name

    def claim(self, name: str, storage_class: str | None, size: str = "5Gi", **spec: Any) -> None:
        """Create a PersistentVolumeClaim."""
        self.client.create(
            PersistentVolumeClaim.from_dict(
                {
                    "metadata": {"name": name},
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "resources": {"requests": {"storage": size}},
                        **({"storageClassName": storage_class} if storage_class else {}),
                        **spec,
                    },
                }
            )
        )

    def pod_using(self, claim: str, name: str = "consumer") -> None:
        """Create a pod that uses a claim."""
        self.client.create(
            Pod.from_dict(
                {
                    "metadata": {"name": name},
                    "spec": {
                        **self.placement(),
                        "containers": [{"name": "main", "image": "registry.example/main:1"}],
                        "volumes": [
                            {"name": "data", "persistentVolumeClaim": {"claimName": claim}}
                        ],
                    },
                }
            )
        )

    def find(self, kind: Any, name: str) -> Any | None:
        """An object, or None."""
        try:
            return self.client.get(kind, name)
        except ApiError as error:
            if error.status.code == 404:
                return None
            raise

    def pods(self) -> list[Any]:
        """All pods of the namespace, by name."""
        return sorted(self.client.list(Pod), key=lambda pod: str(pod.metadata.name))

    def bound_volume(self, claim: str) -> Any:
        """The volume of a claim, once it is bound."""

        def look() -> Any | None:
            found = self.client.get(PersistentVolumeClaim, claim)
            bound = found.status is not None and found.status.phase == "Bound"
            return self.find(PersistentVolume, found.spec.volumeName) if bound else None

        return eventually(f"claim {claim} bound", look)

    def phase(self, claim: str) -> str:
        """A claim's phase."""
        return str(self.client.get(PersistentVolumeClaim, claim).status.phase)

    def event(self, name: str, reason: str) -> Any:
        """The first Event with this reason about the object of this name."""

        def look() -> Any | None:
            for event in self.client.list(Event):
                if event.involvedObject.name == name and event.reason == reason:
                    return event
            return None

        return eventually(f"Event {reason} about {name}", look)

    def events(self, name: str) -> list[str]:
        """Reasons of all Events about the object of this name."""
        return [e.reason for e in self.client.list(Event) if e.involvedObject.name == name]

    def address(self, service: str) -> str | None:
        """The first address of a Service's load balancer."""
        status = self.client.get(Service, service).status
        ingress = status.loadBalancer.ingress if status and status.loadBalancer else None
        return str(ingress[0].ip) if ingress else None

    def _mine(self, volume: Any) -> bool:
        reference = volume.spec.claimRef
        return reference is not None and reference.namespace == self.namespace

    def _delete(self, kind: Any, name: str) -> None:
        try:
            self.client.delete(kind, name)
        except ApiError as error:
            if error.status.code != 404:
                raise
