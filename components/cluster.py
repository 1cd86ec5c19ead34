"""What any cluster offers the rest of the platform, whatever cloud it runs on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.settings.platform import NodePoolSettings

POOL_LABEL = "openedx-large/pool"
"""Label (and, on dedicated pools, taint) of every node: the name of its pool."""


def pool_labels(pool: str) -> Mapping[str, str]:
    """The labels that the program puts on each node of ``pool``."""
    return {POOL_LABEL: pool}


def pool_taints(pool: str, spec: NodePoolSettings) -> tuple[str, ...]:
    """The taints of each node of ``pool``, as the kubelet takes them."""
    return (f"{POOL_LABEL}={pool}:NoSchedule",) if spec.dedicated else ()


@dataclass(frozen=True)
class NodePool:
    """A fixed number of equal nodes."""

    name: str
    spec: NodePoolSettings
    fault_domains: tuple[str, ...]
    """Where its nodes may be, in the order the cloud was given."""
    resource: pulumi.Resource
    """The cloud's own node pool, for those who must wait for its nodes."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Labels that the program puts on each node."""
        return pool_labels(self.name)

    @property
    def taints(self) -> tuple[str, ...]:
        """Taints that the program puts on each node."""
        return pool_taints(self.name, self.spec)


@dataclass(frozen=True)
class StorageClasses:
    """Names of the classes; in a protected stack both retain their volumes."""

    block: str
    """Ordinary SSD block volumes."""
    ultra: str
    """Ultra-high-performance block volumes, for what writes all day."""


@dataclass(frozen=True)
class Cluster:
    """One Kubernetes cluster with its nodes."""

    name: str
    id: pulumi.Output[str]
    cloud: str
    region: str
    kubernetes_version: str
    """Version of the control plane and the nodes, e.g. ``1.34.1``."""
    node_image: str
    endpoint: pulumi.Output[str]
    """The private address of the Kubernetes API."""
    kubeconfig: pulumi.Output[str]
    """A kubeconfig, secret, that signs in by the cloud's own command line."""
    provider: kubernetes.Provider
    pools: Sequence[NodePool]
    storage_classes: StorageClasses
    private_cidrs: Sequence[str]
    """Everything inside the network: not the internet."""
    pod_interface_prefix: str | None
    """How the host's ends of pods' interfaces begin, where network policies need an engine of
    our own; None where the cloud enforces them."""


def kubernetes_provider(
    name: str,
    *,
    identifier: str,
    kubeconfig: pulumi.Input[str],
    opts: pulumi.ResourceOptions | None = None,
) -> kubernetes.Provider:
    """A provider for one cluster.

    ``identifier`` says which cluster it is, independent of OCIDs, addresses and credentials. By
    default the provider compares kubeconfigs instead, and a changed one replaces the provider and
    with it every object in the cluster.
    """
    return kubernetes.Provider(
        name, cluster_identifier=identifier, kubeconfig=kubeconfig, opts=opts
    )
