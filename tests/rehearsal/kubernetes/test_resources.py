"""Objects on a real API server: preview, create, read, update, delete."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition
from lightkube.resources.core_v1 import ConfigMap, Namespace, Secret
from lightkube.types import PatchType

from rehearsal.kubernetes import applying
from rehearsal.standin.provider import Change, CloudError, Prior
from rehearsal.standin.values import UNKNOWN, contains_unknown
from tests.rehearsal.cluster import Cluster
from tests.rehearsal.kubernetes.stage import Stage, core, pod_template, replaced, resource

CONFIG_MAP = core("ConfigMap")
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
LABELS = {"app": "it"}


def deployment(stage: Stage, **spec: Any) -> dict[str, Any]:
    """One without pods, which is ready at once."""
    selector = {"matchLabels": LABELS}
    return stage.named(
        "it", spec={"replicas": 0, "selector": selector, "template": pod_template(LABELS), **spec}
    )


async def test_a_preview_makes_nothing(stage: Stage, cluster: Cluster) -> None:
    state = await stage.preview(CONFIG_MAP, stage.named("it", data={"a": "1"}))
    assert cluster.find(ConfigMap, "it") is None
    assert state.id == ""
    assert state.outputs["data"] == {"a": "1"}
    assert state.outputs["metadata"]["uid"] is UNKNOWN  # type: ignore[index,call-overload]
    assert "status" not in state.outputs


async def test_a_preview_shows_what_the_api_server_adds(stage: Stage) -> None:
    state = await stage.preview(DEPLOYMENT, deployment(stage))
    spec: Any = state.outputs["spec"]
    assert spec["progressDeadlineSeconds"] == 600


async def test_a_preview_refuses_what_the_api_server_refuses(stage: Stage) -> None:
    with pytest.raises(CloudError, match=r'unknown field "spec\.nonsense"'):
        await stage.preview(DEPLOYMENT, deployment(stage, nonsense=1))
    with pytest.raises(CloudError, match="must be greater than or equal to 0"):
        await stage.preview(DEPLOYMENT, deployment(stage, replicas=-1))


async def test_a_preview_with_an_unknown_value_asks_nobody(stage: Stage) -> None:
    inputs = deployment(stage, nonsense=UNKNOWN)
    state = await stage.preview(DEPLOYMENT, inputs)
    assert contains_unknown(state.outputs)
    assert "progressDeadlineSeconds" not in state.outputs["spec"]  # type: ignore[operator]


async def test_a_preview_of_a_namespace_s_contents_waits_for_the_namespace(stage: Stage) -> None:
    inputs = {"metadata": {"name": "it", "namespace": "not-made-yet"}, "data": {"a": "1"}}
    state = await stage.preview(CONFIG_MAP, inputs)
    assert state.outputs["metadata"] == inputs["metadata"]


async def test_a_preview_of_a_replacement_meets_the_old_object(stage: Stage) -> None:
    inputs = stage.named("it", data={"a": "1"})
    await stage.create(CONFIG_MAP, inputs)
    state = await stage.preview(CONFIG_MAP, inputs)
    assert state.outputs["data"] == {"a": "1"}


async def test_create_returns_the_live_object(stage: Stage, cluster: Cluster) -> None:
    prior, state = await stage.create(CONFIG_MAP, stage.named("it", data={"a": "1"}))
    live = cluster.find(ConfigMap, "it")
    assert live is not None
    assert prior.id == f"{stage.namespace}/it"
    data: Any = state.outputs["metadata"]
    assert data["uid"] == live.metadata.uid
    assert "managedFields" not in data
    assert state.outputs["__initialApiVersion"] == "v1"
    assert str(state.outputs["__fieldManager"]).startswith("pulumi-kubernetes-")
    assert not state.secrets


async def test_what_exists_already_is_not_taken_over(stage: Stage, cluster: Cluster) -> None:
    cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}})
    with pytest.raises(CloudError, match="already exists") as refused:
        await stage.create(CONFIG_MAP, stage.named("it", data={"a": "1"}))
    assert "upsertExistingObjects" in str(refused.value)
    assert cluster.find(ConfigMap, "it").data is None  # type: ignore[union-attr]


async def test_what_exists_already_is_taken_over_when_asked(
    stage: Stage, cluster: Cluster, kubeconfig: str
) -> None:
    cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}})
    await stage.provider.configure({"kubeconfig": kubeconfig, "upsertExistingObjects": "true"})
    await stage.create(CONFIG_MAP, stage.named("it", data={"a": "1"}))
    assert cluster.find(ConfigMap, "it").data == {"a": "1"}  # type: ignore[union-attr]


async def test_an_object_that_names_no_namespace_is_in_the_provider_s(
    stage: Stage, cluster: Cluster, kubeconfig: str
) -> None:
    await stage.provider.configure({"kubeconfig": kubeconfig, "namespace": stage.namespace})
    prior, _ = await stage.create(CONFIG_MAP, {"metadata": {"name": "it"}})
    assert prior.id == f"{stage.namespace}/it"
    assert cluster.find(ConfigMap, "it") is not None


async def test_the_second_run_changes_nothing(stage: Stage) -> None:
    inputs = deployment(stage)
    prior, _ = await stage.create(DEPLOYMENT, inputs)
    assert not (await stage.diff(DEPLOYMENT, prior, inputs)).changes


async def test_update_changes_and_removes_fields(stage: Stage, cluster: Cluster) -> None:
    """A create is not an apply: its fields must pass over, or none could ever be removed."""
    old = stage.named("it", metadata={"labels": {"a": "1", "b": "1"}})
    new = stage.named("it", metadata={"labels": {"a": "2"}})
    prior, _ = await stage.create(CONFIG_MAP, old)
    state = await stage.update(CONFIG_MAP, prior, new)
    live = cluster.find(ConfigMap, "it")
    assert live is not None
    assert live.metadata.labels == {"a": "2"}
    assert state.outputs["__fieldManager"] == prior.outputs["__fieldManager"]
    (owner,) = live.metadata.managedFields
    assert (owner.manager, owner.operation) == (prior.outputs["__fieldManager"], "Apply")


async def test_a_preview_of_an_update_changes_nothing(stage: Stage, cluster: Cluster) -> None:
    prior, _ = await stage.create(DEPLOYMENT, deployment(stage))
    state = await stage.update(
        DEPLOYMENT, prior, deployment(stage, minReadySeconds=9), preview=True
    )
    assert state.outputs["spec"]["minReadySeconds"] == 9  # type: ignore[index,call-overload]
    with pytest.raises(CloudError, match="nonsense"):
        await stage.update(DEPLOYMENT, prior, deployment(stage, nonsense=1), preview=True)
    live = await stage.read(DEPLOYMENT, prior)
    assert live is not None
    assert "minReadySeconds" not in live.outputs["spec"]  # type: ignore[operator]


async def test_a_field_of_another_manager_is_a_conflict(stage: Stage, cluster: Cluster) -> None:
    prior, _ = await stage.create(CONFIG_MAP, stage.named("it", data={"a": "1"}))
    theirs = ConfigMap.from_dict({"metadata": {"name": "it"}, "data": {"b": "theirs"}})
    cluster.client.apply(theirs, field_manager="somebody", force=True)
    ours = stage.named("it", data={"a": "1", "b": "ours"})
    with pytest.raises(CloudError, match='conflict with "somebody"') as refused:
        await stage.update(CONFIG_MAP, prior, ours)
    assert "server-side apply field conflict detected" in str(refused.value)
    forced = stage.named("it", metadata={"annotations": {"pulumi.com/patchForce": "true"}})
    state = await stage.update(CONFIG_MAP, prior, {**forced, "data": {"b": "ours"}})
    assert state.outputs["data"] == {"b": "ours"}


async def test_what_the_provider_does_not_replace_for_is_refused_by_the_api_server(
    stage: Stage,
) -> None:
    token = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
    inputs = {"metadata": {"name": stage.namespace}, "value": 1}
    prior, _ = await stage.create(token, inputs)
    try:
        assert not replaced(await stage.diff(token, prior, {**inputs, "value": 2}))
        with pytest.raises(CloudError, match="may not be changed in an update"):
            await stage.update(token, prior, {**inputs, "value": 2}, preview=True)
    finally:
        await stage.delete(token, prior)


async def test_an_update_of_what_is_gone_says_so(stage: Stage) -> None:
    prior, _ = await stage.create(CONFIG_MAP, stage.named("it"))
    await stage.delete(CONFIG_MAP, prior)
    with pytest.raises(CloudError, match='configmaps "it" not found'):
        await stage.update(CONFIG_MAP, prior, stage.named("it", data={"a": "1"}))


async def test_delete_waits_and_may_be_repeated(stage: Stage, cluster: Cluster) -> None:
    prior, _ = await stage.create(DEPLOYMENT, deployment(stage))
    await stage.delete(DEPLOYMENT, prior)
    assert await stage.read(DEPLOYMENT, prior) is None
    await stage.delete(DEPLOYMENT, prior)


async def test_a_delete_that_does_not_end_is_an_error(impatient: Stage, cluster: Cluster) -> None:
    finalized = impatient.named("it", metadata={"finalizers": ["example.com/never"]})
    prior, _ = await impatient.create(CONFIG_MAP, finalized)
    try:
        with pytest.raises(CloudError, match="'it' timed out waiting to be deleted"):
            await impatient.delete(CONFIG_MAP, prior)
    finally:
        patch = [{"op": "remove", "path": "/metadata/finalizers"}]
        cluster.client.patch(ConfigMap, "it", patch, patch_type=PatchType.JSON)


async def test_secrets_are_marked_and_not_repeated_in_plain_text(stage: Stage) -> None:
    token = core("Secret")
    prior, state = await stage.create(token, stage.named("it", stringData={"password": "hush"}))
    assert state.secrets == {"data", "stringData"}
    encoded = base64.b64encode(b"hush").decode()
    assert state.outputs["data"] == {"password": encoded}
    rest = {key: value for key, value in state.outputs.items() if key not in state.secrets}
    assert "hush" not in str(rest)
    assert encoded not in str(rest)
    preview = await stage.provider.create(
        resource(token),
        {**prior.inputs, "metadata": {"name": "two", "namespace": stage.namespace}},
        preview=True,
    )
    assert preview.secrets == {"data", "stringData"}


async def test_a_read_has_the_shape_of_the_inputs(stage: Stage, cluster: Cluster) -> None:
    inputs = deployment(stage, template=pod_template(LABELS, cpu="1000m", hostNetwork=False))
    prior, _ = await stage.create(DEPLOYMENT, inputs)
    state = await stage.read(DEPLOYMENT, prior)
    assert state is not None
    read = Prior(state.id, state.inputs, state.outputs)
    # 1000m is 1 at the API server and hostNetwork is left out there: neither is drift.
    assert not (await stage.diff(DEPLOYMENT, read, inputs)).changes


async def test_a_read_shows_drift(stage: Stage, cluster: Cluster) -> None:
    inputs = stage.named("it", data={"a": "1"})
    prior, _ = await stage.create(CONFIG_MAP, inputs)
    cluster.client.patch(ConfigMap, "it", {"data": {"a": "changed", "other": "x"}})
    state = await stage.read(CONFIG_MAP, prior)
    assert state is not None
    assert state.inputs["data"] == {"a": "changed"}
    read = Prior(state.id, state.inputs, state.outputs)
    assert set((await stage.diff(CONFIG_MAP, read, inputs)).changes) == {"data.a"}


async def test_a_read_secret_is_no_drift(stage: Stage, cluster: Cluster) -> None:
    inputs = stage.named("it", stringData={"password": "hush"})
    prior, _ = await stage.create(core("Secret"), inputs)
    state = await stage.read(core("Secret"), prior)
    assert state is not None
    read = Prior(state.id, state.inputs, state.outputs)
    assert not (await stage.diff(core("Secret"), read, inputs)).changes
    cluster.client.patch(Secret, "it", {"stringData": {"password": "other"}})
    state = await stage.read(core("Secret"), prior)
    assert state is not None
    assert state.inputs["stringData"] == {"password": "other"}


async def test_an_import_reads_everything_that_can_be_an_input(
    stage: Stage, cluster: Cluster
) -> None:
    manifest = {"metadata": {"name": "theirs"}, "data": {"a": "1"}}
    cluster.create({"apiVersion": "v1", "kind": "ConfigMap", **manifest})
    state = await stage.read(CONFIG_MAP, Prior(f"{stage.namespace}/theirs", {}, {}))
    assert state is not None
    assert state.inputs["data"] == {"a": "1"}
    assert state.inputs["metadata"] == {
        "name": "theirs",
        "namespace": stage.namespace,
        "labels": {"test": stage.namespace},
    }
    assert await stage.read(CONFIG_MAP, Prior(f"{stage.namespace}/nobody", {}, {})) is None


async def test_a_namespace_is_cluster_wide(stage: Stage, cluster: Cluster) -> None:
    name = f"{stage.namespace}-b"
    prior, _ = await stage.create(core("Namespace"), {"metadata": {"name": name}})
    try:
        assert prior.id == name
        # Inside a namespace that was just made, at once.
        await stage.create(CONFIG_MAP, {"metadata": {"name": "it", "namespace": name}})
    finally:
        cluster.client.delete(Namespace, name)


async def test_a_custom_resource_needs_its_definition(stage: Stage, cluster: Cluster) -> None:
    group = f"{stage.namespace}.example.com"
    token = f"kubernetes:{group}/v1:Thing"
    # The garbage collector learns of a new kind only after a while, and a foreground deletion would
    # wait for it.
    thing = stage.named(
        "it",
        metadata={"annotations": {"pulumi.com/deletionPropagationPolicy": "background"}},
        spec={"size": 3},
    )
    preview = await stage.preview(token, thing)
    assert preview.outputs["spec"] == {"size": 3}
    definition = {
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": "Thing", "plural": "things"},
            "scope": "Namespaced",
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "properties": {
                                "spec": {
                                    "type": "object",
                                    "properties": {"size": {"type": "integer", "maximum": 5}},
                                },
                                "free": {
                                    "type": "object",
                                    "x_kubernetes_preserve_unknown_fields": True,
                                },
                            },
                        }
                    },
                }
            ],
        },
    }
    crd = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
    defined, state = await stage.create(crd, definition)
    try:
        assert "x_kubernetes_preserve_unknown_fields" in str(state.outputs["spec"])
        assert not (await stage.diff(crd, defined, definition)).changes
        read = await stage.read(crd, defined)
        assert read is not None
        as_read = Prior(read.id, read.inputs, read.outputs)
        assert not (await stage.diff(crd, as_read, definition)).changes
        imported = await stage.read(crd, Prior(defined.id, {}, {}))
        assert imported is not None
        assert "x_kubernetes_preserve_unknown_fields" in str(imported.inputs["spec"])
        with pytest.raises(CloudError, match="should be less than or equal to 5"):
            await stage.preview(token, stage.named("it", spec={"size": 6}))
        prior, _ = await stage.create(token, thing)
        bigger = {**thing, "spec": {"size": 4}}
        assert (await stage.diff(token, prior, bigger)).changes == {"spec.size": Change.UPDATE}
        definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["description"] = "changed"  # type: ignore[index]
        await stage.update(crd, defined, definition)
        await stage.delete(token, prior)
    finally:
        # Not waited for: the API server takes its time with a kind that had objects.
        cluster.client.delete(CustomResourceDefinition, defined.id)


async def test_a_kind_that_never_comes_is_refused(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "MISORDERED", (0.0, 0.0))
    with pytest.raises(CloudError, match="Verify that any required CRDs have been created"):
        await stage.create("kubernetes:nobody.example.com/v1:Thing", stage.named("it"))
