"""The rules by which objects count as ready, on statuses as the controllers write them."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.kubernetes.helm.readiness import RULES as OF_HELM
from rehearsal.kubernetes.readiness import RULES, Failed, Verdict, Waiting, endpoints, selects_pods
from rehearsal.kubernetes.waitfor import WaitForError, rule


def judge(kind: str, api_version: str = "apps/v1", **obj: Any) -> Verdict:
    return RULES[api_version, kind]({"apiVersion": api_version, "kind": kind, **obj})


def conditions(**statuses: str) -> list[dict[str, str]]:
    return [{"type": kind, "status": status} for kind, status in statuses.items()]


ROLLED_OUT = [
    {"type": "Available", "status": "True"},
    {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
]


def deployment(**status: Any) -> dict[str, Any]:
    full = {
        "observedGeneration": 2,
        "replicas": 3,
        "updatedReplicas": 3,
        "readyReplicas": 3,
        "conditions": ROLLED_OUT,
    }
    return {"metadata": {"generation": 2}, "spec": {"replicas": 3}, "status": full | status}


def test_a_deployment_that_is_rolled_out() -> None:
    assert judge("Deployment", **deployment()) is None


@pytest.mark.parametrize(
    "status",
    [
        {"observedGeneration": 1},
        {"updatedReplicas": 2},
        {"readyReplicas": 2},
        {"conditions": [ROLLED_OUT[0]]},
        {"conditions": [ROLLED_OUT[1]]},
        {"conditions": [ROLLED_OUT[0], {**ROLLED_OUT[1], "reason": "ReplicaSetUpdated"}]},
    ],
)
def test_a_deployment_that_is_not(status: dict[str, Any]) -> None:
    assert isinstance(judge("Deployment", **deployment(**status)), Waiting)


@pytest.mark.parametrize(
    ("strategy", "ready", "enough"),
    [
        ({"rollingUpdate": {"maxUnavailable": "25%"}}, 3, True),
        ({"rollingUpdate": {"maxUnavailable": "25%"}}, 2, False),
        ({"rollingUpdate": {"maxUnavailable": 2}}, 2, True),
        ({"type": "Recreate"}, 3, False),
        ({}, 3, False),
    ],
)
def test_helm_waits_for_as_many_pods_as_must_not_be_missing(
    strategy: dict[str, Any], ready: int, enough: bool
) -> None:
    live = deployment(readyReplicas=ready, updatedReplicas=4)
    live["spec"] = {"replicas": 4, "strategy": strategy}
    assert (OF_HELM["apps/v1", "Deployment"](live) is None) is enough


def stateful_set(strategy: str = "RollingUpdate", **status: Any) -> dict[str, Any]:
    full = {
        "observedGeneration": 2,
        "replicas": 3,
        "readyReplicas": 3,
        "currentReplicas": 3,
        "currentRevision": "b",
        "updateRevision": "b",
    }
    spec = {"replicas": 3, "updateStrategy": {"type": strategy}}
    return {"metadata": {"generation": 2}, "spec": spec, "status": full | status}


@pytest.mark.parametrize(
    ("live", "ready"),
    [
        (stateful_set(), True),
        (stateful_set(observedGeneration=1), False),
        (stateful_set(readyReplicas=2), False),
        (stateful_set(currentRevision="a", updatedReplicas=2), False),
        (stateful_set(currentReplicas=2), False),
        (stateful_set("OnDelete", currentRevision="a"), True),
    ],
)
def test_a_stateful_set(live: dict[str, Any], ready: bool) -> None:
    assert (judge("StatefulSet", **live) is None) is ready


def daemon_set(**status: int) -> dict[str, Any]:
    full = {
        "observedGeneration": 1,
        "desiredNumberScheduled": 2,
        "currentNumberScheduled": 2,
        "updatedNumberScheduled": 2,
        "numberAvailable": 2,
        "numberReady": 2,
    }
    return {"metadata": {"generation": 1}, "status": full | status}


@pytest.mark.parametrize(
    ("live", "ready"),
    [
        (daemon_set(), True),
        (daemon_set(observedGeneration=0), False),
        (daemon_set(updatedNumberScheduled=1), False),
        (daemon_set(numberReady=1), False),
    ],
)
def test_a_daemon_set(live: dict[str, Any], ready: bool) -> None:
    assert (judge("DaemonSet", **live) is None) is ready


def test_a_job() -> None:
    def job(**statuses: str) -> Verdict:
        return judge("Job", "batch/v1", status={"conditions": conditions(**statuses)})

    assert job(Complete="True") is None
    assert isinstance(job(), Waiting)
    assert isinstance(job(Failed="True"), Failed)


def test_a_definition_whose_names_are_taken_never_comes() -> None:
    def definition(**statuses: str) -> Verdict:
        live = {"status": {"conditions": conditions(**statuses)}}
        return judge("CustomResourceDefinition", "apiextensions.k8s.io/v1", **live)

    assert definition(NamesAccepted="True", Established="True") is None
    assert isinstance(definition(NamesAccepted="True"), Waiting)
    assert isinstance(definition(NamesAccepted="False", Established="False"), Failed)


def test_a_service_account_token_waits_for_its_data() -> None:
    token = {"type": "kubernetes.io/service-account-token"}
    assert isinstance(judge("Secret", "v1", **token), Waiting)
    assert judge("Secret", "v1", **token, data={"token": "eA=="}) is None
    assert judge("Secret", "v1", type="Opaque") is None


def test_an_ingress_and_a_volume() -> None:
    address = {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}
    assert isinstance(judge("Ingress", "networking.k8s.io/v1", status={}), Waiting)
    assert judge("Ingress", "networking.k8s.io/v1", status=address) is None
    assert isinstance(judge("PersistentVolume", "v1", status={"phase": "Pending"}), Waiting)
    assert judge("PersistentVolume", "v1", status={"phase": "Available"}) is None


@pytest.mark.parametrize(
    ("spec", "waits"),
    [
        ({"selector": {"a": "b"}}, True),
        ({"selector": {"a": "b"}, "clusterIP": "None"}, False),
        ({"selector": {"a": "b"}, "type": "ExternalName"}, False),
        ({}, False),
    ],
)
def test_which_services_wait_for_pods(spec: dict[str, Any], waits: bool) -> None:
    assert selects_pods({"spec": spec}) is waits


def test_endpoints_that_are_not_ready_are_waited_for() -> None:
    service = {"metadata": {"name": "it"}}
    ready, pending = ({"conditions": {"ready": value}} for value in (True, False))
    assert isinstance(endpoints(service, []), Waiting)
    assert endpoints(service, [{"endpoints": None}]) is None
    assert endpoints(service, [{"endpoints": [ready]}]) is None
    assert isinstance(endpoints(service, [{"endpoints": [ready, pending]}]), Waiting)


LIVE = {"status": {"phase": "Bound", "count": 2, "conditions": conditions(Ready="False")}}


@pytest.mark.parametrize(
    ("annotation", "holds"),
    [
        ("condition=Ready", False),
        ("condition=Ready=False", True),
        ("jsonpath={.status.phase}", True),
        ("jsonpath={.status.phase}=Bound", True),
        ("jsonpath={.status.count}=2", True),
        ("jsonpath={.status.count}=3", False),
        ("jsonpath={.status.nothing}", False),
        ('["jsonpath={.status.phase}=Bound", "condition=Ready"]', False),
        ('["jsonpath={.status.phase}=Bound", "condition=Ready=False"]', True),
    ],
)
def test_what_a_program_asks_to_wait_for(annotation: str, holds: bool) -> None:
    assert (rule(annotation)(LIVE) is None) is holds


@pytest.mark.parametrize("annotation", ["", "[]", "Ready", "jsonpath={.items[0].a}", "{}"])
def test_what_is_not_understood_is_refused(annotation: str) -> None:
    with pytest.raises(WaitForError):
        rule(annotation)
