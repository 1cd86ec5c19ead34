"""The engine of one rehearsed stack, driven through Pulumi's Automation API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError, ConfigValue, EngineEvent, LocalWorkspace, Stack

from rehearsal.engine import events as engine_events
from rehearsal.engine import plugins, scratch
from rehearsal.engine.command import IsolatedPulumi, run_attached
from rehearsal.engine.environment import engine_environment
from rehearsal.engine.events import JsonEvent, PolicyViolation, Problem
from rehearsal.paths import ProjectPaths
from rehearsal.toolchain import PulumiCli

OnEvent = Callable[[JsonEvent], None]
OnOutput = Callable[[str], None]

#: Stands for a secret of the committed stack file, which a rehearsal cannot and must not read.
PLACEHOLDER = "rehearsal-placeholder"

#: How the engine's own errors begin that only say that something failed, after what did.
_THAT_IT_FAILED = (
    "an unhandled error occurred: Program exited with non-zero exit code",
    "destroy failed",
    "preview failed",
    "update failed",
)

#: What the engine does to a resource when nothing is to be done.
_UNCHANGED = frozenset({"same", "read"})


@dataclass(frozen=True)
class Operation:
    """What an operation did, or would do."""

    changes: Mapping[str, int]
    """Number of resources by what was done to them: ``create``, ``update``, ``same``, …"""
    events: tuple[JsonEvent, ...] = field(repr=False)
    """The engine's events, normalised: equal for equal operations."""
    problems: tuple[Problem, ...] = ()
    policy_violations: tuple[PolicyViolation, ...] = ()

    @property
    def changed(self) -> int:
        """How many resources were, or would be, touched."""
        return sum(n for operation, n in self.changes.items() if operation not in _UNCHANGED)


class EngineError(Exception):
    """An operation failed. The message is made of the errors in the provider's own words."""

    def __init__(self, message: str, operation: Operation) -> None:
        super().__init__(message)
        self.operation = operation
        """What was done before it failed."""


