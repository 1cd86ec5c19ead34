"""Placeholders, object by object."""

from __future__ import annotations

from typing import Any

from rehearsal.kubernetes.helm.footprints import Workload
from rehearsal.kubernetes.helm.placeholders import LABEL, objects

DEFAULTS = Workload(
    kind="StatefulSet",
    name="{release}-store",
    resources=("store", "resources"),
    namespace="elsewhere",
    replicas=("store", "replicas"),
    default_replicas=3,
    default_requests={"cpu": "100m", "memory": "200Mi"},
    tolerations=("store", "tolerations"),
    default_tolerations=({"operator": "Exists"},),
    affinity=("store", "affinity"),
    priority_class=("store", "priorityClassName"),
    default_priority_class="system-cluster-critical",
)


def test_without_values_a_workload_is_as_the_chart_has_it() -> None:
    (found,) = objects("sample", "it", [DEFAULTS], {})
    labels = {
        "app.kubernetes.io/name": "it-store",
        "app.kubernetes.io/instance": "it",
        LABEL: "sample",
    }
    assert (found["apiVersion"], found["kind"]) == ("apps/v1", "StatefulSet")
    assert found["metadata"] == {"name": "it-store", "namespace": "elsewhere", "labels": labels}
    spec = found["spec"]
    assert (spec["replicas"], spec["serviceName"]) == (3, "it-store")
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"] == labels
    pod = spec["template"]["spec"]
    assert pod["tolerations"] == [{"operator": "Exists"}]
    assert pod["priorityClassName"] == "system-cluster-critical"
    assert "affinity" not in pod
    assert "nodeSelector" not in pod
    (container,) = pod["containers"]
    assert container["resources"] == {"requests": {"cpu": "100m", "memory": "200Mi"}}


def test_values_come_before_the_chart_s_own() -> None:
    affinity: dict[str, Any] = {
        "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []}
    }
    values = {
        "store": {
            "replicas": 0,
            "resources": {"requests": {"cpu": "2"}, "limits": {"memory": "4Gi"}},
            "tolerations": [{"key": "a", "operator": "Exists"}],
            "affinity": affinity,
            "priorityClassName": "ours",
        }
    }
    (found,) = objects("sample", "it", [DEFAULTS], values)
    assert found["spec"]["replicas"] == 0
    pod = found["spec"]["template"]["spec"]
    assert pod["tolerations"] == [{"key": "a", "operator": "Exists"}]
    assert pod["affinity"] == affinity
    assert pod["priorityClassName"] == "ours"
    assert pod["containers"][0]["resources"] == {
        "requests": {"cpu": "2", "memory": "200Mi"},
        "limits": {"memory": "4Gi"},
    }


def test_a_daemon_set_has_no_replicas() -> None:
    (found,) = objects("sample", "it", [Workload("DaemonSet", "agent", ("resources",))], {})
    assert "replicas" not in found["spec"]
    assert "namespace" not in found["metadata"]
    assert found["spec"]["template"]["spec"]["containers"][0]["resources"] == {}
