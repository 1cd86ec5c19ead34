"""What cannot change in place, kind by kind, as the official provider has it.

The table is that of ``provider/pkg/provider/diff.go`` of pulumi/pulumi-kubernetes, for the kinds of
:mod:`rehearsal.kubernetes.kinds`. It is deliberately no longer than the official one: a change that
the API server refuses but that provider does not replace for (a PriorityClass's value, a
StorageClass's reclaim policy) must fail here as it would there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rehearsal.kubernetes.objects import Object

_IDENTITY: Final = frozenset({"metadata.name", "metadata.namespace"})
_ROLE_BINDING: Final = frozenset({"roleRef"})

_VOLUME_SOURCES: Final = (
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "hostPath",
    "iscsi",
    "local",
    "nfs",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
)

_FORCE_NEW: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("apps/v1", "DaemonSet"): frozenset({"spec.selector"}),
    ("apps/v1", "Deployment"): frozenset({"spec.selector"}),
    ("apps/v1", "StatefulSet"): frozenset(
        {
            "spec.podManagementPolicy",
            "spec.revisionHistoryLimit",
            "spec.selector",
            "spec.serviceName",
            "spec.volumeClaimTemplates",
        }
    ),
    ("batch/v1", "Job"): frozenset(
        {"spec.completions", "spec.parallelism", "spec.selector", "spec.template"}
    ),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): _ROLE_BINDING,
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): _ROLE_BINDING,
    ("storage.k8s.io/v1", "StorageClass"): frozenset({"parameters", "provisioner"}),
    ("v1", "PersistentVolume"): frozenset(f"spec.{source}" for source in _VOLUME_SOURCES),
    ("v1", "PersistentVolumeClaim"): frozenset(
        {"spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"}
    ),
    ("v1", "ResourceQuota"): frozenset({"spec.scopes"}),
    ("v1", "Secret"): frozenset({"type"}),
    ("v1", "Service"): frozenset({"spec.clusterIP"}),
}

_CONTENTS: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("v1", "ConfigMap"): frozenset({"binaryData", "data"}),
    ("v1", "Secret"): frozenset({"type", "stringData", "data"}),
}


def replaces(inputs: Object, *, mutable_contents: bool) -> Callable[[str], bool]:
    """Whether a change of a property (its path, list indices left out) replaces the object.

    ``mutable_contents``: the provider may change what ConfigMaps (or Secrets) hold in place
    (``enableConfigMapMutable``, ``enableSecretMutable``); one that is ``immutable`` is replaced
    nevertheless.
    """
    key = (str(inputs.get("apiVersion")), str(inputs.get("kind")))
    fields = _IDENTITY | _FORCE_NEW.get(key, frozenset())
    if not mutable_contents or inputs.get("immutable") is True:
        fields |= _CONTENTS.get(key, frozenset())
    return fields.__contains__
