"""Pure arithmetic from a machine to the largest pod that fits on it.

``nominal → kernel-visible → allocatable → minus DaemonSets → largest pod``. Nothing here knows a
cloud's shapes or reads anything; CPU is in millicores (1000 m = 1 vCPU = one hardware thread) and
memory in MiB (1 GB of a shape is 1024 MiB).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

_MILLICORES_PER_VCPU = 1000


@dataclass(frozen=True)
class Resources:
    """CPU and memory: of a node, of a pod's requests, or what is left."""

    cpu_millicores: int
    memory_mib: int

    def __add__(self, other: Resources) -> Resources:
        return Resources(
            self.cpu_millicores + other.cpu_millicores, self.memory_mib + other.memory_mib
        )

    def __sub__(self, other: Resources) -> Resources:
        return Resources(
            self.cpu_millicores - other.cpu_millicores, self.memory_mib - other.memory_mib
        )

    def __mul__(self, count: int) -> Resources:
        return Resources(self.cpu_millicores * count, self.memory_mib * count)

    def fits_in(self, room: Resources) -> bool:
        """Whether ``room`` has at least this much of both."""
        return self.cpu_millicores <= room.cpu_millicores and self.memory_mib <= room.memory_mib

    def as_dict(self) -> dict[str, int]:
        """The form in the stack's outputs."""
        return {"cpu_millicores": self.cpu_millicores, "memory_mib": self.memory_mib}


NOTHING = Resources(0, 0)


def total(parts: Iterable[Resources]) -> Resources:
    """The sum of ``parts``."""
    return sum(parts, NOTHING)


def kernel_visible(nominal: Resources, *, memory_overhead_percent: float) -> Resources:
    """What Linux reports of a machine: all its CPUs, and its memory less firmware and kernel.

    The share differs by image and is not published: it is a setting. Nothing compares the result
    with the cloud's own nodes: docs/night.md has the command that shows their
    ``status.allocatable``.
    """
    share = 1 - Fraction(str(memory_overhead_percent)) / 100
    return Resources(nominal.cpu_millicores, int(nominal.memory_mib * share))


def allocatable(visible: Resources, *, reserved: Resources, eviction_memory_mib: int) -> Resources:
    """What the kubelet offers to pods.

    Kernel-visible capacity less ``--kube-reserved`` and ``--system-reserved`` (their sum is
    ``reserved``) and less the hard eviction threshold for memory (Kubernetes, "Reserve Compute
    Resources for System Daemons").
    """
    return visible - reserved - Resources(0, eviction_memory_mib)


def eks_reserved(*, vcpus: int, max_pods: int) -> Resources:
    """``kubeReserved`` as Amazon's nodeadm computes it.

    CPU: 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest;
    memory: 11 MiB for each pod and 255 MiB more (amazon-eks-ami, ``nodeadm`` kubelet defaults).
    """
    bounds_and_basis_points = ((0, 600), (1000, 100), (2000, 50), (4000, 25))
    cores = vcpus * _MILLICORES_PER_VCPU
    ends = (1000, 2000, 4000, cores)
    cpu = sum(
        max(0, min(cores, end) - start) * basis_points // 10_000
        for (start, basis_points), end in zip(bounds_and_basis_points, ends, strict=True)
    )
    return Resources(cpu, 11 * max_pods + 255)


def machine(*, vcpus: int, memory_gib: int) -> Resources:
    """The nominal size of a machine."""
    return Resources(vcpus * _MILLICORES_PER_VCPU, memory_gib * 1024)


@dataclass(frozen=True)
class PoolCapacity:
    """What one node pool offers; every node of a pool is the same."""

    name: str
    nodes: int
    max_pods: int
    """Pods on one node, DaemonSets' included."""
    allocatable: Resources
    """Of one node."""
    daemonsets: Resources
    """Requested by the DaemonSets on one node."""
    daemonset_pods: int = 0
    """DaemonSet pods on one node."""

    @property
    def largest_pod(self) -> Resources:
        """The requests of the largest pod that one node takes beside its DaemonSets."""
        return self.allocatable - self.daemonsets

    @property
    def pods_per_node(self) -> int:
        """Pods that one node takes beside its DaemonSets."""
        return self.max_pods - self.daemonset_pods

    def headroom(self, requested: Resources) -> Resources:
        """What the whole pool has left when its pods ask for ``requested``."""
        return self.largest_pod * self.nodes - requested


@dataclass(frozen=True)
class PodDemand:
    """A number of equal pods."""

    name: str
    replicas: int
    each: Resources

    @property
    def total(self) -> Resources:
        """The requests of all the replicas."""
        return self.each * self.replicas


@dataclass(frozen=True)
class SystemPods:
    """What the cluster itself runs: the cloud's own add-ons and the network policy engine."""

    daemonsets: tuple[PodDemand, ...] = ()
    """On every node, whatever its taints; ``replicas`` counts pods on one node."""
    deployments: tuple[PodDemand, ...] = ()
    """On nodes without taints."""

    @property
    def on_each_node(self) -> Resources:
        """The DaemonSets' requests on one node."""
        return requested(self.daemonsets)

    @property
    def daemonset_pods(self) -> int:
        """The number of DaemonSet pods on one node."""
        return sum(demand.replicas for demand in self.daemonsets)


def requested(demands: Iterable[PodDemand]) -> Resources:
    """The requests of all the pods of ``demands``."""
    return total(demand.total for demand in demands)


def unplaced(pool: PoolCapacity, demands: Sequence[PodDemand]) -> Mapping[str, int]:
    """How many pods of each demand find no node in ``pool``; empty when everything fits.

    First fit, largest first by the scarcer of CPU and memory. The scheduler may do better or
    worse by a pod, so a plan that only just fits is a plan without headroom, not a proof.
    """
    room = [pool.largest_pod] * pool.nodes
    slots = [pool.pods_per_node] * pool.nodes
    left_over: dict[str, int] = {}
    for demand in sorted(demands, key=lambda demand: _share(demand.each, pool), reverse=True):
        for _ in range(demand.replicas):
            for node, free in enumerate(room):
                if slots[node] > 0 and demand.each.fits_in(free):
                    room[node] = free - demand.each
                    slots[node] -= 1
                    break
            else:
                left_over[demand.name] = left_over.get(demand.name, 0) + 1
    return left_over


def _share(pod: Resources, pool: PoolCapacity) -> tuple[Fraction, int, int]:
    node = pool.largest_pod
    cpu = Fraction(pod.cpu_millicores, max(1, node.cpu_millicores))
    memory = Fraction(pod.memory_mib, max(1, node.memory_mib))
    return max(cpu, memory), pod.cpu_millicores, pod.memory_mib
