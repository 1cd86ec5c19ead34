"""All that a stack file may say under ``openedx-large:platform``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.oci.shapes import BOOT_VOLUME_GB
from components.settings.openedx import OpenEdxSettings, WorkloadSettings
from components.settings.spec import Spec
from components.settings.values import (
    Cidr,
    CompartmentId,
    Count,
    ImageReference,
    KubernetesVersion,
    OnOff,
    PoolName,
    Region,
    TenancyId,
)

__all__ = [
    "CapacitySettings",
    "CloudSettings",
    "ClusterSettings",
    "KubeletSettings",
    "NetworkSettings",
    "NodePoolSettings",
    "OpenEdxSettings",
    "PlatformSettings",
    "ReservedSettings",
    "WorkloadSettings",
]


class CloudSettings(Spec):
    """Where the platform stands, and where its data may be."""

    provider: Literal["oci"]
    """The cloud."""
    region: Region
    """The region of everything that holds data."""
    residency: Annotated[list[Region], Field(min_length=1)]
    """The regions that data may be in; ``region`` must be one of them."""
    compartment_id: CompartmentId
    """The compartment that holds every resource of the stack."""
    tenancy_id: TenancyId
    """The tenancy; dynamic groups live in its root compartment."""
    home_region: Region
    """The tenancy's home region: the only one that takes changes of identity resources."""


class NetworkSettings(Spec):
    """Address blocks. The subnets lie in the VCN and do not overlap."""

    vcn_cidr: Cidr = "10.0.0.0/16"
    """The whole network: a /16 to a /30, OCI's limits."""
    api_endpoint_cidr: Cidr = "10.0.0.0/28"
    """The Kubernetes API's private endpoint; Oracle's example layout gives it a /28."""
    load_balancers_cidr: Cidr = "10.0.2.0/24"
    """Load balancers."""
    nodes_cidr: Cidr = "10.0.4.0/24"
    """Worker nodes: one address each."""
    databases_cidr: Cidr = "10.0.6.0/24"
    """Managed data services."""
    pods_cidr: Cidr = "10.0.128.0/17"
    """Pods, which have addresses of the VCN: 32 for every 31 pods that a node may run."""
    services_cidr: Cidr = "10.96.0.0/16"
    """Kubernetes Services: virtual addresses outside the VCN; 10.96.0.0/16 is OKE's default."""


class ReservedSettings(Spec):
    """An amount of CPU and memory that is kept free of something."""

    cpu_millicores: Annotated[int, Field(ge=0)]
    """In thousandths of a vCPU."""
    memory_mib: Annotated[int, Field(ge=0)]
    """In MiB."""


class KubeletSettings(Spec):
    """What the kubelet keeps from pods, set explicitly: OKE publishes no formula."""

    kube_reserved: ReservedSettings = ReservedSettings(cpu_millicores=500, memory_mib=1024)
    """For the kubelet and the container runtime. Source: Oracle's troubleshooting pages for OKE."""
    system_reserved: ReservedSettings = ReservedSettings(cpu_millicores=100, memory_mib=100)
    """For the operating system's daemons. Source: Oracle's troubleshooting pages for OKE."""
    eviction_memory_mib: Annotated[int, Field(ge=0)] = 100
    """Pods are evicted below this much free memory, in MiB: the kubelet's own default."""
    memory_overhead_percent: Annotated[float, Field(ge=0, le=50)] = 2.5
    """Share of the nominal memory that the kernel keeps before the kubelet sees it, in percent.

    It differs by image: compare with the nodes' ``status.capacity``."""


class ClusterSettings(Spec):
    """The Kubernetes cluster."""

    kubernetes: KubernetesVersion
    """Kubernetes version of the control plane and the nodes, e.g. ``1.34.1``."""
    node_image: ImageReference | None = None
    """Name or OCID of the node image; without it the one that OKE offers for this version."""
    kubelet: KubeletSettings = KubeletSettings()
    """Reservations on every node."""


class CapacitySettings(Spec):
    """How the hosts of all node pools are reserved."""

    fault_domains: Literal["spread", "any"] = "spread"
    """``spread`` reserves hosts in each fault domain, evenly; ``any`` takes them wherever the
    region has them, which is easier to win. To be decided before the first ``up``."""


class NodePoolSettings(Spec):
    """A node pool of fixed size: nothing scales it."""

    nodes: Annotated[int, Field(ge=1, le=5000)]
    """How many machines; 5,000 is the limit of an enhanced OKE cluster."""
    reserved: Annotated[int, Field(ge=1, le=5000)] | None = None
    """How many hosts are held for the pool; default ``nodes``. More are spare hosts, billed like
    the others; a pool is made smaller by lowering ``nodes`` first and this afterwards."""
    shape: str
    """The flexible compute shape, one of :data:`components.oci.shapes.SHAPES`."""
    ocpus: Count
    """OCPUs of a machine: on x86 one OCPU is two vCPUs."""
    memory_gb: Count
    """Memory of a machine, in GB of 1024 MiB."""
    boot_volume_gb: Annotated[int, Field(ge=BOOT_VOLUME_GB[0], le=BOOT_VOLUME_GB[1])]
    """Boot volume, in GB; the root file system is grown to fill it."""
    max_pods: Count
    """Pods on a node, DaemonSets' included."""
    dedicated: OnOff = False
    """Taint the nodes ``openedx-large/pool=<pool>:NoSchedule``."""
    cycling: Literal["boot-volume", "instance", "none"] = "boot-volume"
    """How nodes are renewed, one at a time and on their own hosts: ``boot-volume`` is for changes
    of Kubernetes version, image, boot volume and kubelet flags; any other change of a node needs
    ``instance``, which replaces the machine. ``none`` renews nothing, for the one ``up`` that
    changes where a pool's nodes are."""

    @property
    def hosts(self) -> int:
        """How many hosts are held for the pool, at least one for each node."""
        return self.nodes if self.reserved is None else self.reserved


class PlatformSettings(Spec):
    """One stack."""

    cloud: CloudSettings
    """Cloud, region, residency, compartment and tenancy."""
    network: NetworkSettings = NetworkSettings()
    """Address blocks."""
    cluster: ClusterSettings
    """The Kubernetes version, and what differs from the defaults."""
    capacity: CapacitySettings = CapacitySettings()
    """How the hosts of all node pools are reserved."""
    protection: OnOff = True
    """Refuse to delete what holds data. ``off`` is for throw-away stacks: volumes go with their
    claims, but for those that were made while it was on."""
    layout: Literal["seven-node", "custom"]
    """``seven-node`` brings the node pools; ``custom`` leaves them to the stack file."""
    node_pools: dict[PoolName, NodePoolSettings]
    """``lms`` runs LMS pods, one on each node; ``general`` runs everything else."""
    openedx: OpenEdxSettings
    """Hosts and contact, and what differs from the layout."""
