"""Stand-ins for providers whose resources live in Pulumi's state alone: random, tls.

There is no cloud to keep them. A resource is generated once; reading and deleting it touch nothing,
and nearly every change makes another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rehearsal.standin.diffing import structural_diff
from rehearsal.standin.inputs import Input, refused, with_defaults
from rehearsal.standin.provider import (
    Checked,
    CheckFailure,
    CloudError,
    Diff,
    Prior,
    Provider,
    Resource,
    State,
)
from rehearsal.standin.values import UNKNOWN, Properties


def _as_given(inputs: Properties) -> Properties:
    return inputs


def _nothing(*_: Properties) -> tuple[()]:
    return ()


@dataclass(frozen=True)
class GeneratedType:
    """A type whose resources are made from their inputs and a source of randomness."""

    inputs: Mapping[str, Input]
    computed: tuple[str, ...]
    """The outputs beside the inputs."""
    generate: Callable[[Properties], tuple[str, Properties]]
    """From the inputs with their defaults to the id and the computed outputs. Runs in a thread."""
    secrets: frozenset[str] = frozenset()
    normalise: Callable[[Properties], Properties] = _as_given
    """Makes the same what means the same; applied before the defaults."""
    also_refused: Callable[[Properties], Sequence[CheckFailure]] = _nothing
    """What inputs that are right one by one break together; asked with their defaults."""
    in_place: Callable[[Properties, Properties], Collection[str]] = _nothing
    """From the old and new inputs to the names whose change needs no replacement."""

    def effective(self, inputs: Properties) -> Properties:
        """The inputs as the provider takes them, which are outputs as well."""
        return with_defaults(self.inputs, self.normalise(inputs))


class StateOnlyProvider(Provider):
    """A provider of generated types."""

    types: ClassVar[Mapping[str, GeneratedType]]

    def _type(self, resource: Resource) -> GeneratedType:
        try:
            return self.types[resource.type]
        except KeyError:
            known = ", ".join(self.types)
            raise CloudError(
                f"{self.package}: the stand-in does not know the type {resource.type}; "
                f"it knows {known}"
            ) from None

    async def check(self, resource: Resource, old: Properties | None, new: Properties) -> Checked:
        """Check against the declared inputs; what is checked is stored as it was given."""
        type_ = self._type(resource)
        failures = list(refused(type_.inputs, new))
        if not failures:
            failures.extend(type_.also_refused(type_.effective(new)))
        return Checked(new, failures)

    async def diff(
        self, resource: Resource, prior: Prior, new: Properties, ignore_changes: Sequence[str]
    ) -> Diff:
        """Compare what the inputs amount to: a default written out changes nothing."""
        type_ = self._type(resource)
        in_place = type_.in_place(prior.inputs, new)
        return structural_diff(
            type_.effective(prior.inputs),
            type_.effective(new),
            replace=lambda name: name not in in_place,
            ignore=ignore_changes,
        )

    async def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> State:
        """Generate the resource."""
        type_ = self._type(resource)
        effective = type_.effective(inputs)
        if preview:
            return State("", {**effective, **dict.fromkeys(type_.computed, UNKNOWN)})
        id_, computed = await asyncio.to_thread(type_.generate, effective)
        return State(id_, {**effective, **computed}, secrets=type_.secrets)

    async def read(self, resource: Resource, prior: Prior) -> State | None:
        """Answer with what the state holds. There is nothing else, so nothing can be imported."""
        type_ = self._type(resource)
        if not prior.outputs:
            raise CloudError(f"{resource.type}: the stand-in generates and cannot import")
        return State(prior.id, prior.outputs, prior.inputs, type_.secrets)

    async def update(
        self, resource: Resource, prior: Prior, inputs: Properties, *, preview: bool
    ) -> State:
        """Take inputs that change nothing about what was generated."""
        type_ = self._type(resource)
        generated = {name: prior.outputs[name] for name in type_.computed}
        return State(prior.id, {**type_.effective(inputs), **generated}, secrets=type_.secrets)

    async def delete(self, resource: Resource, prior: Prior) -> None:
        """Forget it; the state does."""
