"""When Helm counts the objects of a release as ready (``pkg/kube/ready.go`` of helm/helm)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from rehearsal.kubernetes.objects import Object, pluck
from rehearsal.kubernetes.readiness import RULES as OF_KINDS
from rehearsal.kubernetes.readiness import Rule, Verdict, Waiting, claim_bound


def _deployment(live: Object) -> Verdict:
    """Ready with as many pods as must not be missing during a rollout."""
    replicas = pluck(live, "spec", "replicas")
    wanted = 1 if replicas is None else int(replicas)
    generation = pluck(live, "metadata", "generation") or 0
    observed = pluck(live, "status", "observedGeneration") or 0
    least = wanted - _may_be_missing(live, wanted)
    updated = pluck(live, "status", "updatedReplicas") or 0
    ready = min(updated, pluck(live, "status", "readyReplicas") or 0)
    if observed >= generation and ready >= least:
        return None
    return Waiting(f"{ready} of at least {least} Pods of the new ReplicaSet are ready")


def _may_be_missing(live: Object, wanted: int) -> int:
    if pluck(live, "spec", "strategy", "type") == "Recreate":
        return 0
    limit = pluck(live, "spec", "strategy", "rollingUpdate", "maxUnavailable")
    if isinstance(limit, str) and limit.endswith("%"):
        return math.floor(wanted * float(limit.rstrip("%")) / 100)
    return min(wanted, int(limit or 0))


_WAITED_FOR: Final = (
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "Job"),
    ("v1", "Service"),
)

RULES: Final[Mapping[tuple[str, str], Rule]] = {
    **{key: OF_KINDS[key] for key in _WAITED_FOR},
    ("apps/v1", "Deployment"): _deployment,
    ("v1", "PersistentVolumeClaim"): claim_bound,
}
