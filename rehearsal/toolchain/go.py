"""The Go that is installed, and what it is asked to do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal.toolchain.errors import ToolchainError

#: How much of a failed build is shown.
_LINES_OF_ERROR = 20


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def required_go(go_mod: Path) -> str:
    """The Go version that ``go_mod`` asks for, e.g. ``1.26.0``."""
    found = re.search(r"^go (\S+)$", go_mod.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise ToolchainError(f"{go_mod}: has no `go` line")
    return found[1]


@dataclass(frozen=True)
class Go:
    """A Go that is new enough for one tool's module."""

    executable: str
    module: Path
    """The folder of the tool's ``go.mod``."""
    environment: Mapping[str, str]

    @classmethod
    def find(cls, module: Path, environment: Mapping[str, str] = os.environ) -> Go:
        """Go on ``PATH``, if it is as new as ``module`` asks.

        An older Go that may fetch a newer one by itself (``GOTOOLCHAIN``) is new enough.

        Raises:
            ToolchainError: there is no Go, or it is older.
        """
        wanted = required_go(module / "go.mod")
        executable = shutil.which("go", path=environment.get("PATH"))
        if executable is None:
            raise ToolchainError(
                f"Go is not on PATH: {module.name} is not installed, and building it needs "
                f"Go {wanted} or newer ({module / 'go.mod'}). Install Go from https://go.dev/dl/"
            )
        go = cls(executable, module, environment)
        answer = go._run("env", "GOVERSION")
        found = answer.stdout.strip()
        if answer.returncode != 0 or _numbers(found) < _numbers(wanted):
            reason = found or (answer.stderr.strip().splitlines() or ["no answer"])[-1]
            raise ToolchainError(
                f"Go is too old: building {module.name} needs Go {wanted} or newer "
                f"({module / 'go.mod'}), {executable} says: {reason}. "
                "Install a newer one from https://go.dev/dl/"
            )
        return go

    def build(self, package: str, output: Path, linker_flags: str) -> None:
        """Build one executable from what ``go.mod`` and ``go.sum`` pin, and nothing else.

        Raises:
            ToolchainError: with the end of what Go said, and the command to try by hand.
        """
        self._checked(
            "build",
            "-mod=readonly",
            "-buildvcs=false",
            "-ldflags",
            linker_flags,
            "-o",
            str(output),
            package,
        )

    def source(self, module: str) -> Path:
        """The folder with the source of a module that ``go.mod`` requires.

        Raises:
            ToolchainError: the module cannot be had.
        """
        answer: dict[str, str] = json.loads(self._checked("mod", "download", "-json", module))
        return Path(answer["Dir"])

    def _checked(self, *arguments: str) -> str:
        answer = self._run(*arguments)
        if answer.returncode != 0:
            said = "\n".join(answer.stderr.strip().splitlines()[-_LINES_OF_ERROR:])
            raise ToolchainError(
                f"{self.module.name}: Go failed\n{said}\n"
                f"The command was: cd {self.module} && {_quoted(['go', *arguments])}"
            )
        return answer.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # A workspace file (go.work) in a folder above would override the module's own versions.
        return subprocess.run(
            [self.executable, *arguments],
            cwd=self.module,
            env={**self.environment, "GOWORK": "off"},
            capture_output=True,
            text=True,
            check=False,
        )


def _quoted(words: Sequence[str]) -> str:
    return " ".join(f"'{word}'" if " " in word else word for word in words)
