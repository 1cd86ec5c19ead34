"""Acceptance fails for each thing that must hold, and only then passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rehearsal.acceptance import ExpectedPool, Rendered, check_placement, pods_by_pool, pools_in_use
from rehearsal.observed import (
    Observed,
    ObservedClaim,
    ObservedNode,
    ObservedPod,
    ObservedWorkload,
    Resources,
)

NODE = Resources(59400, 120000)
DOMAINS = ("FAULT-DOMAIN-1", "FAULT-DOMAIN-2", "FAULT-DOMAIN-3")
EXPECTED = {
    "lms": ExpectedPool(5, NODE, 110, DOMAINS),
    "general": ExpectedPool(2, NODE, 110, DOMAINS[1:]),
}
RENDERED = Rendered.of(
    [
        {"kind": "Deployment", "metadata": {"name": "lms"}},
        {"kind": "PersistentVolumeClaim", "metadata": {"name": "mysql"}},
        {"kind": "Job", "metadata": {"name": "lms-job"}},
    ]
)


def a_node(name: str, pool: str, domain: str) -> ObservedNode:
    return ObservedNode(name, pool, domain, True, NODE, 110)


def a_pod(name: str, node: str | None, workload: str, **more: bool) -> ObservedPod:
    return ObservedPod(
        namespace="openedx",
        name=name,
        node=node,
        workload=workload,
        from_daemonset=more.get("from_daemonset", False),
        quorum_guest=more.get("quorum_guest", False),
        running=more.get("running", True),
        why_not="" if more.get("running", True) else "Insufficient cpu",
        requests=Resources(1000, 1024),
    )


def a_good_cluster() -> Observed:
    nodes = [a_node(f"lms-{i}", "lms", DOMAINS[i % 3]) for i in range(5)]
    nodes += [a_node(f"general-{i}", "general", DOMAINS[2 - i]) for i in range(2)]
    pods = [a_pod(f"lms-{i}", f"lms-{i}", "lms") for i in range(5)]
    pods += [a_pod(f"proxy-{n.name}", n.name, "proxy", from_daemonset=True) for n in nodes]
    pods += [a_pod("mongo-1", "lms-1", "mongodb", quorum_guest=True)]
    pods += [a_pod("cms-0", "general-0", "cms"), a_pod("mysql-0", "general-1", "mysql")]
    claims = (ObservedClaim("openedx", "mysql", "Bound", "block"),)
    workloads = (
        ObservedWorkload("DaemonSet", "kube-system", "proxy", ""),
        ObservedWorkload("Deployment", "openedx", "lms", ""),
    )
    return Observed(tuple(nodes), tuple(pods), claims, workloads)


def failing(observed: Observed) -> set[str]:
    return {
        check.name for check in check_placement(observed, EXPECTED, RENDERED) if not check.passed
    }


def with_pod(observed: Observed, name: str, **changes: object) -> Observed:
    return replace(
        observed,
        pods=tuple(
            replace(pod, **changes) if pod.name == name else pod  # type: ignore[arg-type]  # any field
            for pod in observed.pods
        ),
    )


def test_a_good_cluster_passes_every_check() -> None:
    assert failing(a_good_cluster()) == set()


@pytest.mark.parametrize(
    ("name", "changes", "broken"),
    [
        ("lms-4", {"node": "lms-0"}, {"one LMS pod per node"}),
        ("lms-4", {"node": "general-0"}, {"one LMS pod per node"}),
        (
            "lms-4",
            {"node": None, "running": False},
            {"one LMS pod per node", "pods running"},
        ),
        ("cms-0", {"node": "lms-0"}, {"nothing else on LMS nodes", "the rest on general"}),
        ("mysql-0", {"running": False}, {"pods running"}),
        ("mysql-0", {"requests": Resources(59401, 1)}, {"requests fit"}),
        ("mysql-0", {"requests": Resources(1, 120001)}, {"requests fit"}),
    ],
)
def test_a_misplaced_or_waiting_pod_is_found(
    name: str, changes: dict[str, object], broken: set[str]
) -> None:
    assert failing(with_pod(a_good_cluster(), name, **changes)) == broken


def test_a_sixth_lms_pod_is_found() -> None:
    good = a_good_cluster()
    extra = a_pod("lms-5", None, "lms", running=False)
    broken = failing(replace(good, pods=(*good.pods, extra)))
    assert broken == {"one LMS pod per node", "pods running"}


def test_an_unbound_claim_is_found() -> None:
    claims = (ObservedClaim("openedx", "mysql", "Pending", "block"),)
    assert failing(replace(a_good_cluster(), claims=claims)) == {"claims bound"}


def test_a_missing_node_and_an_uneven_spread_are_found() -> None:
    good = a_good_cluster()
    assert "nodes" in failing(replace(good, nodes=good.nodes[:-1]))
    bunched = tuple(replace(node, fault_domain=DOMAINS[0]) for node in good.nodes)
    assert failing(replace(good, nodes=bunched)) == {"nodes"}


def test_a_spread_that_is_even_only_over_all_pools_is_found() -> None:
    good = a_good_cluster()
    domains = [DOMAINS[i] for i in (0, 0, 0, 1, 1, 2, 2)]
    skewed = tuple(
        replace(node, fault_domain=domain) for node, domain in zip(good.nodes, domains, strict=True)
    )
    assert failing(replace(good, nodes=skewed)) == {"nodes"}


def test_a_rollout_under_way_and_a_missing_workload_are_found() -> None:
    good = a_good_cluster()
    proxy, lms = good.workloads
    under_way = (proxy, replace(lms, why_not="4 of 5 Pods of the new ReplicaSet are ready"))
    assert failing(replace(good, workloads=under_way)) == {"rolled out"}
    assert failing(replace(good, workloads=(proxy,))) == {"rolled out"}
    assert not replace(good, workloads=under_way).settled()
    assert good.settled()


def test_a_missing_claim_is_found() -> None:
    assert failing(replace(a_good_cluster(), claims=())) == {"claims bound"}


def test_a_node_smaller_than_computed_is_found() -> None:
    good = a_good_cluster()
    small = (replace(good.nodes[0], allocatable=Resources(59399, 120000)), *good.nodes[1:])
    assert failing(replace(good, nodes=small)) == {"allocatable"}
    fewer_pods = (replace(good.nodes[0], max_pods=62), *good.nodes[1:])
    assert failing(replace(good, nodes=fewer_pods)) == {"allocatable"}


def test_an_empty_cluster_passes_nothing_that_needs_a_pod() -> None:
    broken = failing(Observed((), (), (), ()))
    assert {"nodes", "allocatable", "one LMS pod per node", "pods running"} <= broken


def test_headroom_and_counts_are_the_pools_own() -> None:
    use = pools_in_use(a_good_cluster())
    assert use["general"].allocatable_cpu_millicores == 2 * 59400
    assert use["general"].requested_cpu_millicores == 4000
    assert use["general"].headroom_cpu_millicores == 2 * 59400 - 4000
    assert use["lms"].headroom_memory_mib == 5 * 120000 - 11 * 1024
    assert pods_by_pool(a_good_cluster()) == {
        "general": {"cms": 1, "mysql": 1},
        "lms": {"lms": 5, "mongodb": 1},
    }
