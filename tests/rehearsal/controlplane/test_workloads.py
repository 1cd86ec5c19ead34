"""What runs on the control plane behaves as on a cluster: scheduled, ready, finished, refused."""

from __future__ import annotations

from typing import Any

import pytest
from lightkube import ApiError, Client, KubeConfig
from lightkube.config.models import Cluster as ClusterConfig
from lightkube.config.models import User
from lightkube.resources.apps_v1 import DaemonSet, Deployment, StatefulSet
from lightkube.resources.batch_v1 import Job
from lightkube.resources.coordination_v1 import Lease
from lightkube.resources.core_v1 import Namespace, Node, Pod, Secret, ServiceAccountToken

from rehearsal.controlplane import ControlPlane
from tests.rehearsal.cluster import Cluster, eventually


def workload(kind: str, cluster: Cluster, **spec: Any) -> dict[str, Any]:
    pod = {
        **cluster.placement(),
        "containers": [{"name": "main", "image": "registry.example/main:1"}],
    }
    return {
        "apiVersion": "batch/v1" if kind == "Job" else "apps/v1",
        "kind": kind,
        "metadata": {"name": "main"},
        "spec": {
            **({} if kind == "Job" else {"selector": {"matchLabels": {"app": "main"}}}),
            "template": {"metadata": {"labels": {"app": "main"}}, "spec": pod},
            **spec,
        },
    }


def test_a_node_is_ready_and_renews_its_lease(cluster: Cluster) -> None:
    name = cluster.node("a")

    cluster.await_ready(name)

    def lease() -> Any:
        try:
            return cluster.client.get(Lease, name, namespace="kube-node-lease")
        except ApiError:
            return None

    found = eventually("the node's lease", lease)
    assert found.spec.leaseDurationSeconds == 40


def test_a_node_keeps_the_capacity_it_was_registered_with(cluster: Cluster) -> None:
    name = cluster.node("a", cpu="59400m", memory="127000Mi")
    cluster.await_ready(name)
    status = cluster.client.get(Node, name).status
    assert (status.allocatable["cpu"], status.allocatable["memory"]) == ("59400m", "127000Mi")


@pytest.mark.parametrize(
    ("cpu", "reason"),
    [("55", "5 Insufficient cpu"), ("5", "5 node(s) didn't match pod anti-affinity rules")],
)
def test_six_replicas_for_five_nodes_leave_one_pending(
    cluster: Cluster, cpu: str, reason: str
) -> None:
    nodes = {cluster.node(f"lms-{index}", pool="lms") for index in range(5)}
    others = {cluster.node(f"general-{index}", pool="general") for index in range(2)}
    for node in nodes | others:
        cluster.await_ready(node)
    lms = workload("Deployment", cluster, replicas=6)
    spec = lms["spec"]["template"]["spec"]
    spec["nodeSelector"]["pool"] = "lms"
    spec["containers"][0]["resources"] = {"requests": {"cpu": cpu, "memory": "10Gi"}}
    spec["affinity"] = {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {
                    "labelSelector": {"matchLabels": {"app": "main"}},
                    "topologyKey": "kubernetes.io/hostname",
                }
            ]
        }
    }
    cluster.create(lms)

    def settled() -> list[Any] | None:
        pods = cluster.pods()
        running = [pod for pod in pods if pod.status.phase == "Running"]
        refused = [
            condition
            for pod in pods
            for condition in pod.status.conditions or []
            if condition.type == "PodScheduled" and condition.status == "False"
        ]
        return pods if len(running) == 5 and len(refused) == 1 else None

    pods = eventually("five running, one that cannot be placed", settled)
    placed = [pod.spec.nodeName for pod in pods if pod.spec.nodeName]
    assert sorted(placed) == sorted(nodes)
    assert not set(placed) & others
    [pending] = [pod for pod in pods if not pod.spec.nodeName]
    assert pending.status.phase == "Pending"
    assert reason in pending.status.conditions[0].message


def test_a_deployment_becomes_available(cluster: Cluster) -> None:
    cluster.node("a")
    cluster.create(workload("Deployment", cluster, replicas=3))

    def available() -> bool:
        status = cluster.client.get(Deployment, "main").status
        return bool(status.availableReplicas == 3 and status.observedGeneration)

    eventually("three replicas available", available)


def test_a_stateful_set_gets_its_volumes_and_goes_on(cluster: Cluster) -> None:
    cluster.node("a")
    template = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": cluster.storage_class(),
            "resources": {"requests": {"storage": "60Gi"}},
        },
    }
    cluster.create(
        workload(
            "StatefulSet",
            cluster,
            replicas=3,
            serviceName="main",
            volumeClaimTemplates=[template],
        )
    )
    eventually(
        "three replicas ready",
        lambda: cluster.client.get(StatefulSet, "main").status.readyReplicas == 3,
    )
    volumes = {cluster.bound_volume(f"data-main-{index}").metadata.name for index in range(3)}
    assert len(volumes) == 3


def test_a_daemon_set_has_a_pod_on_every_node(cluster: Cluster) -> None:
    nodes = {cluster.node(name) for name in ("a", "b", "c")}
    cluster.create(workload("DaemonSet", cluster))
    eventually(
        "three pods ready", lambda: cluster.client.get(DaemonSet, "main").status.numberReady == 3
    )
    assert {pod.spec.nodeName for pod in cluster.pods()} == nodes


def test_a_job_completes(cluster: Cluster) -> None:
    cluster.node("a")
    job = workload("Job", cluster, completions=2, parallelism=2)
    job["spec"]["template"]["spec"]["restartPolicy"] = "Never"
    cluster.create(job)

    def complete() -> bool:
        conditions = cluster.client.get(Job, "main").status.conditions or []
        return any(c.type == "Complete" and c.status == "True" for c in conditions)

    eventually("the job is complete", complete)
    assert {pod.status.phase for pod in cluster.pods()} == {"Succeeded"}


def test_a_deleted_deployment_takes_its_pods_along(cluster: Cluster) -> None:
    cluster.node("a")
    cluster.create(workload("Deployment", cluster, replicas=2))
    eventually("two pods", lambda: len(cluster.pods()) == 2)
    cluster.client.delete(Deployment, "main")
    eventually("no pods", lambda: not cluster.pods())


def test_pod_security_is_enforced(cluster: Cluster) -> None:
    label = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.client.patch(Namespace, cluster.namespace, {"metadata": {"labels": label}})
    container = {
        "name": "main",
        "image": "registry.example/main:1",
        "securityContext": {"privileged": True},
    }
    with pytest.raises(ApiError, match=r'violates PodSecurity "restricted:latest": privileged'):
        cluster.client.create(
            Pod.from_dict({"metadata": {"name": "main"}, "spec": {"containers": [container]}})
        )


def test_a_service_account_may_do_nothing_it_was_not_given(
    cluster: Cluster, control_plane: ControlPlane
) -> None:
    token = cluster.client.create(
        ServiceAccountToken.from_dict({"metadata": {}, "spec": {}}), "default"
    )
    admin = KubeConfig.from_file(control_plane.kubeconfig).get()
    assert admin is not None
    user = KubeConfig.from_one(
        cluster=ClusterConfig(
            server=admin.cluster.server, certificate_auth_data=admin.cluster.certificate_auth_data
        ),
        user=User(token=token.status.token),
    )
    client = Client(user, trust_env=False)
    with pytest.raises(ApiError, match="cannot list resource"):
        list(client.list(Secret, namespace=cluster.namespace))
