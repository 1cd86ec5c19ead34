"""The Kubernetes kinds that the stand-in takes, and the names they go by.

To add a kind: one line in :data:`KINDS`; what in it cannot change in place goes into
:mod:`rehearsal.kubernetes.immutables`, and when it counts as ready into
:mod:`rehearsal.kubernetes.readiness`, both as the official provider has them.

Custom resources need no line: any kind of a group that is not Kubernetes' own is looked up at the
API server, where its CustomResourceDefinition must exist by the time it is created.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rehearsal.standin.provider import CloudError

RELEASE: Final = "kubernetes:helm.sh/v3:Release"


@dataclass(frozen=True)
class Kind:
    """One kind of object at the API server."""

    api_version: str
    """``v1`` or ``apps/v1``."""
    kind: str
    plural: str
    namespaced: bool

    @property
    def path(self) -> str:
        """Where the API server keeps the kind's group."""
        return (
            f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        )

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    def url(self, namespace: str | None, name: str | None = None) -> str:
        """The path of one object, or of all (in the namespace) without a name."""
        scope = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{self.path}{scope}/{self.plural}" + (f"/{name}" if name else "")


_NAMESPACED: Final = {
    "v1": {
        "ConfigMap": "configmaps",
        "LimitRange": "limitranges",
        "PersistentVolumeClaim": "persistentvolumeclaims",
        "ResourceQuota": "resourcequotas",
        "Secret": "secrets",
        "Service": "services",
        "ServiceAccount": "serviceaccounts",
    },
    "apps/v1": {
        "DaemonSet": "daemonsets",
        "Deployment": "deployments",
        "StatefulSet": "statefulsets",
    },
    "autoscaling/v2": {"HorizontalPodAutoscaler": "horizontalpodautoscalers"},
    "batch/v1": {"CronJob": "cronjobs", "Job": "jobs"},
    "networking.k8s.io/v1": {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies"},
    "policy/v1": {"PodDisruptionBudget": "poddisruptionbudgets"},
    "rbac.authorization.k8s.io/v1": {"Role": "roles", "RoleBinding": "rolebindings"},
}

_CLUSTER_WIDE: Final = {
    "v1": {"Namespace": "namespaces", "PersistentVolume": "persistentvolumes"},
    "apiextensions.k8s.io/v1": {"CustomResourceDefinition": "customresourcedefinitions"},
    "networking.k8s.io/v1": {"IngressClass": "ingressclasses"},
    "rbac.authorization.k8s.io/v1": {
        "ClusterRole": "clusterroles",
        "ClusterRoleBinding": "clusterrolebindings",
    },
    "scheduling.k8s.io/v1": {"PriorityClass": "priorityclasses"},
    "storage.k8s.io/v1": {"CSIDriver": "csidrivers", "StorageClass": "storageclasses"},
}

KINDS: Final[Mapping[tuple[str, str], Kind]] = {
    (api_version, kind): Kind(api_version, kind, plural, namespaced)
    for table, namespaced in ((_NAMESPACED, True), (_CLUSTER_WIDE, False))
    for api_version, kinds in table.items()
    for kind, plural in kinds.items()
}
"""Every typed kind by (apiVersion, kind)."""

_BUILT_IN_GROUPS: Final = frozenset(
    {
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "auditregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "meta",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "settings.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    }
)

_PULUMI_GROUPS: Final = frozenset({"helm.sh", "kustomize", "yaml"})


@dataclass(frozen=True)
class Token:
    """A resource type of the ``kubernetes`` package, taken apart."""

    api_version: str
    kind: str

    @property
    def typed(self) -> Kind | None:
        """The kind in the table; None for a custom resource."""
        return KINDS.get((self.api_version, self.kind))


def parse(token: str) -> Token:
    """Take ``kubernetes:GROUP/VERSION:KIND`` apart.

    Raises:
        CloudError: the stand-in does not take the type; the text says what would make it.
    """
    parts = token.split(":")
    if len(parts) != 3 or parts[0] != "kubernetes" or parts[1].count("/") != 1 or not all(parts):
        raise CloudError(f"unrecognized resource type: {token!r} for this provider")
    group, version = parts[1].split("/")
    api_version = version if group in ("", "core") else f"{group}/{version}"
    parsed = Token(api_version, parts[2])
    if parsed.typed is not None:
        return parsed
    if group in _PULUMI_GROUPS:
        raise CloudError(
            f"{token}: the stand-in renders no charts, manifests or kustomizations into resources "
            f"of their own; use {RELEASE}, or the official Kubernetes plugin (--plugin kubernetes)"
        )
    if "." not in group or group in _BUILT_IN_GROUPS:
        raise CloudError(
            f"{token}: the stand-in does not know this kind; add it to "
            "rehearsal/kubernetes/kinds.py, or use the official Kubernetes plugin "
            "(--plugin kubernetes=PATH)"
        )
    return parsed
