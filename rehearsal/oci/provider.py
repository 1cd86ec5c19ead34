"""The simulated OCI behind a provider instance."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from rehearsal.cloud.store import Store
from rehearsal.oci import configuration, differences, inputs, schema
from rehearsal.oci.api import Api
from rehearsal.oci.catalogue import TYPES
from rehearsal.oci.configuration import Configuration
from rehearsal.oci.invokes import INVOKES, Question
from rehearsal.oci.model import ResourceType
from rehearsal.oci.naming import named
from rehearsal.oci.schema import Property, ResourceSchema
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import (
    Change,
    Checked,
    CloudError,
    Diff,
    PartialFailure,
    Prior,
    Provider,
    Resource,
    State,
)
from rehearsal.standin.values import UNKNOWN, Properties


class OciProvider(Provider):
    """Stands in for pulumi-resource-oci.

    Types and functions that it does not know are refused. What a resource lives in is the region
    that the provider instance is configured for.
    """

    package: ClassVar[str] = "oci"

    def __init__(self, paths: StackPaths) -> None:
        self.version = schema.sdk_version()  # type: ignore[misc] # one installed SDK, one version
        self._paths = paths
        self._store = Store(paths.cloud_db)
        self.sdk = schema.load(
            (kind.sdk_class for kind in TYPES.values()), paths.directory.parent / ".sdk-schemas"
        )
        self._configuration: Configuration | None = None

    async def check_config(self, old: Properties, new: Properties) -> Checked:
        """Refuse unknown keys and regions that do not exist."""
        return Checked(new, configuration.check(new, self.sdk.provider_inputs))

    async def diff_config(self, old: Properties, new: Properties) -> Diff:
        """Another region or sign-in is another set of requests, not another provider."""
        names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
        return Diff(changes=dict.fromkeys(names, Change.UPDATE))

    async def configure(self, inputs: Properties) -> None:
        """Take the region."""
        self._configuration = await asyncio.to_thread(configuration.read, inputs, self._paths)

    async def check(self, resource: Resource, old: Properties | None, new: Properties) -> Checked:
        """Names, required properties, types and enumerations; then what the type itself knows."""
        kind, known = self._type(resource), self._schema(resource)
        effective = named(resource, old, new) if kind.autonamed else dict(new)
        failures = inputs.check(known.inputs, effective, kind.enumerations)
        if not failures:
            failures = list(kind.check(effective))
        return Checked(effective, failures)

    async def diff(
        self, resource: Resource, prior: Prior, new: Properties, ignore_changes: Sequence[str]
    ) -> Diff:
        """By the SDK's "(Updatable)" marks. The engine has put ignored changes back already."""
        kind = self._type(resource)
        fields = _fields(kind, self._schema(resource))
        return Diff(differences.compare(fields, prior.inputs, new, kind.sets))

    async def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> State:
        """Make it, unless a fault or the cloud forbids."""
        kind, known = self._type(resource), self._schema(resource)
        if preview:
            return State(id="", outputs=_expected(known, inputs))
        try:
            state = await asyncio.to_thread(self._api().create, kind, resource, _plain(inputs))
        except PartialFailure as failure:
            raise PartialFailure(_shown(known, failure.state), failure.reasons) from failure
        return _shown(known, state)

    async def read(self, resource: Resource, prior: Prior) -> State | None:
        """What the store holds; None once it is gone, or pending deletion."""
        state = await asyncio.to_thread(self._api().read, self._type(resource), prior.id)
        if state is None:
            return None
        known = self._schema(resource)
        asked_for = prior.inputs or {name: state.outputs.get(name) for name in known.inputs}
        return replace(_shown(known, state), inputs=differences.live(asked_for, state.outputs))

    async def update(
        self, resource: Resource, prior: Prior, inputs: Properties, *, preview: bool
    ) -> State:
        """Change it in place."""
        kind, known = self._type(resource), self._schema(resource)
        if preview:
            outputs = {**prior.outputs, **differences.merge(prior.inputs, inputs)}
            return State(id=prior.id, outputs=outputs)
        try:
            state = await asyncio.to_thread(
                self._api().update, kind, resource, prior, _plain(inputs)
            )
        except PartialFailure as failure:
            raise PartialFailure(_shown(known, failure.state), failure.reasons) from failure
        return _shown(known, state)

    async def delete(self, resource: Resource, prior: Prior) -> None:
        """Delete it; what is gone already is no error, as in terraform-provider-oci."""
        await asyncio.to_thread(self._api().delete, self._type(resource), resource, prior)

    async def invoke(self, token: str, args: Properties) -> Properties:
        """Answer one of the known functions."""
        try:
            answer = INVOKES[token]
        except KeyError:
            raise CloudError(
                f"the simulated OCI does not answer {token}; "
                f"it answers {', '.join(sorted(INVOKES))}"
            ) from None
        question = Question(_plain(args), self._configured(), self._store, self._paths)
        return await asyncio.to_thread(answer, question)

    def _api(self) -> Api:
        return Api(self._configured(), self._store, self._paths)

    def _configured(self) -> Configuration:
        if self._configuration is None:
            raise CloudError(configuration.NO_REGION)
        return self._configuration

    def _type(self, resource: Resource) -> ResourceType:
        try:
            return TYPES[resource.type]
        except KeyError:
            raise CloudError(
                f"{resource.name}: the simulated OCI has no resource type {resource.type}; "
                f"it has {', '.join(sorted(TYPES))}"
            ) from None

    def _schema(self, resource: Resource) -> ResourceSchema:
        return self.sdk.resources[resource.type]


def _fields(kind: ResourceType, known: ResourceSchema) -> dict[str, Property]:
    if not kind.all_updatable:
        return dict(known.inputs)
    return {
        name: replace(field, updatable=name not in kind.replacing, documented=True)
        for name, field in known.inputs.items()
    }


def _expected(known: ResourceSchema, given: Properties) -> Properties:
    """The outputs of a preview: what is given is known, what the cloud decides is not."""
    return {**dict.fromkeys(known.outputs, UNKNOWN), **given}


def _shown(known: ResourceSchema, state: State) -> State:
    """A state without what the API answers and the SDK has no property for."""
    return replace(
        state, outputs={name: it for name, it in state.outputs.items() if name in known.outputs}
    )


def _plain(values: Properties) -> dict[str, Any]:
    """Inputs as JSON values; outside a preview nothing is unknown."""
    return {name: value for name, value in values.items() if value is not None}
