"""What the API server says of nodes, pods and claims, reduced to what acceptance asks about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from lightkube import AsyncClient
from lightkube.config.kubeconfig import KubeConfig
from lightkube.models.core_v1 import Container, PodSpec
from lightkube.resources.apps_v1 import DaemonSet, Deployment, StatefulSet
from lightkube.resources.core_v1 import Node, PersistentVolumeClaim, Pod
from lightkube.utils.quantity import parse_quantity

from rehearsal.kubernetes.readiness import RULES

Workload = Deployment | StatefulSet | DaemonSet

POOL_LABEL = "openedx-large/pool"
QUORUM_GUEST_LABEL = "openedx-large/quorum-guest"
MIB = 1024 * 1024


@dataclass(frozen=True)
class Resources:
    """CPU in millicores and memory in MiB."""

    cpu_millicores: int = 0
    memory_mib: int = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(
            self.cpu_millicores + other.cpu_millicores, self.memory_mib + other.memory_mib
        )

    def fits(self, room: Resources) -> bool:
        """Whether this fits into ``room``."""
        return self.cpu_millicores <= room.cpu_millicores and self.memory_mib <= room.memory_mib


@dataclass(frozen=True)
class ObservedNode:
    """A node and what it offers pods."""

    name: str
    pool: str
    fault_domain: str
    ready: bool
    allocatable: Resources
    max_pods: int


@dataclass(frozen=True)
class ObservedPod:
    """A pod, where it is, and what it asks of its node."""

    namespace: str
    name: str
    node: str | None
    workload: str
    """The name by which its owner is known: ``app.kubernetes.io/name`` or ``k8s-app``, …"""
    from_daemonset: bool
    quorum_guest: bool
    running: bool
    """Running with every container ready, or ended well."""
    why_not: str
    requests: Resources

    @property
    def key(self) -> str:
        """``namespace/name``."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class ObservedClaim:
    """A volume claim and its phase."""

    namespace: str
    name: str
    phase: str
    storage_class: str


@dataclass(frozen=True)
class ObservedWorkload:
    """A Deployment, StatefulSet or DaemonSet, and what its rollout still waits for."""

    kind: str
    namespace: str
    name: str
    why_not: str
    """Empty once it is rolled out."""


@dataclass(frozen=True)
class Observed:
    """The cluster at one moment. Pods that are being deleted are not in it."""

    nodes: tuple[ObservedNode, ...]
    pods: tuple[ObservedPod, ...]
    claims: tuple[ObservedClaim, ...]
    workloads: tuple[ObservedWorkload, ...]

    def settled(self) -> bool:
        """Whether every workload is rolled out, every pod runs and every claim is bound."""
        return (
            not any(workload.why_not for workload in self.workloads)
            and all(pod.running for pod in self.pods)
            and all(claim.phase == "Bound" for claim in self.claims)
        )


def quantities(of: Mapping[str, str] | None) -> Resources:
    """CPU and memory of a Kubernetes resource list, rounded up."""
    of = of or {}
    cpu = parse_quantity(of.get("cpu", "0")) or Decimal(0)
    memory = parse_quantity(of.get("memory", "0")) or Decimal(0)
    return Resources(ceil(cpu * 1000), ceil(memory / MIB))


def pod_requests(spec: PodSpec) -> Resources:
    """What the scheduler counts for a pod: the larger of its start-up and its running phase.

    Source: the Kubernetes documentation, "Sidecar containers", resource sharing within containers.
    """

    def asked(container: Container) -> Resources:
        return quantities(container.resources.requests if container.resources else None)

    def largest(one: Resources, other: Resources) -> Resources:
        return Resources(
            max(one.cpu_millicores, other.cpu_millicores), max(one.memory_mib, other.memory_mib)
        )

    sidecars, peak = Resources(), Resources()
    for container in spec.initContainers or []:
        if container.restartPolicy == "Always":
            sidecars = sidecars + asked(container)
            peak = largest(peak, sidecars)
        else:
            peak = largest(peak, sidecars + asked(container))
    running = sum((asked(container) for container in spec.containers), sidecars)
    return largest(peak, running) + quantities(spec.overhead)


