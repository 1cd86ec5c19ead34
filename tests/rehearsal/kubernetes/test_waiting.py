"""Waiting for objects on a real control plane whose pods run on simulated nodes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from lightkube.resources.core_v1 import Service

from rehearsal.standin.provider import PartialFailure
from tests.rehearsal.cluster import Cluster, eventually
from tests.rehearsal.kubernetes.stage import Stage, core, pod_template, resource

LABELS = {"app": "it"}
#: One that the rehearsal's own load balancers leave alone.
FOREIGN_LOAD_BALANCER = {
    "type": "LoadBalancer",
    "loadBalancerClass": "example.com/other",
    "ports": [{"port": 443}],
}
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
JOB = "kubernetes:batch/v1:Job"


def workload(stage: Stage, cluster: Cluster, cpu: str = "1", **spec: Any) -> dict[str, Any]:
    return stage.named(
        "it",
        spec={
            "selector": {"matchLabels": LABELS},
            "template": pod_template(LABELS, cpu, **cluster.placement()),
            **spec,
        },
    )


@pytest.fixture
def node(cluster: Cluster) -> str:
    """A node of four CPUs."""
    name = cluster.node("a", cpu="4")
    cluster.await_ready(name)
    return name


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize(
    ("kind", "extra"),
    [
        ("Deployment", {"replicas": 2}),
        ("StatefulSet", {"replicas": 2, "serviceName": "it"}),
        ("DaemonSet", {}),
    ],
)
async def test_a_workload_is_ready_when_its_pods_are(
    stage: Stage, cluster: Cluster, kind: str, extra: dict[str, Any]
) -> None:
    token = f"kubernetes:apps/v1:{kind}"
    prior, state = await stage.create(token, workload(stage, cluster, **extra))
    pods = cluster.pods()
    assert pods
    assert all(pod.status.phase == "Running" for pod in pods)
    status: Any = state.outputs["status"]
    assert status.get("readyReplicas", status.get("numberReady")) == len(pods)
    changed = workload(stage, cluster, cpu="500m", **extra)
    state = await stage.update(token, prior, changed)
    assert {
        pod.spec.containers[0].resources.requests["cpu"]
        for pod in cluster.pods()
        if pod.metadata.deletionTimestamp is None
    } == {"500m"}


@pytest.mark.usefixtures("node")
async def test_pods_without_room_are_named_with_the_scheduler_s_reason(
    impatient: Stage, cluster: Cluster
) -> None:
    inputs = workload(impatient, cluster, cpu="3", replicas=2)
    with pytest.raises(PartialFailure) as failed:
        await impatient.create(DEPLOYMENT, inputs)
    first, *why = failed.value.reasons
    assert "was successfully created" in first
    assert "'it' timed out waiting to be Ready" in first
    assert "1 of 2 Pods of the new ReplicaSet are ready" in why
    (unschedulable,) = [reason for reason in why if "Insufficient cpu" in reason]
    assert f"[Pod {impatient.namespace}/it-" in unschedulable
    assert failed.value.state.id == f"{impatient.namespace}/it"
    # What was made stands in the state, and the next update can go on from there.
    assert failed.value.state.outputs["kind"] == "Deployment"


async def test_the_program_s_time_out_is_obeyed(stage: Stage, cluster: Cluster) -> None:
    checked = await stage.check(DEPLOYMENT, workload(stage, cluster, replicas=1))
    with pytest.raises(PartialFailure, match="timed out waiting to be Ready"):
        await stage.provider.create(
            resource(DEPLOYMENT, timeout_seconds=0.2), checked.inputs, preview=False
        )


async def test_an_interrupt_ends_the_wait(stage: Stage, cluster: Cluster) -> None:
    inputs = workload(stage, cluster, replicas=1)
    creating = asyncio.create_task(stage.create(DEPLOYMENT, inputs))
    await asyncio.to_thread(eventually, "a pod", cluster.pods)
    stage.provider.cancelled.set()
    with pytest.raises(PartialFailure, match='operation was cancelled for "it"'):
        await creating


async def test_an_annotation_skips_the_wait(stage: Stage, cluster: Cluster) -> None:
    inputs = workload(stage, cluster, replicas=1)
    inputs["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    _, state = await stage.create(DEPLOYMENT, inputs)
    assert state.outputs["kind"] == "Deployment"


async def test_an_annotation_says_what_to_wait_for(stage: Stage, cluster: Cluster) -> None:
    inputs = workload(stage, cluster, replicas=1)
    inputs["metadata"]["annotations"] = {
        "pulumi.com/waitFor": json.dumps(
            ["condition=Progressing", "jsonpath={.status.unavailableReplicas}=1"]
        )
    }
    _, state = await stage.create(DEPLOYMENT, inputs)
    assert state.outputs["status"]["unavailableReplicas"] == 1  # type: ignore[index,call-overload]


@pytest.mark.usefixtures("node")
async def test_a_job_is_ready_when_it_is_complete(stage: Stage, cluster: Cluster) -> None:
    template = pod_template({}, restartPolicy="Never", **cluster.placement())
    _, state = await stage.create(JOB, stage.named("it", spec={"template": template}))
    assert state.outputs["status"]["succeeded"] == 1  # type: ignore[index,call-overload]


async def test_a_job_that_fails_is_not_waited_for(stage: Stage, cluster: Cluster) -> None:
    template = pod_template({}, restartPolicy="Never", **cluster.placement())
    spec = {"template": template, "activeDeadlineSeconds": 1}
    with pytest.raises(PartialFailure, match="DeadlineExceeded") as failed:
        await stage.create(JOB, stage.named("it", spec=spec))
    assert "created but failed to initialize" in failed.value.reasons[0]


async def test_a_load_balancer_is_ready_when_it_has_an_address(
    stage: Stage, cluster: Cluster
) -> None:
    creating = asyncio.create_task(
        stage.create(core("Service"), stage.named("it", spec=FOREIGN_LOAD_BALANCER))
    )
    await asyncio.to_thread(eventually, "the Service", lambda: cluster.find(Service, "it"))
    assert not creating.done()
    address = {"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}}}
    await asyncio.to_thread(cluster.client.patch, Service.Status, "it", address)
    _, state = await creating
    assert state.outputs["status"] == {
        "loadBalancer": {"ingress": [{"ip": "203.0.113.9", "ipMode": "VIP"}]}
    }


async def test_a_load_balancer_without_an_address_is_a_failure(impatient: Stage) -> None:
    with pytest.raises(PartialFailure, match="was not allocated an IP address"):
        await impatient.create(core("Service"), impatient.named("it", spec=FOREIGN_LOAD_BALANCER))


async def test_a_service_waits_for_the_pods_that_it_selects(stage: Stage, cluster: Cluster) -> None:
    inputs = workload(stage, cluster, replicas=1)
    inputs["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    service = stage.named("it", spec={"selector": LABELS, "ports": [{"port": 80}]})
    # Nobody there yet: nothing to wait for.
    prior, _ = await stage.create(core("Service"), service)
    await stage.delete(core("Service"), prior)
    name = cluster.node("a")
    await stage.create(DEPLOYMENT, inputs)
    await stage.create(core("Service"), service)
    await asyncio.to_thread(cluster.await_ready, name)
    assert [pod.status.phase for pod in cluster.pods()] == ["Running"]


async def test_a_claim_waits_for_its_first_consumer_no_longer(
    stage: Stage, cluster: Cluster
) -> None:
    storage_class = cluster.storage_class()
    spec = {
        "storageClassName": storage_class,
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "50Gi"}},
    }
    _, state = await stage.create(core("PersistentVolumeClaim"), stage.named("it", spec=spec))
    assert state.outputs["status"] == {"phase": "Pending"}


async def test_a_claim_that_binds_at_once_is_waited_for(impatient: Stage, cluster: Cluster) -> None:
    storage_class = cluster.storage_class(volumeBindingMode="Immediate", provisioner="nobody")
    spec = {
        "storageClassName": storage_class,
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "50Gi"}},
    }
    with pytest.raises(PartialFailure, match="the claim is Pending"):
        await impatient.create(core("PersistentVolumeClaim"), impatient.named("it", spec=spec))


async def test_a_quota_is_ready_when_it_is_counted(stage: Stage) -> None:
    spec = {"hard": {"pods": "10", "requests.cpu": "4"}}
    _, state = await stage.create(core("ResourceQuota"), stage.named("it", spec=spec))
    assert state.outputs["status"]["hard"] == spec["hard"]  # type: ignore[index,call-overload]
