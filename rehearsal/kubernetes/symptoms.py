"""Why an object is not ready: its conditions, its warnings, and what its pods say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rehearsal.kubernetes.client import ApiError, Cluster, UnreachableError
from rehearsal.kubernetes.kinds import Kind
from rehearsal.kubernetes.objects import Object, metadata, name_of, namespace_of, pluck
from rehearsal.kubernetes.readiness import Failed, Verdict, Waiting

PODS: Final = Kind("v1", "Pod", "pods", namespaced=True)
EVENTS: Final = Kind("v1", "Event", "events", namespaced=True)

_WRONG_WHEN_TRUE: Final = frozenset({"ReplicaFailure", "Failed", "Terminating"})
_MOST: Final = 12
"""Reasons told; a hundred pods say the same thing a hundred times."""


async def reasons(cluster: Cluster, live: Object, verdict: Verdict) -> list[str]:
    """What stands in the way, most general first, each thing once."""
    found = [verdict.why] if isinstance(verdict, Waiting | Failed) else []
    found += list(_conditions(live))
    try:
        found += await _warnings(cluster, live)
        found += await _pods(cluster, live)
    except (ApiError, UnreachableError) as error:
        found.append(f"no more can be told: {error}")
    told = list(dict.fromkeys(reason for reason in found if reason))
    rest = len(told) - _MOST
    return told[:_MOST] + ([f"… and {rest} more"] if rest > 0 else [])


def _conditions(live: Object) -> Iterator[str]:
    for condition in pluck(live, "status", "conditions") or ():
        wrong = "True" if condition.get("type") in _WRONG_WHEN_TRUE else "False"
        namespace_gone = str(condition.get("type", "")).startswith("Namespace")
        if condition.get("status") == ("True" if namespace_gone else wrong):
            yield _bracketed(condition)


def _bracketed(condition: Mapping[str, Any]) -> str:
    reason = condition.get("reason") or condition.get("type")
    return f"[{reason}] {condition.get('message', '')}".strip()


async def _warnings(cluster: Cluster, live: Object) -> list[str]:
    uid = metadata(live).get("uid")
    namespace = namespace_of(live)
    if not uid or not namespace:
        return []
    selectors = {"fieldSelector": f"involvedObject.uid={uid},type=Warning"}
    events = await cluster.list_objects(EVENTS, namespace, selectors)
    return [f"[{event.get('reason')}] {event.get('message')}" for event in events]


async def _pods(cluster: Cluster, live: Object) -> list[str]:
    labels = pluck(live, "spec", "selector", "matchLabels")
    namespace = namespace_of(live)
    if not isinstance(labels, Mapping) or not namespace:
        return []
    selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    pods = await cluster.list_objects(PODS, namespace, {"labelSelector": selector})
    return [reason for pod in sorted(pods, key=name_of) for reason in _pod(pod)]


def _pod(pod: Object) -> Iterator[str]:
    where = f"[Pod {namespace_of(pod)}/{name_of(pod)}]"
    for condition in pluck(pod, "status", "conditions") or ():
        if condition.get("status") == "False" and condition.get("reason") != "PodCompleted":
            yield f"{where} {condition.get('reason')}: {condition.get('message', '')}"
    for container in pluck(pod, "status", "containerStatuses") or ():
        waiting = pluck(container, "state", "waiting")
        if waiting:
            told = f"{waiting.get('reason')} {waiting.get('message', '')}".strip()
            yield f"{where} container {container.get('name')}: {told}"
