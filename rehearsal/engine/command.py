"""Running the engine in its own environment, and ending it as a user would."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from rehearsal.engine.leftovers import recorded
from rehearsal.toolchain import PulumiCli

#: How long to wait for the rest of the output once the engine has ended.
_DRAIN_SECONDS = 5.0


#: Commands that change resources print to a file that only they have open. A pipe would break when
#: this process is killed, and end the engine as soon as it prints, before it has saved its state.
_CHANGING = frozenset({"destroy", "refresh", "up"})


class IsolatedPulumi(PulumiCommand):
    """The Automation API's command runner, with an environment that inherits nothing.

    The Automation API's own runner hands on the caller's environment, credentials included.
    """

    def __init__(self, cli: PulumiCli, environment: Mapping[str, str], *, engines: Path) -> None:
        """``engines`` is where the engine is recorded while it runs."""
        # Not the base's constructor: it runs `pulumi version` in the caller's environment.
        self.command = str(cli.executable)
        self.version = VersionInfo.parse(cli.version.removeprefix("v"))
        self._environment = dict(environment)
        self._engines = engines

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> CommandResult:
        """Run one command to its end.

        The engine runs in a session of its own, so that Ctrl-C reaches it once, from here, and
        does not reach its plugins: it then finishes what is under way and saves its state. A
        second Ctrl-C makes it stop at once.

        ``on_output`` and ``on_error`` are never called: what the engine does, it tells by events.

        Raises:
            CommandError: the command failed.
            KeyboardInterrupt: it was interrupted; it has ended.
        """
        command = [self.command, "--non-interactive", *args]
        environment = {**self._environment, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        with ExitStack() as files:
            stdout, stderr = (
                _Output(files.enter_context(TemporaryFile()) if args[0] in _CHANGING else None)
                for _ in range(2)
            )
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout.target,
                stderr=stderr.target,
                start_new_session=True,
            )
            stdout.started(process.stdout)
            stderr.started(process.stderr)
            with recorded(self._engines, process.pid):
                interrupted = _wait(process)
            result = CommandResult(stdout.text(), stderr.text(), process.returncode)
        if interrupted:
            raise KeyboardInterrupt
        if result.code != 0:
            raise create_command_error(result)
        return result


def run_attached(
    cli: PulumiCli, arguments: Sequence[str], *, cwd: os.PathLike[str], environment: dict[str, str]
) -> int:
    """Run a command on the user's own terminal and return its exit code.

    The terminal sends Ctrl-C to the engine as well as to this process, which leaves it to the
    engine.
    """
    process = subprocess.Popen([str(cli.executable), *arguments], cwd=cwd, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def _wait(process: subprocess.Popen[bytes]) -> bool:
    """Whether the wait was interrupted; each interrupt has been passed to the engine."""
    interrupted = False
    while True:
        try:
            process.wait()
            return interrupted
        except KeyboardInterrupt:
            interrupted = True
            process.send_signal(signal.SIGINT)


class _Output:
    """What the engine prints on one of its streams."""

    def __init__(self, file: IO[bytes] | None) -> None:
        """``file`` is where it prints to; without one, to a pipe."""
        self._file = file
        self._read = b""
        self._thread: threading.Thread | None = None

    @property
    def target(self) -> IO[bytes] | int:
        """For ``subprocess.Popen``."""
        return self._file or subprocess.PIPE

    def started(self, pipe: IO[bytes] | None) -> None:
        """Read from the pipe, if there is one: an engine whose pipe is full would wait."""
        if pipe is not None:
            self._thread = threading.Thread(target=self._drain, args=(pipe,), daemon=True)
            self._thread.start()

    def _drain(self, pipe: IO[bytes]) -> None:
        with pipe:
            self._read = pipe.read()

    def text(self) -> str:
        """All of it, once the engine has ended."""
        if self._thread is not None:
            self._thread.join(_DRAIN_SECONDS)
        if self._file is not None:
            self._file.seek(0)
            self._read = self._file.read()
        return self._read.decode(errors="replace").rstrip("\n")
