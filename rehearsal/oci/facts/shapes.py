"""Compute shapes that node pools may use.

Limits: https://docs.oracle.com/iaas/Content/Compute/References/computeshapes.htm. Memory is in GB
as the console says it, which are GiB. A flexible shape takes 1 to 64 GB for each OCPU. The most
VNICs are one for each OCPU, at least 2 and at most 24.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MAX_MEMORY_GB_PER_OCPU = 64
MIN_MEMORY_GB_PER_OCPU = 1


@dataclass(frozen=True)
class Shape:
    """A compute shape; of a fixed shape the least and the most are the same."""

    name: str
    min_ocpus: int
    max_ocpus: int
    max_memory_gb: int
    vcpus_per_ocpu: int = 2
    architecture: str = "x86_64"
    gpus: int = 0

    @property
    def flexible(self) -> bool:
        """Whether OCPUs and memory are the user's choice."""
        return self.name.endswith(".Flex")

    def max_vnics(self, ocpus: int) -> int:
        """How many VNICs an instance of this size can have."""
        return max(2, min(24, ocpus))

    def refusal(self, ocpus: float, memory_gb: float) -> str | None:
        """Why this size cannot be had, or None if it can."""
        if not self.min_ocpus <= ocpus <= self.max_ocpus or ocpus != int(ocpus):
            return (
                f"the requested ocpus {ocpus:g} is not valid for shape {self.name}: "
                f"it offers {self.min_ocpus} to {self.max_ocpus}"
            )
        least = max(MIN_MEMORY_GB_PER_OCPU * ocpus, 1)
        most = min(MAX_MEMORY_GB_PER_OCPU * ocpus, self.max_memory_gb)
        if not least <= memory_gb <= most:
            return (
                f"the requested memoryInGBs {memory_gb:g} is not valid for shape {self.name} with "
                f"{ocpus:g} OCPUs: it offers {least:g} to {most:g}"
            )
        return None


SHAPES: Mapping[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape("VM.Standard.E4.Flex", 1, 64, 1024),
        Shape("VM.Standard.E5.Flex", 1, 94, 1049),
        Shape("VM.Standard3.Flex", 1, 32, 512),
        Shape("VM.Standard.A1.Flex", 1, 80, 512, vcpus_per_ocpu=1, architecture="aarch64"),
        Shape("VM.GPU.A10.1", 15, 15, 240, gpus=1),
    )
}
