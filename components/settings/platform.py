"""All that a stack file may say under ``openedx-large:platform``."""

from __future__ import annotations

from typing import Literal

from components.settings.spec import Spec


class CloudSettings(Spec):
    provider: Literal["oci"]
    region: str
    residency: list[str]
    compartment_id: str
    tenancy_id: str
    home_region: str


class NetworkSettings(Spec):
    vcn_cidr: str = "10.0.0.0/16"
    api_endpoint_cidr: str = "10.0.0.0/28"
    load_balancers_cidr: str = "10.0.2.0/24"
    nodes_cidr: str = "10.0.4.0/24"
    databases_cidr: str = "10.0.6.0/24"
    pods_cidr: str = "10.0.128.0/17"
    services_cidr: str = "10.96.0.0/16"


class ReservedSettings(Spec):
    """What the kubelet keeps from pods."""

    cpu_millicores: int
    memory_mib: int


class KubeletSettings(Spec):
    kube_reserved: ReservedSettings = ReservedSettings(cpu_millicores=500, memory_mib=1024)
    system_reserved: ReservedSettings = ReservedSettings(cpu_millicores=100, memory_mib=100)
    eviction_memory_mib: int = 100
    memory_overhead_percent: float = 2.5
    """Share of the nominal memory that the kernel keeps before the kubelet sees it."""


class ClusterSettings(Spec):
    kubernetes: str
    """Kubernetes version of the control plane and the nodes, e.g. ``1.34.1``."""
    node_image: str | None = None
    """Name or OCID of the node image."""
    kubelet: KubeletSettings = KubeletSettings()


class NodePoolSettings(Spec):
    nodes: int
    shape: str
    ocpus: int
    memory_gb: int
    boot_volume_gb: int
    max_pods: int
    dedicated: bool = False
    """Taint the nodes ``openedx-large/pool=<pool>:NoSchedule``."""


class WorkloadSettings(Spec):
    """What one of Tutor's Deployments asks of the general pool."""

    replicas: int
    cpu_millicores: int
    memory_mib: int


class OpenEdxSettings(Spec):
    lms_host: str
    cms_host: str
    mfe_host: str | None = None
    """Default ``apps.<lms_host>``."""
    platform_name: str = "Open edX"
    contact_email: str
    language: str = "en"
    uwsgi_workers: int | Literal["auto"]
    """uWSGI processes of an LMS pod: each serves one request at a time."""
    uwsgi_buffer_size_bytes: int = 16000
    uwsgi_post_buffering_bytes: int = 8192
    workloads: dict[str, WorkloadSettings]
    """Everything but the LMS, by Tutor's Deployment name."""


class PlatformSettings(Spec):
    cloud: CloudSettings
    network: NetworkSettings = NetworkSettings()
    cluster: ClusterSettings
    protection: bool = True
    layout: Literal["seven-node", "custom"]
    node_pools: dict[str, NodePoolSettings]
    openedx: OpenEdxSettings
