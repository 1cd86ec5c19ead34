"""What OKE offers: Kubernetes versions, node images, rules of versions and pods.

Versions and image names follow Oracle's release notes and list of OKE images
(https://docs.oracle.com/iaas/images/oke-worker-node-oracle-linux-8x/): an image's name carries the
operating system, ``aarch64`` or ``Gen2-GPU`` where it applies, its build date, and after ``OKE``
the Kubernetes version and the build of OKE's own packages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

#: Oldest first, as the API lists them.
KUBERNETES_VERSIONS = ("v1.32.1", "v1.33.1", "v1.34.1")

#: How many minor versions a node may be behind its control plane since Kubernetes 1.28
#: (https://kubernetes.io/releases/version-skew-policy/#kubelet).
MAX_NODE_SKEW = 3

CNI_TYPES = ("OCI_VCN_IP_NATIVE", "FLANNEL_OVERLAY")

#: Pods for each secondary VNIC under VCN-native networking, and the most on one node
#: (https://docs.oracle.com/iaas/Content/ContEng/Concepts/contengpodnetworking_topic-OCI_CNI_plugin.htm).
PODS_PER_VNIC = 31
MAX_PODS_PER_NODE = 110

#: A boot volume is 50 GB at least when a size is given; the images' own size is 46.6 GB
#: (https://docs.oracle.com/iaas/Content/Block/Concepts/bootvolumes.htm).
MIN_BOOT_VOLUME_GB = 50
MAX_BOOT_VOLUME_GB = 32 * 1024
DEFAULT_BOOT_VOLUME_GB = 47

#: Cluster add-ons (https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengconfiguringclusteraddons-supportedaddons.htm).
ADDONS = frozenset(
    {
        "CertManager",
        "ClusterAutoscaler",
        "CoreDNS",
        "Flannel",
        "Istio",
        "KubeProxy",
        "KubernetesDashboard",
        "KubernetesMetricsServer",
        "NativeIngressController",
        "NodeProblemDetector",
        "NvidiaGpuPlugin",
        "OciVcnIpNative",
        "OracleDatabaseOperator",
        "WeblogicKubernetesOperator",
    }
)

_OS_RELEASE = "8.10"
_FLAVOURS: Mapping[str, str] = {"": "x86_64", "aarch64": "aarch64", "Gen2-GPU": "x86_64"}
_BUILDS = (("2025.08.31-0", 1191), ("2025.09.16-0", 1330))


@dataclass(frozen=True)
class Image:
    """A node image of one region."""

    id: str
    name: str
    kubernetes_version: str
    architecture: str
    gpu: bool


def version_of(text: str) -> tuple[int, int, int]:
    """``v1.34.1`` as numbers; raises ValueError when it is not written so."""
    if not text.startswith("v"):
        raise ValueError(text)
    major, minor, patch = (int(part) for part in text[1:].split("."))
    return major, minor, patch


def images(region: str) -> list[Image]:
    """The node images of a region, newest build first."""
    return [
        _image(region, version, flavour, architecture, build)
        for build in reversed(_BUILDS)
        for version in reversed(KUBERNETES_VERSIONS)
        for flavour, architecture in _FLAVOURS.items()
    ]


def _image(
    region: str, version: str, flavour: str, architecture: str, build: tuple[str, int]
) -> Image:
    date, packages = build
    words = ["Oracle-Linux", _OS_RELEASE, flavour, date, "OKE", version[1:], str(packages)]
    name = "-".join(word for word in words if word)
    unique = hashlib.sha256(f"{region}/{name}".encode()).hexdigest()[:52]
    return Image(
        id=f"ocid1.image.oc1.{region}.aaaaaaaa{unique}",
        name=name,
        kubernetes_version=version,
        architecture=architecture,
        gpu="GPU" in flavour,
    )
