"""The engine of one rehearsed stack, driven through Pulumi's Automation API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict

from pulumi.automation import (
    CommandError,
    CommandResult,
    ConfigValue,
    EngineEvent,
    LocalWorkspace,
    Stack,
)

from rehearsal.engine import events as engine_events
from rehearsal.engine import plugins, scratch
from rehearsal.engine.command import IsolatedPulumi, run_attached
from rehearsal.engine.environment import engine_environment
from rehearsal.engine.events import JsonEvent
from rehearsal.engine.leftovers import end_leftovers, has_stale_lock
from rehearsal.engine.operation import EngineError, Operation
from rehearsal.paths import ProjectPaths
from rehearsal.toolchain import PulumiCli

OnEvent = Callable[[JsonEvent], None]


class _Options(TypedDict):
    """What every operation is given."""

    color: str
    suppress_outputs: bool
    on_event: Callable[[EngineEvent], None]


#: Stands for a secret of the committed stack file, which a rehearsal cannot and must not read.
PLACEHOLDER = "rehearsal-placeholder"


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
        self._pulumi = IsolatedPulumi(cli, self.environment, engines=self.stack.engines)
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
    ) -> Operation:
        """Create or update the stack's resources; with ``refresh``, look at the cloud first.

        A refresh also forgets creates that were under way when an engine was killed: the engine
        cannot know what came of them, and would warn of them for ever. Whether the cloud holds
        something that the state does not know, only the cloud's own books can tell.

        Raises:
            EngineError: it failed, or a mandatory policy was violated.
        """
        if refresh and self._interrupted_creates():
            self._observed(
                lambda stack, options: stack.refresh(
                    clear_pending_creates=True, show_secrets=False, **options
                ),
                on_event,
            )
            refresh = False
        return self._observed(
            lambda stack, options: stack.up(
                refresh=refresh,
                policy_packs=[str(pack) for pack in policy_packs],
                show_secrets=False,
                **options,
            ),
            on_event,
        )

    def preview(
        self, *, policy_packs: Sequence[Path] = (), on_event: OnEvent | None = None
    ) -> Operation:
        """Tell what :meth:`up` would do.

        Raises:
            EngineError: it failed, or a mandatory policy was violated.
        """
        return self._observed(
            lambda stack, options: stack.preview(
                policy_packs=[str(pack) for pack in policy_packs], **options
            ),
            on_event,
        )

    def destroy(self, *, on_event: OnEvent | None = None) -> Operation:
        """Delete the stack's resources; the stack itself stays.

        It is previewed first, as ``pulumi destroy`` does: the engine checks the protection of each
        resource only when it comes to it, when what depends on it is gone already.

        Raises:
            EngineError: it failed; protected resources make it fail before anything is deleted.
        """
        self._observed(lambda stack, options: stack.preview_destroy(**options), None)
        return self._observed(
            lambda stack, options: stack.destroy(show_secrets=False, **options), on_event
        )

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in plain text.

        Raises:
            EngineError: the state cannot be read.
        """
        with _in_words():
            return {name: output.value for name, output in self._stack().outputs().items()}

    def export(self) -> dict[str, Any]:
        """The state as Pulumi keeps it, secrets encrypted.

        Raises:
            EngineError: the state cannot be read.
        """
        with _in_words():
            # Not the Automation API's export_stack, which shows the secrets.
            self._stack()
            answer = self._command("stack", "export")
        deployment: dict[str, Any] = json.loads(answer.stdout)["deployment"]
        return deployment

    def run(self, arguments: Sequence[str]) -> int:
        """Run any Pulumi command on this stack, attached to the terminal; its exit code.

        Raises:
            EngineError: the stack cannot be made or opened.
        """
        with _in_words():
            self._stack()
        return run_attached(
            self.cli, arguments, cwd=self.working_directory, environment=self.environment
        )

    def _interrupted_creates(self) -> bool:
        pending = self.export().get("pending_operations") or []
        return any(operation["type"] == "creating" for operation in pending)

    def _observed(
        self, operation: Callable[[Stack, _Options], object], on_event: OnEvent | None
    ) -> Operation:
        seen: list[JsonEvent] = []

        def observe(event: EngineEvent) -> None:
            if engine_events.is_debugging(event):
                return
            seen.append(engine_events.to_json(event))
            if on_event is not None:
                on_event(seen[-1])

        with _in_words(seen):
            operation(
                self._stack(refreshed=True),
                {"color": "never", "suppress_outputs": True, "on_event": observe},
            )
        return Operation.of(seen)

    def _stack(self, *, refreshed: bool = False) -> Stack:
        """The stack, made when there is none yet, over the committed files as they are now."""
        if self._opened is not None and not refreshed:
            return self._opened
        end_leftovers(self.stack)
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
        if has_stale_lock(self.stack):
            self._command("cancel", "--yes")
        for place in without_value:
            self._opened.set_config(
                _config_key(place), ConfigValue(PLACEHOLDER, secret=True), path=True
            )
        return self._opened

    def _command(self, *words: str) -> CommandResult:
        """Run a command of Pulumi on this stack. Raises CommandError."""
        command = [*words, "--stack", self.stack.name]
        return self._pulumi.run(command, str(self.working_directory), {})


@contextmanager
def _in_words(seen: Sequence[JsonEvent] = ()) -> Iterator[None]:
    """Turn the failure of a command into an EngineError; ``seen`` is what was told until then."""
    try:
        yield
    except CommandError as error:
        raise EngineError.of(error, Operation.of(seen)) from error


def _config_key(place: scratch.ConfigPath) -> str:
    """A place as ``pulumi config set --path`` spells it: ``openedx-large:smtp["password"]``."""
    key, *rest = place
    steps = (f"[{step}]" if isinstance(step, int) else f'["{step}"]' for step in rest)
    return "".join([str(key), *steps])
