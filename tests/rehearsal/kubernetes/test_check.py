"""What a check settles and refuses, without a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.kubernetes.provider import KubernetesProvider
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import CloudError, Prior
from rehearsal.standin.values import UNKNOWN
from tests.rehearsal.kubernetes.stage import Inputs, core, resource


@pytest.fixture
def provider(stack: StackPaths) -> KubernetesProvider:
    """Not configured: as in a preview whose cluster does not exist yet."""
    return KubernetesProvider(stack)


async def test_the_type_says_what_the_object_is(provider: KubernetesProvider) -> None:
    checked = await provider.check(
        resource("kubernetes:apps/v1:Deployment"), None, {"metadata": {"name": "a"}}
    )
    assert (checked.inputs["apiVersion"], checked.inputs["kind"]) == ("apps/v1", "Deployment")
    assert not checked.failures


async def test_another_kind_than_the_type_is_refused(provider: KubernetesProvider) -> None:
    inputs: Inputs = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}
    checked = await provider.check(resource(core("ConfigMap")), None, inputs)
    assert [failure.property for failure in checked.failures] == ["kind"]


@pytest.mark.parametrize("inputs", [{}, {"metadata": {}}, {"metadata": {"generateName": "a-"}}])
async def test_an_object_without_a_name_is_refused(
    provider: KubernetesProvider, inputs: dict[str, Any]
) -> None:
    checked = await provider.check(resource(core("ConfigMap")), None, inputs)
    (failure,) = checked.failures
    assert failure.property == "metadata.name"
    assert "autonaming is disabled" in failure.reason


@pytest.mark.parametrize("inputs", [{"metadata": UNKNOWN}, {"metadata": {"name": UNKNOWN}}])
async def test_a_name_may_be_unknown(provider: KubernetesProvider, inputs: dict[str, Any]) -> None:
    assert not (await provider.check(resource(core("ConfigMap")), None, inputs)).failures


async def test_what_only_the_api_server_writes_is_dropped(provider: KubernetesProvider) -> None:
    data: Inputs = {"name": "a", "uid": "1", "resourceVersion": "2", "labels": {"x": "y"}}
    checked = await provider.check(resource(core("Namespace")), None, {"metadata": data})
    assert checked.inputs["metadata"] == {"name": "a", "labels": {"x": "y"}}


async def test_a_wait_that_is_not_understood_is_refused(provider: KubernetesProvider) -> None:
    data: Inputs = {"name": "a", "annotations": {"pulumi.com/waitFor": "all is well"}}
    checked = await provider.check(resource(core("ConfigMap")), None, {"metadata": data})
    assert [failure.property for failure in checked.failures] == [
        'metadata.annotations["pulumi.com/waitFor"]'
    ]


async def test_the_default_namespace_is_the_provider_s(stack: StackPaths) -> None:
    provider = KubernetesProvider(stack)
    await provider.configure({"namespace": "openedx", "kubeconfig": UNKNOWN})
    named = {"metadata": {"name": "a"}}
    checked = await provider.check(resource(core("ConfigMap")), None, named)
    assert checked.inputs["metadata"] == {"name": "a", "namespace": "openedx"}
    checked = await provider.check(resource(core("Namespace")), None, named)
    assert checked.inputs["metadata"] == {"name": "a"}


async def test_without_a_cluster_a_preview_shows_the_inputs(provider: KubernetesProvider) -> None:
    inputs: Inputs = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": UNKNOWN,
    }
    state = await provider.create(resource(core("ConfigMap")), inputs, preview=True)
    assert (state.id, state.outputs) == ("", inputs)


async def test_without_a_cluster_nothing_is_made(stack: StackPaths) -> None:
    provider = KubernetesProvider(stack)
    # Port 1 of loopback: nothing listens there.
    kubeconfig = """
        {current-context: a, contexts: [{name: a, context: {cluster: a}}],
        clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}]}
    """
    await provider.configure({"kubeconfig": kubeconfig})
    inputs: Inputs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    with pytest.raises(CloudError, match="configured Kubernetes cluster is unreachable"):
        await provider.create(resource(core("ConfigMap")), inputs, preview=False)
    with pytest.raises(CloudError, match="deleteUnreachable"):
        await provider.delete(resource(core("ConfigMap")), Prior("n/a", inputs, {}))


async def test_an_unreachable_cluster_may_be_forgotten(stack: StackPaths) -> None:
    provider = KubernetesProvider(stack)
    await provider.configure({"kubeconfig": "not a kubeconfig", "deleteUnreachable": "true"})
    prior = Prior("n/a", {"metadata": {"name": "a"}}, {})
    await provider.delete(resource(core("ConfigMap")), prior)
    assert await provider.read(resource(core("ConfigMap")), prior) is None


async def test_an_unreachable_cluster_may_be_left_as_it_was(stack: StackPaths) -> None:
    provider = KubernetesProvider(stack)
    await provider.configure({"kubeconfig": "not a kubeconfig", "skipUpdateUnreachable": "true"})
    old: Inputs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    new: Inputs = {**old, "data": {"a": "1"}}
    assert (await provider.check(resource(core("ConfigMap")), old, new)).inputs == old
    state = await provider.read(resource(core("ConfigMap")), Prior("n/a", old, {"data": {}}))
    assert state is not None
    assert (state.inputs, state.outputs) == (old, {"data": {}})
    created = await provider.check(resource(core("ConfigMap")), None, new)
    assert created.inputs["data"] == {"a": "1"}


@pytest.mark.parametrize(
    "token", ["kubernetes:helm:template", "kubernetes:yaml:decode", "kubernetes:index:nonsense"]
)
async def test_functions_are_refused_by_name(provider: KubernetesProvider, token: str) -> None:
    with pytest.raises(CloudError, match=token):
        await provider.invoke(token, {})
