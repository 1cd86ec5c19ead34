"""What a stand-in for a Pulumi provider plugin implements.

A stand-in sees plain values (:mod:`rehearsal.standin.values`). The gRPC server around it
(:mod:`rehearsal.standin.server`) carries unknowns, secrets, detailed diffs, partial failures and
error texts to and from the engine, so that no stand-in has to know the wire format.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import ClassVar

from rehearsal.standin.values import Properties


@dataclass(frozen=True)
class Resource:
    """Which resource a call is about."""

    urn: str
    type: str
    """The type token, e.g. ``oci:Core/vcn:Vcn``."""
    name: str
    timeout_seconds: float | None = None
    """How long the program lets the operation take (``customTimeouts``); None: the default."""


@dataclass(frozen=True)
class Prior:
    """What Pulumi's state holds of a resource before an operation."""

    id: str
    inputs: Properties
    outputs: Properties


@dataclass(frozen=True)
class CheckFailure:
    """One input that the provider refuses, at ``property`` (a path such as ``spec.replicas``)."""

    property: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """The inputs as the provider takes them (defaults filled in), and what it refuses."""

    inputs: Properties
    failures: Sequence[CheckFailure] = ()


class Change(Enum):
    """How one property differs; the ``_REPLACE`` kinds cannot be done in place."""

    ADD = "add"
    ADD_REPLACE = "add_replace"
    DELETE = "delete"
    DELETE_REPLACE = "delete_replace"
    UPDATE = "update"
    UPDATE_REPLACE = "update_replace"

    @property
    def replaces(self) -> bool:
        """Whether the resource has to be replaced for it."""
        return self.value.endswith("_replace")

    @property
    def replacing(self) -> Change:
        """The same difference where it cannot be done in place."""
        return self if self.replaces else Change(f"{self.value}_replace")


@dataclass(frozen=True)
class Diff:
    """The differing properties by path; empty when there is nothing to do."""

    changes: Mapping[str, Change] = field(default_factory=dict)
    delete_before_replace: bool = False


@dataclass(frozen=True)
class State:
    """A resource as it is in the cloud. ``secrets`` names the top-level outputs, and inputs that
    were read, to keep secret beside those whose inputs were secret."""

    id: str
    outputs: Properties
    inputs: Properties = field(default_factory=dict)
    """Only needed from :meth:`Provider.read`."""
    secrets: frozenset[str] = frozenset()


class CloudError(Exception):
    """The cloud's own refusal, shown to the user word for word."""


class PartialFailure(CloudError):  # noqa: N818 (named for what happened)
    """The operation failed after the resource had come to exist.

    The engine records ``state`` with the reasons, and the next update finds it there.
    """

    def __init__(self, state: State, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.state = state
        self.reasons = tuple(reasons)


class InvokeRefused(CloudError):  # noqa: N818 (named for what happened)
    """A function's arguments are refused."""

    def __init__(self, failures: Sequence[CheckFailure]) -> None:
        super().__init__("; ".join(f"{f.property}: {f.reason}" for f in failures))
        self.failures = tuple(failures)


class Provider(ABC):
    """A stand-in. All methods are coroutines: the engine has many calls under way at once."""

    package: ClassVar[str]
    version: ClassVar[str]

    @cached_property
    def cancelled(self) -> asyncio.Event:
        """Set once the user has interrupted.

        What waits for long ends when this is set; whoever has made something by then raises a
        PartialFailure, so that the state holds it.
        """
        return asyncio.Event()

    async def check_config(self, old: Properties, new: Properties) -> Checked:
        """Check the provider's own configuration.

        The SDKs hand a provider everything but strings as JSON text (``"true"``, ``"[1]"``).
        """
        return Checked(new)

    async def diff_config(self, old: Properties, new: Properties) -> Diff:
        """What a changed configuration means; a ``_REPLACE`` change replaces the provider."""
        return Diff()

    async def configure(self, inputs: Properties) -> None:  # noqa: B027 (not all need one)
        """Take the configuration. It is complete: while any of it is unknown the engine previews
        this provider's resources without asking it."""

    @abstractmethod
    async def check(self, resource: Resource, old: Properties | None, new: Properties) -> Checked:
        """Check (and default) a resource's inputs; must raise on a type it does not know."""

    @abstractmethod
    async def diff(
        self, resource: Resource, prior: Prior, new: Properties, ignore_changes: Sequence[str]
    ) -> Diff:
        """Compare the old inputs (and the live outputs where drift matters) with the new inputs."""

    @abstractmethod
    async def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> State:
        """Make the resource; in a preview say only what its outputs would be."""

    @abstractmethod
    async def read(self, resource: Resource, prior: Prior) -> State | None:
        """The resource as it is now, or None if it is gone.

        For an import ``prior`` holds nothing but the id. ``State.inputs`` left empty means that
        the inputs are as they were.
        """

    @abstractmethod
    async def update(
        self, resource: Resource, prior: Prior, inputs: Properties, *, preview: bool
    ) -> State:
        """Change the resource in place."""

    @abstractmethod
    async def delete(self, resource: Resource, prior: Prior) -> None:
        """Delete the resource; succeeds when it is gone already."""

    async def invoke(self, token: str, args: Properties) -> Properties:
        """Answer a function call; an unknown token is an error."""
        raise CloudError(f"{self.package}: the stand-in does not answer {token}")

    async def cancel(self) -> None:  # noqa: B027 (not all need to)
        """The user interrupted: stop waiting. :attr:`cancelled` is set already."""
