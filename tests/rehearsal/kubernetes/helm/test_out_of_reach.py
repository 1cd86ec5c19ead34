"""Charts that cannot be reached: their room is kept, and the outcome is told."""

from __future__ import annotations

import dataclasses
import functools
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lightkube.resources.apps_v1 import DaemonSet, Deployment
from lightkube.resources.core_v1 import ConfigMap, Namespace

from rehearsal.kubernetes.helm.footprints import Workload, within
from rehearsal.kubernetes.helm.unexercised import NotExercised, Record
from rehearsal.kubernetes.kinds import RELEASE
from rehearsal.kubernetes.provider import KubernetesProvider
from rehearsal.paths import StackPaths
from tests.rehearsal.cluster import Cluster
from tests.rehearsal.kubernetes.helm.conftest import Chart
from tests.rehearsal.kubernetes.stage import Stage

FOOTPRINTS = {
    "sample": (
        Workload(
            kind="Deployment",
            name="{release}",
            resources=("resources",),
            replicas=("replicas",),
            node_selector=("nodeSelector",),
            tolerations=("tolerations",),
        ),
        Workload(
            kind="DaemonSet",
            name="{release}-agent",
            resources=("agent", "containers", "name=main", "resources"),
            default_requests={"cpu": "50m", "memory": "32Mi"},
            node_selector=("nodeSelector",),
            tolerations=("tolerations",),
        ),
    )
}


@pytest.fixture
async def keeping(stack: StackPaths, kubeconfig: str, cluster: Cluster) -> AsyncIterator[Stage]:
    """A provider that knows what the chart ``sample`` would run."""
    provider = KubernetesProvider(stack, stalled_after=30, footprints=FOOTPRINTS)
    await provider.configure({"kubeconfig": kubeconfig})
    yield Stage(provider, cluster.namespace)
    await provider.configure({})


def release(stage: Stage, repo: str, **inputs: Any) -> dict[str, Any]:
    return {
        "name": "it",
        "namespace": stage.namespace,
        "chart": "sample",
        "version": "1.2.3",
        "repositoryOpts": {"repo": repo},
        **inputs,
    }


def values(cluster: Cluster) -> dict[str, Any]:
    return {
        **cluster.placement(),
        "replicas": 2,
        "resources": {"requests": {"cpu": "1500m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
        "agent": {"containers": [{"name": "main", "resources": {"requests": {"cpu": "200m"}}}]},
    }


async def test_placeholders_take_the_room_of_our_values(
    keeping: Stage, cluster: Cluster, stack: StackPaths, closed_repository: str
) -> None:
    cluster.await_ready(cluster.node("a"))
    prior, state = await keeping.create(
        RELEASE, release(keeping, closed_repository, values=values(cluster))
    )
    deployment, agent = cluster.find(Deployment, "it"), cluster.find(DaemonSet, "it-agent")
    assert deployment is not None
    assert agent is not None
    assert deployment.status.readyReplicas == 2
    (container,) = deployment.spec.template.spec.containers
    assert container.image == "registry.k8s.io/pause:3.10"
    assert container.resources.requests == {"cpu": "1500m", "memory": "1Gi"}
    assert container.resources.limits == {"memory": "2Gi"}
    # What the values leave out is the chart's own.
    assert agent.spec.template.spec.containers[0].resources.requests == {
        "cpu": "200m",
        "memory": "32Mi",
    }
    assert state.outputs["status"]["version"] == "1.2.3"  # type: ignore[index,call-overload]
    (entry,) = Record(stack.not_exercised).read()
    assert entry.what == f"Helm release {keeping.namespace}/it"
    assert f"chart sample 1.2.3 could not be reached at {closed_repository}" in entry.why
    assert "placeholder pods" in entry.why
    await keeping.delete(RELEASE, prior)
    assert cluster.find(Deployment, "it") is None
    assert Record(stack.not_exercised).read() == []


async def test_placeholders_may_run_where_pod_security_is_restricted(
    keeping: Stage, cluster: Cluster, closed_repository: str
) -> None:
    cluster.await_ready(cluster.node("a"))
    patch = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    cluster.client.patch(Namespace, keeping.namespace, patch)
    await keeping.create(RELEASE, release(keeping, closed_repository, values=values(cluster)))
    assert len(cluster.pods()) == 3


async def test_a_chart_that_nobody_knows_is_refused(stage: Stage, closed_repository: str) -> None:
    checked = await stage.check(RELEASE, release(stage, closed_repository))
    (failure,) = checked.failures
    assert failure.property == "chart"
    assert "chart sample cannot be reached" in failure.reason
    assert "rehearsal/kubernetes/helm/footprints.py" in failure.reason


@pytest.fixture
def repository(chart: Chart, tmp_path: Path) -> Iterator[str]:
    """A chart repository on loopback, with the chart ``sample`` 1.2.3."""
    folder = tmp_path / "repository"
    subprocess.run(["helm", "package", str(chart), "-d", str(folder)], check=True)
    subprocess.run(["helm", "repo", "index", str(folder)], check=True)
    handler = functools.partial(_Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return


async def test_a_repository_in_reach_is_used(
    keeping: Stage, cluster: Cluster, stack: StackPaths, repository: str
) -> None:
    await keeping.create(RELEASE, release(keeping, repository))
    assert cluster.find(ConfigMap, "it") is not None
    assert cluster.find(Deployment, "it") is None
    assert Record(stack.not_exercised).read() == []


async def test_a_release_that_comes_into_reach_is_no_longer_told(
    keeping: Stage, cluster: Cluster, stack: StackPaths, repository: str, closed_repository: str
) -> None:
    cluster.await_ready(cluster.node("a"))
    old = release(keeping, closed_repository, values=values(cluster))
    prior, _ = await keeping.create(RELEASE, old)
    assert Record(stack.not_exercised).read()
    await keeping.update(RELEASE, prior, release(keeping, repository, values=values(cluster)))
    assert Record(stack.not_exercised).read() == []
    assert cluster.find(Deployment, "it") is None
    assert cluster.find(ConfigMap, "it") is not None


async def test_a_version_that_a_repository_does_not_have_is_refused(
    keeping: Stage, repository: str
) -> None:
    checked = await keeping.check(RELEASE, release(keeping, repository, version="9.9.9"))
    (failure,) = checked.failures
    assert "check the chart name and repository configuration" in failure.reason


def test_paths_into_values() -> None:
    found = {"a": [{"name": "x", "b": 1}, {"name": "y", "b": 2}]}
    assert within(found, ("a", "name=y", "b")) == 2
    assert within(found, ("a", "name=z", "b")) is None
    assert within(found, ("c", "d")) is None
    assert within(found, ()) is None


def test_the_record_is_kept_by_subject(tmp_path: Path) -> None:
    record = Record(tmp_path / "stack" / "not-exercised.json")
    assert record.read() == []
    one = NotExercised("Helm release n/a: hook Job b", "no container runs")
    record.settle("Helm release n/a", [one, one])
    other = NotExercised("Helm release n/ab", "not reached")
    record.settle("Helm release n/ab", [other])
    assert record.read() == [one, other]
    again = dataclasses.replace(one, why="another reason")
    record.settle("Helm release n/a", [again])
    assert record.read() == [again, other]
    record.settle("Helm release n/a", [])
    assert record.read() == [other]
