"""What changes in place and what replaces, without a cluster."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from rehearsal.kubernetes.provider import KubernetesProvider
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import Change, Diff, Prior
from rehearsal.standin.values import UNKNOWN
from tests.rehearsal.kubernetes.stage import core, pod_template, replaced, resource


async def diff(
    stack: StackPaths,
    token: str,
    old: dict[str, Any],
    new: dict[str, Any],
    *ignore: str,
    **config: Any,
) -> Diff:
    provider = KubernetesProvider(stack)
    await provider.configure(config)
    checked = await provider.check(resource(token), None, old)
    prior = Prior("n/it", checked.inputs, {})
    changed = await provider.check(resource(token), checked.inputs, new)
    assert not checked.failures
    return await provider.diff(resource(token), prior, changed.inputs, ignore)


def changed(inputs: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    new = copy.deepcopy(inputs)
    within = new
    for key in path[:-1]:
        within = within.setdefault(key, {})
    within[path[-1]] = to
    return new


NAMED = {"metadata": {"name": "it", "namespace": "n"}}
LABELS = {"app": "it"}
DEPLOYMENT = {
    **NAMED,
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": LABELS},
        "template": pod_template(LABELS),
    },
}
STATEFUL_SET = {
    **NAMED,
    "spec": {
        "serviceName": "it",
        "replicas": 1,
        "selector": {"matchLabels": LABELS},
        "template": pod_template(LABELS),
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"volumeName": "a"}}],
    },
}


@pytest.mark.parametrize(
    ("token", "old", "path", "to", "expected"),
    [
        (
            "kubernetes:apps/v1:Deployment",
            DEPLOYMENT,
            ("spec", "selector", "matchLabels", "app"),
            "b",
            {"spec.selector.matchLabels.app"},
        ),
        ("kubernetes:apps/v1:Deployment", DEPLOYMENT, ("spec", "replicas"), 2, set()),
        (
            "kubernetes:apps/v1:StatefulSet",
            STATEFUL_SET,
            ("spec", "volumeClaimTemplates"),
            [{"metadata": {"name": "data"}, "spec": {"volumeName": "b"}}],
            {"spec.volumeClaimTemplates[0].spec.volumeName"},
        ),
        (
            "kubernetes:apps/v1:StatefulSet",
            STATEFUL_SET,
            ("spec", "serviceName"),
            "other",
            {"spec.serviceName"},
        ),
        (
            "kubernetes:batch/v1:Job",
            {**NAMED, "spec": {"template": pod_template({})}},
            ("spec", "template"),
            pod_template({}, cpu="2"),
            {"spec.template.spec.containers[0].resources.requests.cpu"},
        ),
        (
            core("PersistentVolumeClaim"),
            {**NAMED, "spec": {"storageClassName": "a"}},
            ("spec", "storageClassName"),
            "b",
            {"spec.storageClassName"},
        ),
        (
            core("PersistentVolumeClaim"),
            {**NAMED, "spec": {"resources": {"requests": {"storage": "1Gi"}}}},
            ("spec", "resources", "requests", "storage"),
            "2Gi",
            set(),
        ),
        (
            "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
            {**NAMED, "roleRef": {"name": "a"}},
            ("roleRef", "name"),
            "b",
            {"roleRef.name"},
        ),
        (
            "kubernetes:storage.k8s.io/v1:StorageClass",
            {**NAMED, "parameters": {"vpusPerGB": "10"}},
            ("parameters", "vpusPerGB"),
            "30",
            {"parameters.vpusPerGB"},
        ),
        (
            "kubernetes:storage.k8s.io/v1:StorageClass",
            {**NAMED, "reclaimPolicy": "Retain"},
            ("reclaimPolicy",),
            "Delete",
            set(),
        ),
        (
            "kubernetes:scheduling.k8s.io/v1:PriorityClass",
            {**NAMED, "value": 1},
            ("value",),
            2,
            set(),
        ),
        (core("Service"), {**NAMED, "spec": {}}, ("spec", "clusterIP"), "None", {"spec.clusterIP"}),
        (core("ConfigMap"), {**NAMED, "data": {"a": "1"}}, ("data", "a"), "2", {"data.a"}),
        (core("Secret"), {**NAMED, "type": "Opaque"}, ("type",), "other", {"type"}),
        (
            core("Secret"),
            {**NAMED, "stringData": {"a": "1"}},
            ("stringData", "a"),
            "2",
            {"stringData.a"},
        ),
        (
            "kubernetes:operator.tigera.io/v1:Installation",
            {**NAMED, "spec": {"cni": {"type": "a"}}},
            ("spec", "cni", "type"),
            "b",
            set(),
        ),
    ],
)
async def test_the_official_table_of_replacements(
    stack: StackPaths,
    token: str,
    old: dict[str, Any],
    path: tuple[str, ...],
    to: Any,
    expected: set[str],
) -> None:
    found = await diff(stack, token, old, changed(old, *path, to=to))
    assert found.changes
    assert replaced(found) == expected
    # The new object has the old one's name: the old one goes first.
    assert found.delete_before_replace is bool(expected)


@pytest.mark.parametrize("key", ["name", "namespace"])
async def test_another_identity_is_another_object(stack: StackPaths, key: str) -> None:
    found = await diff(stack, core("ConfigMap"), NAMED, changed(NAMED, "metadata", key, to="other"))
    assert replaced(found) == {f"metadata.{key}"}
    assert not found.delete_before_replace


async def test_contents_may_be_mutable(stack: StackPaths) -> None:
    old = {**NAMED, "data": {"a": "1"}}
    new = {**NAMED, "data": {"a": "2"}}
    found = await diff(stack, core("ConfigMap"), old, new, enableConfigMapMutable="true")
    assert found.changes == {"data.a": Change.UPDATE}
    immutable = {"immutable": True}
    found = await diff(
        stack, core("ConfigMap"), old | immutable, new | immutable, enableConfigMapMutable="true"
    )
    assert replaced(found) == {"data.a"}


async def test_no_namespace_is_the_default_namespace(stack: StackPaths) -> None:
    old = {"metadata": {"name": "it"}}
    found = await diff(
        stack, core("ConfigMap"), old, changed(old, "metadata", "namespace", to="default")
    )
    assert not found.changes


async def test_a_cluster_wide_object_has_no_namespace(stack: StackPaths) -> None:
    old = {"metadata": {"name": "it"}}
    found = await diff(stack, core("Namespace"), old, changed(old, "metadata", "namespace", to="x"))
    assert not found.changes


async def test_an_unknown_value_counts_as_changed(stack: StackPaths) -> None:
    token = "kubernetes:apps/v1:Deployment"
    found = await diff(
        stack, token, DEPLOYMENT, changed(DEPLOYMENT, "spec", "replicas", to=UNKNOWN)
    )
    assert found.changes == {"spec.replicas": Change.UPDATE}
    found = await diff(
        stack, token, DEPLOYMENT, changed(DEPLOYMENT, "spec", "selector", to=UNKNOWN)
    )
    assert replaced(found) == {"spec.selector"}


async def test_ignored_changes_are_not_compared(stack: StackPaths) -> None:
    token = "kubernetes:apps/v1:Deployment"
    new = changed(DEPLOYMENT, "spec", "replicas", to=7)
    assert not (await diff(stack, token, DEPLOYMENT, new, "spec.replicas")).changes


async def test_a_key_with_dots_is_one_property(stack: StackPaths) -> None:
    new = changed(NAMED, "metadata", "annotations", to={"pulumi.com/skipAwait": "true"})
    old = changed(NAMED, "metadata", "annotations", to={"pulumi.com/skipAwait": "false"})
    found = await diff(stack, core("ConfigMap"), old, new)
    assert found.changes == {'metadata.annotations["pulumi.com/skipAwait"]': Change.UPDATE}
