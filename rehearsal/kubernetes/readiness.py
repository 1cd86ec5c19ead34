"""When an object counts as ready, kind by kind, by what the API server says of it.

The rules are those of the official provider (``provider/pkg/await`` of pulumi/pulumi-kubernetes).
A kind without a rule is ready once it exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.kubernetes.objects import Object, name_of, pluck


@dataclass(frozen=True)
class Waiting:
    """Not ready yet, and what is missing."""

    why: str


@dataclass(frozen=True)
class Failed:
    """It will never be ready."""

    why: str


Verdict = Waiting | Failed | None
"""None: ready."""

Rule = Callable[[Object], Verdict]


def condition(live: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """A condition of the status, empty when it is not there."""
    for found in pluck(live, "status", "conditions") or ():
        if found.get("type") == kind:
            return dict(found)
    return {}


def _number(live: Object, *path: str, default: int = 0) -> int:
    value = pluck(live, *path)
    return default if value is None else int(value)


def _observed(live: Object) -> bool:
    generation = _number(live, "metadata", "generation")
    return _number(live, "status", "observedGeneration") >= generation


def _deployment(live: Object) -> Verdict:
    wanted = _number(live, "spec", "replicas", default=1)
    updated = _number(live, "status", "updatedReplicas")
    ready = min(_number(live, "status", "readyReplicas"), updated)
    progressing, available = condition(live, "Progressing"), condition(live, "Available")
    if not _observed(live) or updated < wanted or ready < wanted:
        return Waiting(f"{ready} of {wanted} Pods of the new ReplicaSet are ready")
    if (progressing.get("status"), progressing.get("reason")) != ("True", "NewReplicaSetAvailable"):
        return Waiting(str(progressing.get("message", "the rollout has not begun")))
    if available.get("status") != "True":
        return Waiting(str(available.get("message", "not available")))
    return None


def _stateful_set(live: Object) -> Verdict:
    wanted = _number(live, "spec", "replicas", default=1)
    ready = _number(live, "status", "readyReplicas")
    status = live.get("status") or {}
    on_delete = pluck(live, "spec", "updateStrategy", "type") == "OnDelete"
    if not _observed(live) or wanted != _number(live, "status", "replicas") or ready != wanted:
        return Waiting(f"{ready} of {wanted} Pods are ready")
    if on_delete and _number(live, "metadata", "generation") > 1:
        return None
    if status.get("currentRevision") != status.get("updateRevision"):
        updated = _number(live, "status", "updatedReplicas")
        return Waiting(f"{updated} of {wanted} Pods have the new revision")
    if wanted != _number(live, "status", "currentReplicas"):
        return Waiting("the controller has not counted the Pods of the current revision")
    return None


def _daemon_set(live: Object) -> Verdict:
    if not _observed(live):
        return Waiting("the controller has not seen it yet")
    wanted = _number(live, "status", "desiredNumberScheduled")
    for field in (
        "currentNumberScheduled",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberReady",
    ):
        have = _number(live, "status", field)
        if have < wanted:
            return Waiting(f"{field}: {have} of {wanted}")
    return None


def _job(live: Object) -> Verdict:
    failed = condition(live, "Failed")
    if failed.get("status") == "True":
        return Failed(f"{failed.get('reason', 'Failed')}: {failed.get('message', '')}".strip(": "))
    if condition(live, "Complete").get("status") == "True":
        return None
    done = _number(live, "status", "succeeded")
    return Waiting(f"{done} of {_number(live, 'spec', 'completions', default=1)} completions")


def load_balancer(live: Object) -> Verdict:
    """Whether an address was given to a Service of type LoadBalancer, or to an Ingress."""
    if pluck(live, "status", "loadBalancer", "ingress"):
        return None
    return Waiting(
        f"{live['kind']} was not allocated an IP address; does your cloud provider support this?"
    )


def _service(live: Object) -> Verdict:
    return load_balancer(live) if pluck(live, "spec", "type") == "LoadBalancer" else None


def selects_pods(service: Object) -> bool:
    """Whether a Service is ready only once it leads to ready Pods."""
    spec = service.get("spec") or {}
    return (
        bool(spec.get("selector"))
        and spec.get("clusterIP") != "None"
        and spec.get("type") != "ExternalName"
    )


def endpoints(service: Object, slices: list[Object]) -> Verdict:
    """Whether what a Service selects takes traffic; a Service that selects nothing has no wait."""
    if not slices:
        return Waiting(f"no EndpointSlice was made for Service {name_of(service)} yet")
    pending = [
        endpoint
        for endpoint_slice in slices
        for endpoint in endpoint_slice.get("endpoints") or ()
        if pluck(endpoint, "conditions", "ready") is False
    ]
    if not pending:
        return None
    return Waiting(
        f"{len(pending)} of the Pods that Service {name_of(service)} selects are not ready"
    )


def _volume(live: Object) -> Verdict:
    phase = pluck(live, "status", "phase")
    return None if phase in ("Available", "Bound") else Waiting(f"the volume is {phase}")


def claim_bound(live: Object) -> Verdict:
    """Whether a claim has its volume."""
    phase = pluck(live, "status", "phase")
    return None if phase == "Bound" else Waiting(f"the claim is {phase}")


def _quota(live: Object) -> Verdict:
    counted = pluck(live, "spec", "hard") == pluck(live, "status", "hard")
    return None if counted else Waiting("the quota controller has not taken the limits up")


def _secret(live: Object) -> Verdict:
    if live.get("type") != "kubernetes.io/service-account-token" or live.get("data"):
        return None
    return Waiting("no token was issued for the service account")


def established(live: Object) -> Verdict:
    """Whether the API server serves the kind that a CustomResourceDefinition defines."""
    refused = condition(live, "NamesAccepted")
    if refused.get("status") == "False":
        return Failed(str(refused.get("message", "its names are not accepted")))
    served = condition(live, "Established").get("status") == "True"
    return None if served else Waiting("the API server does not serve the kind yet")


RULES: Final[Mapping[tuple[str, str], Rule]] = {
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"): established,
    ("apps/v1", "DaemonSet"): _daemon_set,
    ("apps/v1", "Deployment"): _deployment,
    ("apps/v1", "StatefulSet"): _stateful_set,
    ("batch/v1", "Job"): _job,
    ("networking.k8s.io/v1", "Ingress"): load_balancer,
    ("v1", "PersistentVolume"): _volume,
    ("v1", "PersistentVolumeClaim"): claim_bound,
    ("v1", "ResourceQuota"): _quota,
    ("v1", "Secret"): _secret,
    ("v1", "Service"): _service,
}
