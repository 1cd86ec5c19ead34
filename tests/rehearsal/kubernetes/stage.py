"""What the tests of the Kubernetes stand-in call it with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.kubernetes.provider import KubernetesProvider
from rehearsal.standin.provider import Change, Checked, Diff, Prior, Resource, State

Inputs = Mapping[str, Any]


def resource(token: str, name: str = "it", timeout_seconds: float | None = None) -> Resource:
    urn = f"urn:pulumi:test::openedx-large::{token}::{name}"
    return Resource(urn, token, name, timeout_seconds)


def core(kind: str) -> str:
    return f"kubernetes:core/v1:{kind}"


class Stage:
    """A provider on a cluster, and a namespace there to make things in."""

    def __init__(self, provider: KubernetesProvider, namespace: str) -> None:
        self.provider = provider
        self.namespace = namespace

    def named(self, name: str, **fields: Any) -> dict[str, Any]:
        """The inputs of an object in the namespace."""
        data = {"name": name, "namespace": self.namespace, **fields.pop("metadata", {})}
        return {"metadata": data, **fields}

    async def check(self, token: str, inputs: Inputs) -> Checked:
        return await self.provider.check(resource(token), None, inputs)

    async def preview(self, token: str, inputs: Inputs) -> State:
        checked = await self.check(token, inputs)
        assert not checked.failures
        return await self.provider.create(resource(token), checked.inputs, preview=True)

    async def create(self, token: str, inputs: Inputs) -> tuple[Prior, State]:
        checked = await self.check(token, inputs)
        assert not checked.failures
        state = await self.provider.create(resource(token), checked.inputs, preview=False)
        return Prior(state.id, checked.inputs, state.outputs), state

    async def diff(self, token: str, prior: Prior, inputs: Inputs) -> Diff:
        checked = await self.check(token, inputs)
        return await self.provider.diff(resource(token), prior, checked.inputs, ())

    async def update(
        self, token: str, prior: Prior, inputs: Inputs, *, preview: bool = False
    ) -> State:
        checked = await self.check(token, inputs)
        return await self.provider.update(resource(token), prior, checked.inputs, preview=preview)

    async def read(self, token: str, prior: Prior) -> State | None:
        return await self.provider.read(resource(token), prior)

    async def delete(self, token: str, prior: Prior) -> None:
        await self.provider.delete(resource(token), prior)


def replaced(diff: Diff) -> set[str]:
    """The paths that force a replacement."""
    kinds = {Change.ADD_REPLACE, Change.DELETE_REPLACE, Change.UPDATE_REPLACE}
    return {path for path, change in diff.changes.items() if change in kinds}


def pod_template(labels: Mapping[str, str], cpu: str = "1", **spec: Any) -> dict[str, Any]:
    resources = {"requests": {"cpu": cpu, "memory": "64Mi"}}
    container = {"name": "main", "image": "registry.example/main:1", "resources": resources}
    return {"metadata": {"labels": dict(labels)}, "spec": {"containers": [container], **spec}}
