"""What OKE installs in ``kube-system`` of a cluster with VCN-native pod networking.

Names and requests are what ``kubectl describe node`` shows on OKE 1.31 with VCN-native networking
(kubernetes-sigs/kueue issue 4964, April 2025); Oracle does not publish them. CoreDNS and its
autoscaler: requests of the manifests in kubernetes/kubernetes (``cluster/addons/dns``), from which
OKE's derive. The autoscaler's OKE settings give one replica for each 256 cores or 16 nodes and
never fewer than two, which is two up to 512 cores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shipped:
    """One workload; requests as Kubernetes quantities."""

    name: str
    containers: Mapping[str, Mapping[str, str]]
    """Requests by container."""
    labels: Mapping[str, str] = field(default_factory=dict)
    replicas: int | None = None
    """None: a DaemonSet on every node."""
    cni_type: str | None = None
    """Only on clusters with this pod networking."""
    priority_class: str = "system-node-critical"


WORKLOADS = (
    Shipped("kube-proxy", {"kube-proxy": {}}),
    Shipped("proxymux-client", {"proxymux-client": {"cpu": "50m", "memory": "64Mi"}}),
    Shipped(
        "csi-oci-node",
        {
            "oci-csi-node-driver": {"cpu": "30m", "memory": "70Mi"},
            "csi-node-registrar": {},
            "csi-node-registrar-fss": {},
        },
    ),
    Shipped("vcn-native-ip-cni", {"vcn-native-ip-cni": {}}, cni_type="OCI_VCN_IP_NATIVE"),
    Shipped("kube-flannel-ds", {"kube-flannel": {"cpu": "100m"}}, cni_type="FLANNEL_OVERLAY"),
    Shipped(
        "coredns",
        {"coredns": {"cpu": "100m", "memory": "70Mi"}},
        labels={"k8s-app": "kube-dns"},
        replicas=2,
        priority_class="system-cluster-critical",
    ),
    Shipped(
        "kube-dns-autoscaler",
        {"autoscaler": {"cpu": "20m", "memory": "10Mi"}},
        replicas=1,
        priority_class="system-cluster-critical",
    ),
)

#: https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengcreatingpersistentvolumeclaim_topic-Provisioning_PVCs_on_BV.htm
BLOCK_VOLUME_DRIVER = "blockvolume.csi.oraclecloud.com"
FILE_STORAGE_DRIVER = "fss.csi.oraclecloud.com"
DEFAULT_STORAGE_CLASS = "oci-bv"

#: Volumes that an instance can have attached beside its boot volume
#: (https://docs.oracle.com/iaas/Content/Block/Concepts/overview.htm#capabilities).
VOLUMES_PER_INSTANCE = 32
