"""What must hold of a cluster once the stack stands and Open edX is applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.observed import Observed, ObservedNode, ObservedPod, Resources, total
from rehearsal.outcome import Check, PoolUse

LMS_POOL = "lms"
GENERAL_POOL = "general"
OPENEDX_NAMESPACE = "openedx"
WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
SHOWN = 6
"""How many offenders a finding names before it counts the rest."""


@dataclass(frozen=True)
class ExpectedPool:
    """What the stack's outputs say of a pool: the arithmetic that the nodes must bear out."""

    nodes: int
    allocatable: Resources
    max_pods: int
    fault_domains: Sequence[str]


@dataclass(frozen=True)
class Rendered:
    """What Tutor rendered and the cluster must have, in Open edX's namespace."""

    workloads: frozenset[tuple[str, str]]
    """Kind and name."""
    claims: frozenset[str]

    @classmethod
    def of(cls, objects: Iterable[Mapping[str, Any]]) -> Rendered:
        """Pick the workloads and the claims out of rendered objects."""
        named = [(manifest["kind"], manifest["metadata"]["name"]) for manifest in objects]
        return cls(
            workloads=frozenset(item for item in named if item[0] in WORKLOADS),
            claims=frozenset(name for kind, name in named if kind == "PersistentVolumeClaim"),
        )


def check_placement(
    observed: Observed, expected: Mapping[str, ExpectedPool], rendered: Rendered
) -> list[Check]:
    """Every check on nodes, pods and claims, in the order in which they are worth reading."""
    return [
        _nodes(observed, expected),
        _allocatable(observed, expected),
        _one_lms_pod_per_node(observed, expected),
        _lms_nodes_are_reserved(observed),
        _the_rest_is_on_general(observed),
        _everything_is_rolled_out(observed, rendered),
        _every_pod_runs(observed),
        _every_claim_is_bound(observed, rendered),
        _requests_fit(observed),
    ]


def pools_in_use(observed: Observed) -> dict[str, PoolUse]:
    """What each pool offers and what is asked of it."""
    use = {}
    for pool in sorted({node.pool for node in observed.nodes}):
        nodes = [node for node in observed.nodes if node.pool == pool]
        offered = sum((node.allocatable for node in nodes), Resources())
        asked = total(_on(observed, {node.name for node in nodes}))
        use[pool] = PoolUse(
            nodes=len(nodes),
            allocatable_cpu_millicores=offered.cpu_millicores,
            allocatable_memory_mib=offered.memory_mib,
            requested_cpu_millicores=asked.cpu_millicores,
            requested_memory_mib=asked.memory_mib,
        )
    return use


def pods_by_pool(observed: Observed) -> dict[str, dict[str, int]]:
    """How many pods of each workload run in each pool; DaemonSets left out."""
    pools = _pool_of(observed)
    counts: dict[str, Counter[str]] = {}
    for pod in observed.pods:
        if pod.node and not pod.from_daemonset:
            counts.setdefault(pools.get(pod.node, ""), Counter())[pod.workload] += 1
    return {pool: dict(sorted(counts[pool].items())) for pool in sorted(counts)}


def _nodes(observed: Observed, expected: Mapping[str, ExpectedPool]) -> Check:
    found = Counter(node.pool for node in observed.nodes if node.ready)
    wanted = {name: pool.nodes for name, pool in expected.items()}
    domains = sorted({domain for pool in expected.values() for domain in pool.fault_domains})
    uneven = [
        name
        for name, pool in expected.items()
        if not _even(
            (node for node in observed.nodes if node.pool == name), sorted(pool.fault_domains)
        )
    ]
    even = not uneven and _even(observed.nodes, domains)
    shown = ", ".join(f"{pool} {count}" for pool, count in sorted(found.items()))
    by_domain = Counter(node.fault_domain for node in observed.nodes)
    return Check(
        name="nodes",
        promise="every pool has the nodes it was given, ready, spread over the fault domains",
        passed=dict(found) == wanted and even,
        found=f"{shown or 'none'}; fault domains "
        + "/".join(str(by_domain[domain]) for domain in sorted(by_domain))
        + _listing(uneven, "; not where they were promised: "),
    )


def _even(nodes: Iterable[ObservedNode], domains: Sequence[str]) -> bool:
    """Whether the nodes are in these fault domains and no other, one more in some at most."""
    count = Counter(node.fault_domain for node in nodes)
    counts = [count[domain] for domain in domains]
    return set(count) <= set(domains) and max(counts, default=0) - min(counts, default=0) <= 1


def _allocatable(observed: Observed, expected: Mapping[str, ExpectedPool]) -> Check:
    short = [
        f"{node.name}: {_amount(node.allocatable)}, {node.max_pods} pods; "
        f"computed {_amount(pool.allocatable)}, {pool.max_pods} pods"
        for node in observed.nodes
        if (pool := expected.get(node.pool))
        and not (pool.allocatable.fits(node.allocatable) and pool.max_pods == node.max_pods)
    ]
    return Check(
        name="allocatable",
        promise="each node offers at least what the arithmetic promised",
        passed=bool(observed.nodes) and not short,
        found=_listing(short) or "; ".join(_largest(observed, pool) for pool in sorted(expected)),
    )


