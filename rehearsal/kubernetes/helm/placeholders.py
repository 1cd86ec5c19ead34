"""Pods that take the room of a chart which cannot be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rehearsal.kubernetes.helm.footprints import Workload, within
from rehearsal.kubernetes.objects import Object

IMAGE: Final = "registry.k8s.io/pause:3.10"
LABEL: Final = "openedx-large/placeholder-for"
"""Names the chart that a placeholder keeps the room for."""


def objects(
    chart: str, release: str, workloads: Sequence[Workload], values: Mapping[str, Any]
) -> Iterator[Object]:
    """The workloads with the replicas, requests and placement that the values give them."""
    for workload in workloads:
        yield _workload(chart, release, workload, values)


def _workload(chart: str, release: str, workload: Workload, values: Mapping[str, Any]) -> Object:
    name = workload.name.format(release=release)
    labels = {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/instance": release,
        LABEL: chart,
    }
    replicas = within(values, workload.replicas)
    spec: Object = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": _pod(workload, values)},
    }
    if workload.kind != "DaemonSet":
        spec["replicas"] = workload.default_replicas if replicas is None else int(replicas)
    if workload.kind == "StatefulSet":
        spec["serviceName"] = name
    data = {"name": name, "labels": labels}
    if workload.namespace:
        data["namespace"] = workload.namespace
    return {"apiVersion": "apps/v1", "kind": workload.kind, "metadata": data, "spec": spec}


def _pod(workload: Workload, values: Mapping[str, Any]) -> Object:
    chosen = {
        "nodeSelector": within(values, workload.node_selector),
        "tolerations": within(values, workload.tolerations) or list(workload.default_tolerations),
        "affinity": within(values, workload.affinity),
        "priorityClassName": within(values, workload.priority_class)
        or workload.default_priority_class,
    }
    return {
        **{key: value for key, value in chosen.items() if value},
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65535,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "placeholder",
                "image": IMAGE,
                "resources": _resources(workload, values),
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ],
    }


def _resources(workload: Workload, values: Mapping[str, Any]) -> Object:
    given = within(values, workload.resources) or {}
    requests = {**workload.default_requests, **(given.get("requests") or {})}
    limits = dict(given.get("limits") or {})
    return {key: value for key, value in (("requests", requests), ("limits", limits)) if value}
