"""Releases whose chart is at hand: real Helm renders them, the API server takes them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.admissionregistration_v1 import ValidatingWebhookConfiguration
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import ConfigMap, Namespace, Secret

from rehearsal.controlplane import ControlPlane
from rehearsal.kubernetes.helm.unexercised import Record
from rehearsal.kubernetes.kinds import RELEASE
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import Change, CloudError, PartialFailure, Prior
from rehearsal.standin.values import UNKNOWN
from tests.rehearsal.cluster import Cluster
from tests.rehearsal.kubernetes.helm.conftest import (
    API_SERVICE,
    CUSTOM_RESOURCE,
    DEFINITION,
    DEPLOYMENT,
    HOOK,
    WEBHOOK,
    Chart,
)
from tests.rehearsal.kubernetes.stage import Stage, replaced


def release(stage: Stage, chart: Chart | str, **inputs: Any) -> dict[str, Any]:
    return {"name": "it", "namespace": stage.namespace, "chart": str(chart), **inputs}


async def test_a_release_is_rendered_for_this_cluster(
    stage: Stage, cluster: Cluster, chart: Chart, control_plane: ControlPlane
) -> None:
    prior, state = await stage.create(RELEASE, release(stage, chart, values={"greeting": "salam"}))
    live = cluster.find(ConfigMap, "it")
    assert live is not None
    assert live.data == {
        "greeting": "salam",
        "kubernetes": control_plane.kubernetes_version(),
        "policies": "true",
        "since": "2024-01-01",
    }
    assert live.metadata.labels == {"app.kubernetes.io/managed-by": "Helm"}
    assert live.metadata.annotations == {
        "meta.helm.sh/release-name": "it",
        "meta.helm.sh/release-namespace": stage.namespace,
    }
    assert prior.id == f"{stage.namespace}/it"
    assert state.outputs["resourceNames"] == {"ConfigMap/v1": [f"{stage.namespace}/it"]}
    assert state.outputs["status"] == {
        "appVersion": "7.0",
        "chart": "sample",
        "name": "it",
        "namespace": stage.namespace,
        "revision": 1,
        "status": "deployed",
        "version": "1.2.3",
    }


async def test_check_settles_on_the_chart_s_version(stage: Stage, chart: Chart) -> None:
    checked = await stage.check(RELEASE, release(stage, chart))
    assert checked.inputs["version"] == "1.2.3"
    assert checked.inputs["timeout"] == 300
    assert not checked.failures


async def test_a_preview_makes_nothing(
    stage: Stage, cluster: Cluster, chart: Chart, stack: StackPaths
) -> None:
    state = await stage.preview(RELEASE, release(stage, chart))
    assert state.outputs["status"] is UNKNOWN
    assert cluster.find(ConfigMap, "it") is None
    assert not stack.not_exercised.exists()


async def test_real_helm_finds_the_release(
    stage: Stage, chart: Chart, control_plane: ControlPlane
) -> None:
    await stage.create(RELEASE, release(stage, chart))

    def helm(*arguments: str) -> str:
        command = ["helm", *arguments, "--namespace", stage.namespace]
        command += ["--kubeconfig", str(control_plane.kubeconfig)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    (listed,) = json.loads(helm("list", "--output", "json"))
    assert (listed["name"], listed["chart"], listed["status"]) == ("it", "sample-1.2.3", "deployed")
    assert "greeting" in helm("get", "manifest", "it")


async def test_an_upgrade_changes_adds_and_removes(
    stage: Stage, cluster: Cluster, chart: Chart
) -> None:
    prior, _ = await stage.create(RELEASE, release(stage, chart))
    chart.template("deployment", DEPLOYMENT)
    new = release(stage, chart, values={"greeting": "", "replicas": 0})
    assert (await stage.diff(RELEASE, prior, new)).changes
    state = await stage.update(RELEASE, prior, new)
    assert cluster.find(ConfigMap, "it") is None
    assert cluster.find(Deployment, "it") is not None
    assert state.outputs["status"]["revision"] == 2  # type: ignore[index,call-overload]
    read = await stage.read(RELEASE, prior)
    assert read is not None
    assert read.outputs["resourceNames"] == {"Deployment.apps/apps/v1": [f"{stage.namespace}/it"]}


async def test_the_second_run_changes_nothing(stage: Stage, chart: Chart) -> None:
    inputs = release(stage, chart, values={"greeting": "salam"})
    prior, _ = await stage.create(RELEASE, inputs)
    assert not (await stage.diff(RELEASE, prior, inputs)).changes
    other = release(stage, chart, values={"greeting": "marhaba"})
    assert (await stage.diff(RELEASE, prior, other)).changes == {"values.greeting": Change.UPDATE}
    assert replaced(await stage.diff(RELEASE, prior, {**inputs, "name": "other"})) == {"name"}


async def test_delete_leaves_nothing(
    stage: Stage, cluster: Cluster, chart: Chart, stack: StackPaths
) -> None:
    chart.template("webhook", WEBHOOK)
    prior, _ = await stage.create(RELEASE, release(stage, chart))
    assert Record(stack.not_exercised).read()
    await stage.delete(RELEASE, prior)
    assert cluster.find(ConfigMap, "it") is None
    assert cluster.find(Secret, "sh.helm.release.v1.it.v1") is None
    assert Record(stack.not_exercised).read() == []
    assert await stage.read(RELEASE, prior) is None
    await stage.delete(RELEASE, prior)


async def test_what_is_to_be_kept_is_kept(stage: Stage, cluster: Cluster, chart: Chart) -> None:
    kept = "metadata:\n  annotations: {helm.sh/resource-policy: keep}"
    chart.template("kept", "apiVersion: v1\nkind: ConfigMap\n" + kept + "\n  name: kept\n")
    prior, _ = await stage.create(RELEASE, release(stage, chart))
    await stage.delete(RELEASE, prior)
    assert cluster.find(ConfigMap, "it") is None
    assert cluster.find(ConfigMap, "kept") is not None


async def test_definitions_come_first_and_stay(
    stage: Stage, cluster: Cluster, chart: Chart
) -> None:
    group = f"{stage.namespace}.example.com"
    chart.definition(DEFINITION.replace("GROUP", group))
    chart.template("a-custom-resource", CUSTOM_RESOURCE.replace("GROUP", group))
    try:
        prior, _ = await stage.create(RELEASE, release(stage, chart))
        sample = create_namespaced_resource(group, "v1", "Sample", "samples")
        assert cluster.find(sample, "it") is not None
        await stage.delete(RELEASE, prior)
        assert cluster.find(sample, "it") is None
        assert cluster.find(CustomResourceDefinition, f"samples.{group}") is not None
    finally:
        cluster.client.delete(CustomResourceDefinition, f"samples.{group}")


async def test_what_no_container_answers_is_left_out_and_told(
    stage: Stage, cluster: Cluster, chart: Chart, stack: StackPaths
) -> None:
    chart.template("webhook", WEBHOOK)
    chart.template("api-service", API_SERVICE)
    name = stage.namespace
    await stage.create(RELEASE, release(stage, chart, name=name))
    assert cluster.find(ValidatingWebhookConfiguration, name) is None
    told = {entry.what: entry.why for entry in Record(stack.not_exercised).read()}
    assert set(told) == {
        f"Helm release {name}/{name}: ValidatingWebhookConfiguration {name}",
        f"Helm release {name}/{name}: APIService v1beta1.{name}.example.com",
    }
    assert all("no container runs" in why for why in told.values())


async def test_a_release_waits_for_its_workloads(
    stage: Stage, cluster: Cluster, chart: Chart
) -> None:
    chart.template("deployment", DEPLOYMENT)
    cluster.await_ready(cluster.node("a"))
    values = {"replicas": 2, "placement": cluster.placement()}
    await stage.create(RELEASE, release(stage, chart, values=values))
    assert [pod.status.phase for pod in cluster.pods()] == ["Running", "Running"]


async def test_a_release_without_room_fails_and_can_be_repaired(
    impatient: Stage, cluster: Cluster, chart: Chart
) -> None:
    chart.template("deployment", DEPLOYMENT)
    cluster.await_ready(cluster.node("a", cpu="4"))
    values = {"cpu": "5", "placement": cluster.placement()}
    checked = await impatient.check(RELEASE, release(impatient, chart, values=values))
    with pytest.raises(PartialFailure) as failed:
        await impatient.create(RELEASE, checked.inputs)
    assert "failed to initialize completely" in failed.value.reasons[0]
    assert any("Insufficient cpu" in reason for reason in failed.value.reasons)
    state = failed.value.state
    assert state.outputs["status"]["status"] == "failed"  # type: ignore[index,call-overload]
    prior = Prior(state.id, checked.inputs, state.outputs)
    less = release(impatient, chart, values={**values, "cpu": "1"})
    repaired = await impatient.update(RELEASE, prior, less)
    assert repaired.outputs["status"]["status"] == "deployed"  # type: ignore[index,call-overload]


async def test_an_atomic_release_leaves_nothing_when_it_fails(
    impatient: Stage, cluster: Cluster, chart: Chart
) -> None:
    chart.template("deployment", DEPLOYMENT)
    values = {"placement": cluster.placement()}
    with pytest.raises(CloudError, match="uninstalled due to atomic"):
        await impatient.create(RELEASE, release(impatient, chart, values=values, atomic=True))
    assert cluster.find(Deployment, "it") is None
    assert cluster.find(ConfigMap, "it") is None


async def test_a_release_may_be_made_without_waiting(
    stage: Stage, cluster: Cluster, chart: Chart
) -> None:
    chart.template("deployment", DEPLOYMENT)
    values = {"placement": cluster.placement()}
    _, state = await stage.create(RELEASE, release(stage, chart, values=values, skipAwait=True))
    assert state.outputs["status"]["status"] == "deployed"  # type: ignore[index,call-overload]


async def test_hooks_run_in_their_turn_and_are_told_as_idle(
    stage: Stage, cluster: Cluster, chart: Chart, stack: StackPaths
) -> None:
    chart.template("hook", HOOK)
    cluster.await_ready(cluster.node("a"))
    values = {"placement": cluster.placement()}
    await stage.create(RELEASE, release(stage, chart, values=values))
    hook = cluster.find(Job, "it-before")
    assert hook is not None
    assert hook.status.succeeded == 1
    (entry,) = Record(stack.not_exercised).read()
    assert entry.what == f"Helm release {stage.namespace}/it: hook Job it-before"


async def test_hooks_can_be_turned_off(stage: Stage, cluster: Cluster, chart: Chart) -> None:
    chart.template("hook", HOOK)
    await stage.create(RELEASE, release(stage, chart, disableWebhooks=True))
    assert cluster.find(Job, "it-before") is None


async def test_the_namespace_is_made_when_asked(
    stage: Stage, cluster: Cluster, chart: Chart
) -> None:
    name = f"{stage.namespace}-made"
    inputs = release(stage, chart, namespace=name)
    with pytest.raises(CloudError, match=f'namespaces "{name}" not found'):
        await stage.create(RELEASE, inputs)
    try:
        await stage.create(RELEASE, {**inputs, "createNamespace": True})
        assert cluster.client.get(ConfigMap, "it", namespace=name) is not None
    finally:
        cluster.client.delete(Namespace, name)


async def test_another_s_object_is_not_taken_over(
    stage: Stage, cluster: Cluster, chart: Chart
) -> None:
    cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}})
    with pytest.raises(CloudError, match="cannot be imported into the current release"):
        await stage.create(RELEASE, release(stage, chart))
    await stage.create(RELEASE, release(stage, chart, takeOwnership=True))


async def test_a_name_in_use_is_refused(stage: Stage, chart: Chart) -> None:
    await stage.create(RELEASE, release(stage, chart))
    with pytest.raises(CloudError, match="cannot re-use a name that is still in use"):
        await stage.create(RELEASE, release(stage, chart))


async def test_what_the_api_server_refuses_fails_the_release(stage: Stage, chart: Chart) -> None:
    chart.template(
        "bad", "apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {nonsense: 1}\n"
    )
    with pytest.raises(PartialFailure, match="nonsense"):
        await stage.create(RELEASE, release(stage, chart))


async def test_a_template_error_is_helm_s_own_words(stage: Stage, chart: Chart) -> None:
    chart.template("bad", '{{ fail "greeting is not polite" }}')
    with pytest.raises(CloudError, match="greeting is not polite"):
        await stage.create(RELEASE, release(stage, chart))


@pytest.mark.parametrize(
    ("extra", "path", "told"),
    [
        ({"chart": "./nowhere"}, "chart", "not found"),
        ({"nonsense": 1}, "nonsense", "no such input"),
        ({"reuseValues": True}, "reuseValues", "official plugin"),
        ({"values": "text"}, "values", "expected an object"),
        ({"name": None}, "name", "random one would differ"),
        (
            {"repositoryOpts": {"repo": "https://x", "password": "p"}},
            "repositoryOpts.password",
            "log in",
        ),
    ],
)
async def test_inputs_that_are_not_understood_are_refused(
    stage: Stage, chart: Chart, extra: dict[str, Any], path: str, told: str
) -> None:
    checked = await stage.check(RELEASE, release(stage, chart) | extra)
    (failure,) = checked.failures
    assert failure.property == path
    assert told in failure.reason


async def test_a_library_chart_is_refused(stage: Stage, chart: Chart) -> None:
    path = chart.folder / "Chart.yaml"
    path.write_text(path.read_text() + "type: library\n")
    checked = await stage.check(RELEASE, release(stage, chart))
    assert "library charts are not installable" in checked.failures[0].reason


@pytest.fixture
def archive(chart: Chart, tmp_path: Path) -> Path:
    subprocess.run(["helm", "package", str(chart), "-d", str(tmp_path)], check=True)
    return tmp_path / "sample-1.2.3.tgz"


async def test_an_archive_is_a_chart_too(stage: Stage, cluster: Cluster, archive: Path) -> None:
    await stage.create(RELEASE, release(stage, str(archive)))
    assert cluster.find(ConfigMap, "it") is not None
