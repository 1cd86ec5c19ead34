"""A cluster has settled when its rollouts are complete, not when its old pods run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lightkube.config.kubeconfig import KubeConfig
from lightkube.resources.apps_v1 import Deployment

from rehearsal.controlplane import Binaries, ControlPlane
from rehearsal.observed import Observed
from rehearsal.settling import settle
from tests.rehearsal.cluster import Cluster


@dataclass(frozen=True)
class Alone:
    cluster: Cluster
    kubeconfig: Path


@pytest.fixture(scope="module")
def alone(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    """A control plane of this module's own: what other tests do in theirs would count here."""
    plane = ControlPlane(tmp_path_factory.mktemp("settling"), binaries)
    plane.start()
    try:
        cluster = Cluster(plane.kubeconfig, "openedx")
        cluster.await_ready(cluster.node("node"))
        yield Alone(cluster, plane.kubeconfig)
    finally:
        plane.stop()


def web(cluster: Cluster, image: str, cpu: str = "100m") -> dict[str, Any]:
    container = {"name": "web", "image": image, "resources": {"requests": {"cpu": cpu}}}
    labels = {"app.kubernetes.io/name": "web"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": labels},
            "strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [container], **cluster.placement()},
            },
        },
    }


def settled(plane: Path, still_seconds: float = 30.0) -> tuple[Observed, list[Observed]]:
    seen: list[Observed] = []
    config = KubeConfig.from_file(str(plane))
    last = asyncio.run(settle(config, on_progress=seen.append, still_seconds=still_seconds))
    return last, seen


def test_the_pods_of_a_new_rollout_are_waited_for(alone: Alone) -> None:
    cluster = alone.cluster
    cluster.create(web(cluster, "registry.example/web:1"))
    first, seen = settled(alone.kubeconfig)
    assert first.settled()
    assert len(first.pods) == 3
    assert seen[-1] == first

    cluster.client.patch(
        Deployment,
        "web",
        {"spec": web(cluster, "registry.example/web:2")["spec"]},
        namespace=cluster.namespace,
    )
    second, _ = settled(alone.kubeconfig)
    assert second.settled()
    assert {pod.name for pod in first.pods}.isdisjoint(pod.name for pod in second.pods)

    cluster.client.patch(
        Deployment,
        "web",
        {"spec": web(cluster, "registry.example/web:3", cpu="4000")["spec"]},
        namespace=cluster.namespace,
    )
    stuck, _ = settled(alone.kubeconfig, still_seconds=2.0)
    assert not stuck.settled()
    assert [workload.name for workload in stuck.workloads if workload.why_not] == ["web"]
    waiting = [pod for pod in stuck.pods if not pod.running]
    assert len(waiting) == 1
    assert "Insufficient cpu" in waiting[0].why_not
