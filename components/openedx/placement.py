"""Where Tutor's pods run, and what they ask of the node.

One LMS pod fills each node of its pool; everything else goes to the general pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from components.capacity import Resources
from components.cluster import POOL_LABEL
from components.openedx import serving, stops, workloads
from components.openedx.demand import GENERAL, LMS, job, running, workload
from components.openedx.manifests import (
    APP_LABEL,
    Manifest,
    add,
    deployment,
    json_patch,
    quantities,
)
from components.openedx.sizing import celery_concurrency
from components.settings.openedx import OpenEdxSettings

_POD = "/spec/template/spec"
_SERVING = frozenset({"cms"})


@dataclass(frozen=True)
class PriorityClasses:
    """Names of the cluster's priority classes."""

    lms: str
    data: str
    """For what keeps data in a volume."""
    default: str
    """For everything else."""


@dataclass(frozen=True)
class Stage:
    """What the cluster offers to Tutor's pods."""

    lms_replicas: int
    lms_requests: Resources
    storage_class: str
    priority_classes: PriorityClasses


def lms(stage: Stage) -> Manifest:
    """The patch that gives each LMS pod a node of its own.

    Requests equal limits, of CPU too: the pod is of class Guaranteed, the last to be evicted, and
    the limit takes nothing away, since the pod asks for all that the node offers. A rollout never
    starts a sixth pod (no node would have room), so it stops one at a time.
    """
    size = quantities(stage.lms_requests)
    return deployment(
        LMS,
        {
            "replicas": stage.lms_replicas,
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
            },
            "template": {
                "spec": {
                    "priorityClassName": stage.priority_classes.lms,
                    "terminationGracePeriodSeconds": serving.GRACE_SECONDS,
                    "nodeSelector": {POOL_LABEL: LMS},
                    "tolerations": [
                        {
                            "key": POOL_LABEL,
                            "operator": "Equal",
                            "value": LMS,
                            "effect": "NoSchedule",
                        }
                    ],
                    "affinity": {
                        "podAntiAffinity": {
                            "requiredDuringSchedulingIgnoredDuringExecution": [_one_to_a_host(LMS)]
                        }
                    },
                    "containers": [
                        {
                            "name": LMS,
                            "resources": {"requests": size, "limits": size},
                            **serving.container(),
                        }
                    ],
                }
            },
        },
    )


def general(spec: OpenEdxSettings, stage: Stage) -> Iterator[Manifest]:
    """The patches that size everything else, in the order of the names.

    Memory is limited to what is asked for, so that no pod takes a node down with it; CPU is not.
    """
    for name in running(spec):
        size = quantities(workload(spec, name))
        replicas = spec.workloads[name].replicas
        container = {
            "name": name,
            "resources": {"requests": size, "limits": {"memory": size["memory"]}},
            **stops.container(name),
        }
        classes = stage.priority_classes
        pod: dict[str, object] = {
            "priorityClassName": classes.data if name in workloads.WITH_VOLUME else classes.default,
            **stops.pod(name),
            "containers": [container],
        }
        if name in _SERVING:
            container |= serving.container()
            pod["terminationGracePeriodSeconds"] = serving.GRACE_SECONDS
        if replicas > 1:
            pod["topologySpreadConstraints"] = [_spread(name)]
        yield deployment(name, {"replicas": replicas, "template": {"spec": pod}})


def volumes(spec: OpenEdxSettings, stage: Stage) -> Iterator[Manifest]:
    """The patches that put each volume on the storage class, at the size of the settings."""
    for name in sorted(workloads.WITH_VOLUME):
        size = spec.workloads[name].volume_gb
        requests = {} if size is None else {"resources": {"requests": {"storage": f"{size}Gi"}}}
        yield {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name},
            "spec": {"storageClassName": stage.storage_class, **requests},
        }


def disruption_budgets(spec: OpenEdxSettings) -> Iterator[Manifest]:
    """A budget for all that has more than one pod: draining a node stops one at a time.

    What has a single pod gets none: a budget would only block the drain. A pod that is not ready
    may always go: one that cannot start must not hold its node for ever.
    """
    several = {name for name in running(spec) if spec.workloads[name].replicas > 1}
    for name in sorted({LMS} | several):
        yield {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": name},
            "spec": {
                "maxUnavailable": 1,
                "selector": {"matchLabels": {APP_LABEL: name}},
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
            },
        }


def targeted(spec: OpenEdxSettings, stage: Stage) -> Iterator[Manifest]:
    """The patches for kustomize that select what they change.

    The first holds for whatever Tutor and its other plugins render, now or later: what is not the
    LMS goes to the general pool.
    """
    yield json_patch(
        {"kind": "Deployment|StatefulSet|Job", "labelSelector": f"{APP_LABEL}!={LMS}"},
        [add(f"{_POD}/nodeSelector", {POOL_LABEL: GENERAL})],
    )
    size = quantities(job(spec).each)
    yield json_patch(
        {"kind": "Job"},
        [
            add(f"{_POD}/priorityClassName", stage.priority_classes.default),
            add(
                f"{_POD}/containers/0/resources",
                {"requests": size, "limits": {"memory": size["memory"]}},
            ),
        ],
    )
    mysql = spec.workloads["mysql"]
    yield _arguments(
        "mysql",
        f"--max-connections={spec.mysql_max_connections}",
        # MySQL's default of 128 MiB would leave the pod's memory unused.
        f"--innodb-buffer-pool-size={mysql.memory_mib // 2}M",
    )
    for name in stops.CELERY:
        yield _arguments(name, f"--concurrency={celery_concurrency(workload(spec, name))}")
    # tutor-mfe opens a port on every node for it; only Caddy needs to reach it.
    yield json_patch(
        {"kind": "Service", "name": "mfe"},
        [{"op": "replace", "path": "/spec/type", "value": "ClusterIP"}],
    )


def _arguments(name: str, *arguments: str) -> Manifest:
    return json_patch(
        {"kind": "Deployment", "name": name},
        [add(f"{_POD}/containers/0/args/-", argument) for argument in arguments],
    )


def _one_to_a_host(name: str) -> Manifest:
    return {
        "labelSelector": {"matchLabels": {APP_LABEL: name}},
        "topologyKey": "kubernetes.io/hostname",
    }


def _spread(name: str) -> Manifest:
    # Not a condition: when one of two nodes is lost, the other takes all.
    return {
        "maxSkew": 1,
        "whenUnsatisfiable": "ScheduleAnyway",
        **_one_to_a_host(name),
    }