def _one_lms_pod_per_node(observed: Observed, expected: Mapping[str, ExpectedPool]) -> Check:
    pools = _pool_of(observed)
    lms = [pod for pod in observed.pods if _is_lms(pod)]
    nodes = [pod.node for pod in lms if pod.node]
    wanted = expected[LMS_POOL].nodes if LMS_POOL in expected else 0
    in_pool = [node for node in nodes if pools.get(node) == LMS_POOL]
    return Check(
        name="one LMS pod per node",
        promise=f"{wanted} LMS pods on {wanted} different nodes of the {LMS_POOL} pool",
        passed=wanted > 0 and len(lms) == wanted and len(set(in_pool)) == len(in_pool) == wanted,
        found=f"{len(lms)} pods, {len(set(in_pool))} nodes of {LMS_POOL}"
        + _listing([f"{pod.name}: {pod.why_not}" for pod in lms if not pod.node], "; not placed: "),
    )


def _lms_nodes_are_reserved(observed: Observed) -> Check:
    pools = _pool_of(observed)
    strangers = [
        f"{pod.key} on {pod.node}"
        for pod in observed.pods
        if pod.node
        and pools.get(pod.node) == LMS_POOL
        and not (_is_lms(pod) or pod.from_daemonset or pod.quorum_guest)
    ]
    return Check(
        name="nothing else on LMS nodes",
        promise="LMS nodes carry nothing but the LMS, DaemonSets and quorum guests",
        passed=not strangers,
        found=_listing(strangers) or "no other pod",
    )


def _the_rest_is_on_general(observed: Observed) -> Check:
    pools = _pool_of(observed)
    rest = [
        pod for pod in observed.pods if not (_is_lms(pod) or pod.from_daemonset or pod.quorum_guest)
    ]
    elsewhere = [
        f"{pod.key} on {pod.node or 'no node'}"
        for pod in rest
        if pools.get(pod.node or "") != GENERAL_POOL
    ]
    return Check(
        name="the rest on general",
        promise=f"every other pod is on the {GENERAL_POOL} pool",
        passed=bool(rest) and not elsewhere,
        found=_listing(elsewhere) or f"{len(rest)} pods",
    )


def _every_pod_runs(observed: Observed) -> Check:
    waiting = [f"{pod.key}: {pod.why_not}" for pod in observed.pods if not pod.running]
    return Check(
        name="pods running",
        promise="every pod runs",
        passed=bool(observed.pods) and not waiting,
        found=_listing(waiting) or f"{len(observed.pods)} pods",
    )


def _everything_is_rolled_out(observed: Observed, rendered: Rendered) -> Check:
    there = {
        (workload.kind, workload.name)
        for workload in observed.workloads
        if workload.namespace == OPENEDX_NAMESPACE
    }
    missing = [f"{kind} {name} is missing" for kind, name in sorted(rendered.workloads - there)]
    waiting = [
        f"{workload.kind} {workload.name}: {workload.why_not}"
        for workload in observed.workloads
        if workload.why_not
    ]
    return Check(
        name="rolled out",
        promise="everything rendered is there, and every workload is rolled out",
        passed=bool(rendered.workloads) and not missing and not waiting,
        found=_listing(missing + waiting) or f"{len(observed.workloads)} workloads",
    )


def _every_claim_is_bound(observed: Observed, rendered: Rendered) -> Check:
    there = {claim.name for claim in observed.claims if claim.namespace == OPENEDX_NAMESPACE}
    missing = [f"{name} is missing" for name in sorted(rendered.claims - there)]
    unbound = [
        f"{claim.namespace}/{claim.name}: {claim.phase or 'no phase'}"
        for claim in observed.claims
        if claim.phase != "Bound"
    ]
    return Check(
        name="claims bound",
        promise="every volume claim is bound",
        passed=not missing and not unbound,
        found=_listing(missing + unbound) or f"{len(observed.claims)} claims",
    )


def _requests_fit(observed: Observed) -> Check:
    over = []
    for node in observed.nodes:
        pods = list(_on(observed, {node.name}))
        asked = total(pods)
        if not asked.fits(node.allocatable) or len(pods) > node.max_pods:
            over.append(f"{node.name}: {len(pods)} pods ask {_amount(asked)}")
    return Check(
        name="requests fit",
        promise="on every node the requests stay within the allocatable capacity",
        passed=not over,
        found=_listing(over) or f"{len(observed.nodes)} nodes",
    )


def _is_lms(pod: ObservedPod) -> bool:
    return pod.namespace == OPENEDX_NAMESPACE and pod.workload == "lms"


def _pool_of(observed: Observed) -> dict[str, str]:
    return {node.name: node.pool for node in observed.nodes}


def _on(observed: Observed, nodes: set[str]) -> Iterable[ObservedPod]:
    return (pod for pod in observed.pods if pod.node in nodes)


def _amount(resources: Resources) -> str:
    return f"{resources.cpu_millicores}m CPU and {resources.memory_mib} MiB"


def _largest(observed: Observed, pool: str) -> str:
    nodes: list[ObservedNode] = [node for node in observed.nodes if node.pool == pool]
    return f"{pool} {_amount(nodes[0].allocatable)}" if nodes else f"{pool} has no node"


def _listing(items: Sequence[str], before: str = "") -> str:
    """The first few items in one line; empty when there are none."""
    if not items:
        return ""
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return before + "; ".join(items[:SHOWN]) + more
