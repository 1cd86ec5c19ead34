"""Running the engine in its own environment, and ending it as a user would."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from rehearsal.toolchain import PulumiCli

#: How long to wait for the rest of the output once the engine has ended.
_DRAIN_SECONDS = 5.0


class IsolatedPulumi(PulumiCommand):
    """The Automation API's command runner, with an environment that inherits nothing.

    The Automation API's own runner hands on the caller's environment, credentials included.
    """

    def __init__(self, cli: PulumiCli, environment: Mapping[str, str]) -> None:
        # Not the base's constructor: it runs `pulumi version` in the caller's environment.
        self.command = str(cli.executable)
        self.version = VersionInfo.parse(cli.version.removeprefix("v"))
        self._environment = dict(environment)

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

        Raises:
            CommandError: the command failed.
            KeyboardInterrupt: it was interrupted; it has ended.
        """
        command = [self.command, "--non-interactive", *args]
        environment = {**self._environment, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        stdout, stderr = _Lines(process.stdout, on_output), _Lines(process.stderr, on_error)
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


def _wait(process: subprocess.Popen[str]) -> bool:
    """Whether the wait was interrupted; each interrupt has been passed to the engine."""
    interrupted = False
    while True:
        try:
            process.wait()
            return interrupted
        except KeyboardInterrupt:
            interrupted = True
            process.send_signal(signal.SIGINT)


class _Lines:
    """Reads a stream in a thread, handing on each line."""

    def __init__(self, stream: IO[str] | None, on_line: Callable[[str], Any] | None) -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(stream, on_line), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[str] | None, on_line: Callable[[str], Any] | None) -> None:
        if stream is None:
            return
        with stream:
            for line in stream:
                text = line.rstrip()
                self._lines.append(text)
                if on_line is not None:
                    on_line(text)

    def text(self) -> str:
        self._thread.join(_DRAIN_SECONDS)
        return "\n".join(self._lines)