def observed_node(node: Node) -> ObservedNode:
    """Reduce a Node."""
    if node.metadata is None or node.status is None:
        raise ValueError("a Node without metadata or status")
    labels = node.metadata.labels or {}
    allocatable = node.status.allocatable or {}
    conditions = {c.type: c.status for c in node.status.conditions or []}
    return ObservedNode(
        name=node.metadata.name or "",
        pool=labels.get(POOL_LABEL, ""),
        fault_domain=labels.get("oci.oraclecloud.com/fault-domain", ""),
        ready=conditions.get("Ready") == "True",
        allocatable=_rounded_down(allocatable),
        max_pods=int(allocatable.get("pods", "0")),
    )


def observed_pod(pod: Pod) -> ObservedPod:
    """Reduce a Pod."""
    if pod.metadata is None or pod.spec is None or pod.status is None:
        raise ValueError("a Pod without metadata, spec or status")
    labels = pod.metadata.labels or {}
    owners = pod.metadata.ownerReferences or []
    conditions = {c.type: c for c in pod.status.conditions or []}
    ready = "Ready" in conditions and conditions["Ready"].status == "True"
    scheduled = conditions.get("PodScheduled")
    running = pod.status.phase == "Succeeded" or (pod.status.phase == "Running" and ready)
    return ObservedPod(
        namespace=pod.metadata.namespace or "",
        name=pod.metadata.name or "",
        node=pod.spec.nodeName,
        workload=labels.get("app.kubernetes.io/name")
        or labels.get("k8s-app")
        or labels.get("app")
        or pod.metadata.name
        or "",
        from_daemonset=any(owner.kind == "DaemonSet" for owner in owners),
        quorum_guest=labels.get(QUORUM_GUEST_LABEL) == "true",
        running=running,
        why_not=""
        if running
        else (scheduled.message if scheduled and scheduled.message else pod.status.phase or ""),
        requests=pod_requests(pod.spec),
    )


def observed_workload(kind: str, workload: Workload) -> ObservedWorkload:
    """Reduce a workload, by the rules with which the official provider waits for it."""
    if workload.metadata is None:
        raise ValueError(f"a {kind} without metadata")
    verdict = RULES["apps/v1", kind](workload.to_dict())
    return ObservedWorkload(
        kind=kind,
        namespace=workload.metadata.namespace or "",
        name=workload.metadata.name or "",
        why_not=verdict.why if verdict is not None else "",
    )


async def observe(kubeconfig: KubeConfig) -> Observed:
    """Read nodes, pods, claims and workloads once, each list sorted by name."""
    client = AsyncClient(config=kubeconfig, trust_env=False)
    try:
        nodes = [observed_node(node) async for node in client.list(Node)]
        pods = [
            observed_pod(pod)
            async for pod in client.list(Pod, namespace="*")
            if pod.metadata and pod.metadata.deletionTimestamp is None
        ]
        claims = [
            ObservedClaim(
                claim.metadata.namespace or "",
                claim.metadata.name or "",
                (claim.status.phase if claim.status else None) or "",
                (claim.spec.storageClassName if claim.spec else None) or "",
            )
            async for claim in client.list(PersistentVolumeClaim, namespace="*")
            if claim.metadata
        ]
        workloads = [
            *[
                observed_workload("Deployment", w)
                async for w in client.list(Deployment, namespace="*")
            ],
            *[
                observed_workload("StatefulSet", w)
                async for w in client.list(StatefulSet, namespace="*")
            ],
            *[
                observed_workload("DaemonSet", w)
                async for w in client.list(DaemonSet, namespace="*")
            ],
        ]
    finally:
        await client.close()
    return Observed(
        nodes=tuple(sorted(nodes, key=lambda node: node.name)),
        pods=tuple(sorted(pods, key=lambda pod: pod.key)),
        claims=tuple(sorted(claims, key=lambda claim: (claim.namespace, claim.name))),
        workloads=tuple(sorted(workloads, key=lambda it: (it.kind, it.namespace, it.name))),
    )


def total(pods: Iterable[ObservedPod]) -> Resources:
    """The sum of the pods' requests."""
    return sum((pod.requests for pod in pods), Resources())


def _rounded_down(of: Mapping[str, str]) -> Resources:
    cpu = parse_quantity(of.get("cpu", "0")) or Decimal(0)
    memory = parse_quantity(of.get("memory", "0")) or Decimal(0)
    return Resources(int(cpu * 1000), int(memory // MIB))
