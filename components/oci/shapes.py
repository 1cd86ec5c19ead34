"""The compute shapes that a node pool may use, with OCI's limits.

Source: Oracle, "Compute Shapes" (docs.oracle.com/iaas/Content/Compute/References/computeshapes.htm)
for OCPUs, memory and VNICs; "Using the OCI VCN-Native Pod Networking CNI plugin" for pods. All
are flexible x86 shapes, where one OCPU is one core with two threads: two vCPUs. A shape that is
not in the table is refused, because nothing is known of its vCPUs: add its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from components.capacity import Resources, machine

BOOT_VOLUME_GB: Final = (50, 32 * 1024)
"""The smallest and the largest boot volume, in GB: 50 GB to 32 TB."""

ADDRESSES_PER_POD_VNIC: Final = 31
"""Secondary private addresses, one for a pod, on a VNIC."""

MOST_PODS: Final = 110
"""Pods on one node of OKE, whatever the shape."""


@dataclass(frozen=True)
class Shape:
    """What a flexible shape offers to one machine."""

    name: str
    ocpus: tuple[int, int]
    """The fewest and the most OCPUs."""
    memory_gb: int
    """The most memory, in GB."""
    memory_gb_per_ocpu: int
    """The most memory for each OCPU, in GB."""
    vcpus_per_ocpu: int = 2
    vnics: tuple[int, int] = (2, 24)
    """The fewest and the most VNICs; in between there is one for each OCPU."""

    def nominal(self, *, ocpus: int, memory_gb: int) -> Resources:
        """The size of a machine before the kernel takes its part.

        OCI's "GB" of memory is 1024 MiB.
        """
        return machine(vcpus=ocpus * self.vcpus_per_ocpu, memory_gib=memory_gb)

    def least_memory_gb(self, ocpus: int) -> int:
        """The least memory for ``ocpus``: 1 GB for each."""
        return max(1, ocpus)

    def most_memory_gb(self, ocpus: int) -> int:
        """The most memory for ``ocpus``, in GB."""
        return min(self.memory_gb, self.memory_gb_per_ocpu * ocpus)

    def most_pods(self, ocpus: int) -> int:
        """The most pods on a node with VCN-native pod networking, DaemonSets' included.

        The first VNIC is the node's own; each of the others carries the addresses of 31 pods.
        """
        fewest, most = self.vnics
        vnics = min(max(ocpus, fewest), most)
        return min(MOST_PODS, ADDRESSES_PER_POD_VNIC * (vnics - 1))


SHAPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        shape.name: shape
        for shape in (
            Shape("VM.Standard.E3.Flex", ocpus=(1, 64), memory_gb=1024, memory_gb_per_ocpu=64),
            Shape("VM.Standard.E4.Flex", ocpus=(1, 64), memory_gb=1024, memory_gb_per_ocpu=64),
            Shape("VM.Standard3.Flex", ocpus=(1, 32), memory_gb=512, memory_gb_per_ocpu=64),
        )
    }
)


def pod_subnet_addresses(*, nodes: int, max_pods: int) -> int:
    """How many addresses of the pod subnet ``nodes`` take with VCN-native pod networking.

    A pod VNIC takes its own address and 31 more, all of them when it is attached.
    """
    vnics = -(-max_pods // ADDRESSES_PER_POD_VNIC)
    return nodes * vnics * (ADDRESSES_PER_POD_VNIC + 1)