class Engine:
    """Pulumi on one stack, with a home, a backend and an environment of its own.

    Nothing is written outside ``.rehearsal/STACK``; in particular the committed ``Pulumi.yaml``
    and stack file stay as they are.
    """

    def __init__(
        self,
        project: ProjectPaths,
        stack: str,
        *,
        cli: PulumiCli,
        named_plugins: Mapping[str, Path] | None = None,
        tools: Sequence[Path] = (),
    ) -> None:
        """``tools`` are directories that the plugins find on ``PATH``.

        ``named_plugins`` is what :func:`rehearsal.engine.plugins.parse_named` returns.
        """
        self.cli = cli
        self.stack = project.stack(stack)
        self.environment = engine_environment(self.stack, tools=[*tools, cli.executable.parent])
        """The whole environment of the engine; ``pulumi`` is on its ``PATH``."""
        self.plugins = plugins.choose(self.stack.pulumi_home, named=named_plugins)
        """Which plugin answers for each package."""
        self._project = project
        self._pulumi = IsolatedPulumi(cli, self.environment)
        self._opened: Stack | None = None

    @property
    def working_directory(self) -> Path:
        """The scratch project: every Pulumi command of the rehearsal runs there."""
        return self.stack.project

    def up(
        self,
        *,
        refresh: bool = False,
        policy_packs: Sequence[Path] = (),
        on_event: OnEvent | None = None,
        on_output: OnOutput | None = None,
    ) -> Operation:
        """Create or update the stack's resources; with ``refresh``, look at the cloud first.

        Raises:
            EngineError: it failed, or a mandatory policy was violated.
        """
        return self._observed(
            lambda stack, observe: stack.up(
                refresh=refresh,
                policy_packs=[str(pack) for pack in policy_packs],
                color="never",
                show_secrets=False,
                suppress_outputs=True,
                on_event=observe,
                on_output=on_output,
            ),
            on_event,
        )

    def preview(
        self,
        *,
        policy_packs: Sequence[Path] = (),
        on_event: OnEvent | None = None,
        on_output: OnOutput | None = None,
    ) -> Operation:
        """Tell what :meth:`up` would do.

        Raises:
            EngineError: it failed, or a mandatory policy was violated.
        """
        return self._observed(
            lambda stack, observe: stack.preview(
                policy_packs=[str(pack) for pack in policy_packs],
                color="never",
                suppress_outputs=True,
                on_event=observe,
                on_output=on_output,
            ),
            on_event,
        )

    def destroy(
        self, *, on_event: OnEvent | None = None, on_output: OnOutput | None = None
    ) -> Operation:
        """Delete the stack's resources; the stack itself stays.

        It is previewed first, as ``pulumi destroy`` does: the engine checks the protection of each
        resource only when it comes to it, when what depends on it is gone already.

        Raises:
            EngineError: it failed; protected resources make it fail before anything is deleted.
        """
        self._observed(
            lambda stack, observe: stack.preview_destroy(
                color="never",
                suppress_outputs=True,
                on_event=observe,
                on_output=on_output,
            ),
            None,
        )
        return self._observed(
            lambda stack, observe: stack.destroy(
                color="never",
                show_secrets=False,
                suppress_outputs=True,
                on_event=observe,
                on_output=on_output,
            ),
            on_event,
        )

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in plain text."""
        return {name: output.value for name, output in self._stack().outputs().items()}

    def export(self) -> dict[str, Any]:
        """The state as Pulumi keeps it, secrets encrypted."""
        # Not the Automation API's export_stack, which shows the secrets.
        self._stack()
        command = ["stack", "export", "--stack", self.stack.name]
        answer = self._pulumi.run(command, str(self.working_directory), {})
        deployment: dict[str, Any] = json.loads(answer.stdout)["deployment"]
        return deployment

    def run(self, arguments: Sequence[str]) -> int:
        """Run any Pulumi command on this stack, attached to the terminal; its exit code."""
        self._stack()
        return run_attached(
            self.cli, arguments, cwd=self.working_directory, environment=self.environment
        )

    def _observed(
        self,
        operation: Callable[[Stack, Callable[[EngineEvent], None]], object],
        on_event: OnEvent | None,
    ) -> Operation:
        seen: list[JsonEvent] = []

        def observe(event: EngineEvent) -> None:
            if engine_events.is_debugging(event):
                return
            seen.append(engine_events.to_json(event))
            if on_event is not None:
                on_event(seen[-1])

        stack = self._stack(refreshed=True)
        try:
            operation(stack, observe)
        except CommandError as error:
            done = _operation(seen)
            raise EngineError(_reasons(done) or str(error).strip(), done) from error
        return _operation(seen)

    def _stack(self, *, refreshed: bool = False) -> Stack:
        """The stack, made when there is none yet, over the committed files as they are now."""
        if self._opened is not None and not refreshed:
            return self._opened
        for directory in (self.stack.home, self.stack.state, self.stack.bin):
            directory.mkdir(parents=True, exist_ok=True)
        plugins.install(self.stack.pulumi_home, self.plugins, self.cli)
        without_value = scratch.refresh(self._project, self.stack)
        if self._opened is None:
            workspace = LocalWorkspace(
                work_dir=str(self.working_directory),
                pulumi_home=str(self.stack.pulumi_home),
                pulumi_command=self._pulumi,
            )
            self._opened = Stack.create_or_select(self.stack.name, workspace)
        for place in without_value:
            self._opened.set_config(
                _config_key(place), ConfigValue(PLACEHOLDER, secret=True), path=True
            )
        return self._opened


def _operation(seen: Sequence[JsonEvent]) -> Operation:
    return Operation(
        changes=engine_events.changes(seen),
        events=engine_events.normalised(seen),
        problems=tuple(engine_events.problems(seen)),
        policy_violations=tuple(engine_events.policy_violations(seen)),
    )


def _reasons(failed: Operation) -> str:
    """Why an operation failed, one reason a line or paragraph."""
    errors = [problem.message for problem in failed.problems if problem.severity == "error"]
    refused = [
        f"{found.pack}/{found.policy}: {found.urn.rpartition('::')[2]}: {found.message}"
        for found in failed.policy_violations
        if found.level == "mandatory"
    ]
    reasons = [error for error in errors if not error.startswith(_THAT_IT_FAILED)] + refused
    return "\n".join(dict.fromkeys(reasons or errors))


def _config_key(place: scratch.ConfigPath) -> str:
    """A place as ``pulumi config set --path`` spells it: ``openedx-large:smtp["password"]``."""
    key, *rest = place
    steps = (f"[{step}]" if isinstance(step, int) else f'["{step}"]' for step in rest)
    return "".join([str(key), *steps])
