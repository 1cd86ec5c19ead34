"""The outcome of a rehearsal: what ran, what it proved, and what it did not exercise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

Row = Literal["preview, empty state", "preview on a base state", "up", "base up, then head up"]

#: What each way of running proves; docs/rehearsal.md shows the same table.
PROVES: Mapping[Row, Mapping[str, bool | str]] = {
    "preview, empty state": {
        "settings": True,
        "cloud inputs": "but for unknowns",
        "Kubernetes admission": False,
        "charts": False,
        "placement": False,
        "replacements": False,
    },
    "preview on a base state": {
        "settings": True,
        "cloud inputs": True,
        "Kubernetes admission": "dry-run",
        "charts": "values",
        "placement": False,
        "replacements": True,
    },
    "up": {
        "settings": True,
        "cloud inputs": True,
        "Kubernetes admission": True,
        "charts": True,
        "placement": True,
        "replacements": False,
    },
    "base up, then head up": {
        "settings": True,
        "cloud inputs": True,
        "Kubernetes admission": True,
        "charts": True,
        "placement": True,
        "replacements": True,
    },
}


class Part(BaseModel):
    """The base of the parts of an outcome."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Check(Part):
    """One thing that had to hold."""

    name: str
    promise: str
    """What had to hold, in words."""
    passed: bool
    found: str
    """What was found: the figures when it holds, what is wrong and where when it does not."""


class NotExercised(Part):
    """Something that the rehearsal did not try."""

    what: str
    why: str


class PluginUsed(Part):
    """Which plugin answered for a package."""

    package: str
    version: str
    origin: Literal["official", "stand-in"]


class PoolUse(Part):
    """What a pool's nodes offer and what the scheduled pods ask of them, by the API server."""

    nodes: int
    allocatable_cpu_millicores: int
    allocatable_memory_mib: int
    requested_cpu_millicores: int
    requested_memory_mib: int

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented order
    @property
    def headroom_cpu_millicores(self) -> int:
        """CPU that no pod asks for, over the whole pool."""
        return self.allocatable_cpu_millicores - self.requested_cpu_millicores

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented order
    @property
    def headroom_memory_mib(self) -> int:
        """Memory that no pod asks for, over the whole pool."""
        return self.allocatable_memory_mib - self.requested_memory_mib


class Changed(Part):
    """One resource that an operation touched, or would touch."""

    operation: str
    """``create``, ``update``, ``replace``, ``delete``, …"""
    type: str
    name: str
    replaced_for: list[str]
    """The properties that cannot be changed in place."""


class PolicyFinding(Part):
    """What a policy pack found."""

    pack: str
    policy: str
    level: str
    """``advisory`` or ``mandatory``."""
    resource: str
    message: str


class Failure(Part):
    """Why the rehearsal ended early, in the words of the component that refused."""

    step: str
    message: str
    remedy: str


class Outcome(Part):
    """Everything a rehearsal found out. Written to ``outcome.json``; durations are in seconds."""

    stack: str
    command: Literal["up", "preview", "destroy"]
    row: Row | None
    proves: Mapping[str, bool | str]
    complete: bool
    """Whether everything that had to hold did: the exit code is 0 only then."""
    faults: list[str]
    versions: dict[str, str]
    plugins: list[PluginUsed]
    changes: dict[str, int]
    """How many resources the first update or the preview touched, by operation."""
    changed: list[Changed]
    """Which resources, replacements and deletions first; left out of an ``up`` from nothing."""
    resources: dict[str, int]
    """Resources in the stack's state, by type."""
    placement: dict[str, str]
    """Node of each pod, as ``namespace/pod: node``."""
    pods_by_pool: dict[str, dict[str, int]]
    """Pods of each workload in each pool."""
    headroom: dict[str, PoolUse]
    checks: list[Check]
    policy_packs: list[str]
    """The policy packs that ran."""
    policies: list[PolicyFinding]
    """What they found."""
    notes: list[str]
    """What an operator should know although nothing is wrong."""
    not_exercised: list[NotExercised]
    durations: dict[str, float]
    """Wall-clock seconds of each step, in order."""
    simulated_seconds: float
    """How long the cloud would have taken, along the longest chain of waits."""
    failure: Failure | None = None

    def write(self, path: Path) -> None:
        """Write the outcome as JSON, whole or not at all."""
        scratch = path.with_suffix(".tmp")
        scratch.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        scratch.replace(path)
