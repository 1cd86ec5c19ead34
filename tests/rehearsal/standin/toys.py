"""The toy provider's SDK, and a stack of toys on the real engine."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pulumi
from pulumi.automation import (
    CommandError,
    EngineEvent,
    LocalWorkspace,
    OutputMap,
    ProjectBackend,
    ProjectSettings,
    Stack,
    UpdateSummary,
)
from pulumi.automation._stack import StackInitMode  # Stack.create makes no subclass

from rehearsal.engine.command import IsolatedPulumi
from rehearsal.engine.environment import engine_environment
from rehearsal.engine.events import is_debugging, problems, to_json
from rehearsal.paths import REPOSITORY, StackPaths
from rehearsal.toolchain import PulumiCli
from tests.rehearsal.standin.toy import TYPE, ToyProvider

Program = Callable[[], None]
Event = dict[str, Any]


@dataclass(frozen=True)
class Secret:
    """A secret input; an Output cannot be made before the program runs."""

    value: str


class Thing(pulumi.CustomResource):
    """A toy."""

    address: pulumi.Output[str]
    token: pulumi.Output[str]
    size: pulumi.Output[int]

    def __init__(
        self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any
    ) -> None:
        given = {
            key: pulumi.Output.secret(item.value) if isinstance(item, Secret) else item
            for key, item in inputs.items()
        }
        props = {"name": name, "size": None, **given, "address": None, "token": None}
        super().__init__(TYPE, name, props, opts)


class Toys(pulumi.ProviderResource):
    """An explicit provider of toys."""

    def __init__(self, name: str, **inputs: Any) -> None:
        super().__init__("toy", name, inputs)


class ToyStack:
    """A stack of inline programs whose resources the toy plugin provides."""

    def __init__(self, directory: Path, cli: PulumiCli) -> None:
        self.paths = StackPaths(directory / "stack")
        self.cloud = ToyProvider(directory / "cloud")
        self.events: list[Event] = []
        """The engine's events in the last operation."""
        self.cloud.directory.mkdir()
        self._cli = cli
        self._environment = engine_environment(self.paths)
        for folder in (self.paths.state, self.paths.home, self.paths.project):
            folder.mkdir(parents=True)
        self.install(ToyProvider.package, ToyProvider.version, ToyProvider.__module__)

    def install(self, package: str, version: str, module: str) -> None:
        """Let the engine find a Python module as the plugin of a package."""
        name = f"resource-{package}-v{version}"
        plugin = self.paths.pulumi_home / "plugins" / name / f"pulumi-resource-{package}"
        plugin.parent.mkdir(parents=True)
        command = shlex.join([sys.executable, "-m", module])
        root = shlex.quote(str(REPOSITORY.root))
        plugin.write_text(f'#!/bin/sh\nexport PYTHONPATH={root}\nexec {command} "$@"\n')
        plugin.chmod(0o755)

    def up(self, program: Program) -> list[str]:
        """The steps that were done, as ``verb name``, but for what stayed the same.

        Raises CommandError.
        """
        return self._observe(program, lambda stack, observe: stack.up(on_event=observe))

    def preview(self, program: Program) -> list[str]:
        """The steps that :meth:`up` would do."""
        return self._observe(program, lambda stack, observe: stack.preview(on_event=observe))

    def refresh(self, program: Program) -> list[str]:
        """Read every resource."""
        return self._observe(program, lambda stack, observe: stack.refresh(on_event=observe))

    def destroy(self) -> list[str]:
        """Delete every resource."""
        return self._observe(_nothing, lambda stack, observe: stack.destroy(on_event=observe))

    def fails(self, program: Program) -> list[str]:
        """The errors of an ``up`` that has to fail, in the words that reach the user."""
        try:
            self.up(program)
        except CommandError:
            return [problem.message for problem in problems(self.events)]
        raise AssertionError("up succeeded")

    def state(self) -> dict[str, dict[str, Any]]:
        """The state of each toy and provider as it is stored, by name."""
        return {
            _name(resource["urn"]): resource
            for resource in self._deployment().get("resources", [])
            if resource["custom"]
        }

    def pending_operations(self) -> list[Any]:
        """What the state says was begun and not ended."""
        return list(self._deployment().get("pending_operations") or [])

    def written(self) -> str:
        """Everything the backend keeps: state, backups, history."""
        files = (path for path in self.paths.state.rglob("*") if path.is_file())
        return "\n".join(path.read_text() for path in files)

    def step(self, name: str) -> Event:
        """The first step on a resource in the last operation, with its old and new state."""
        return next(step for step in self._steps() if _name(step["urn"]) == name)

    def _steps(self) -> list[Event]:
        before = (event["resourcePreEvent"] for event in self.events if "resourcePreEvent" in event)
        steps = [event["metadata"] for event in before]
        return [step for step in steps if not step["type"].startswith("pulumi:pulumi:")]

    def _deployment(self) -> dict[str, Any]:
        stored = json.loads((self.paths.state / ".pulumi/stacks/toys/t.json").read_text())
        return dict(stored["checkpoint"]["latest"] or {})

    def _keep(self, event: EngineEvent) -> None:
        if not is_debugging(event):
            self.events.append(to_json(event))

    def _observe(
        self, program: Program, operation: Callable[[Stack, Callable[[EngineEvent], None]], object]
    ) -> list[str]:
        self.events = []
        self._stack.workspace.program = program
        operation(self._stack, self._keep)
        steps = [step for step in self._steps() if not _name(step["urn"]).startswith("default")]
        return [f"{step['op']} {_name(step['urn'])}" for step in steps if step["op"] != "same"]

    @cached_property
    def _stack(self) -> Stack:
        workspace = LocalWorkspace(
            work_dir=str(self.paths.project),
            pulumi_home=str(self.paths.pulumi_home),
            pulumi_command=IsolatedPulumi(self._cli, self._environment, engines=self.paths.engines),
            env_vars={"TOY_DIR": str(self.cloud.directory)},
            program=_nothing,
            project_settings=ProjectSettings(
                name="toys", runtime="python", backend=ProjectBackend(self.paths.state.as_uri())
            ),
        )
        return _TaciturnStack("t", workspace, StackInitMode.CREATE)


class _TaciturnStack(Stack):
    """Asks the engine for no outputs and no history: half of the time of an operation."""

    def outputs(self) -> OutputMap:
        return {}

    def info(self, show_secrets: bool = False) -> UpdateSummary:
        return UpdateSummary("update", datetime.now(UTC), "", {}, {}, "not asked for")


def _nothing() -> None:
    """A program without resources."""


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
