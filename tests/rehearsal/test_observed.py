"""What the scheduler counts for a pod, and how API objects are reduced."""

from __future__ import annotations

from lightkube.models.core_v1 import Container, PodSpec, ResourceRequirements

from rehearsal.observed import Resources, pod_requests, quantities


def a_container(name: str, cpu: str, memory: str, *, sidecar: bool = False) -> Container:
    return Container(
        name=name,
        resources=ResourceRequirements(requests={"cpu": cpu, "memory": memory}),
        restartPolicy="Always" if sidecar else None,
    )


def test_containers_add_up() -> None:
    spec = PodSpec(containers=[a_container("a", "1", "1Gi"), a_container("b", "250m", "512Mi")])
    assert pod_requests(spec) == Resources(1250, 1536)


def test_a_larger_init_container_counts_alone() -> None:
    spec = PodSpec(
        initContainers=[a_container("init", "3", "64Mi")],
        containers=[a_container("a", "1", "1Gi")],
    )
    assert pod_requests(spec) == Resources(3000, 1024)


def test_sidecars_add_to_both_phases() -> None:
    spec = PodSpec(
        initContainers=[
            a_container("side", "500m", "128Mi", sidecar=True),
            a_container("init", "3", "64Mi"),
        ],
        containers=[a_container("a", "1", "1Gi")],
        overhead={"cpu": "100m"},
    )
    assert pod_requests(spec) == Resources(3600, 1152)


def test_quantities_round_up_and_default_to_nothing() -> None:
    assert quantities({"cpu": "0.0001", "memory": "1"}) == Resources(1, 1)
    assert quantities(None) == Resources(0, 0)
    assert pod_requests(PodSpec(containers=[Container(name="plain")])) == Resources(0, 0)
