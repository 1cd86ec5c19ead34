"""Tools built on this machine, kept by version and shared by all checkouts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from rehearsal.paths import REPOSITORY
from rehearsal.toolchain.errors import ToolchainError
from rehearsal.toolchain.go import Go
from rehearsal.toolchain.progress import Phase, ToolEvent, ToolProgress, silent
from rehearsal.toolchain.tools import TOOLS, Tool

#: A tool that takes longer than this to tell its version hangs; the slowest takes 0.2 s.
_ANSWER_SECONDS = 30


@dataclass(frozen=True)
class InstalledTool:
    """A tool that is ready to run."""

    name: str
    version: str
    """As Go modules write it, e.g. ``v3.6.5``."""
    directory: Path

    @property
    def bin(self) -> Path:
        """The directory of the tool's executables."""
        return self.directory / "bin"

    def binary(self, name: str) -> Path:
        """One of the tool's executables, e.g. ``kube-apiserver``."""
        return self.bin / name


def default_cache(environment: Mapping[str, str] = os.environ) -> Path:
    """``$XDG_CACHE_HOME/openedx-large/toolchain``, by default below ``~/.cache``."""
    base = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", "~")) / ".cache"
    return Path(base).expanduser() / "openedx-large" / "toolchain"


def answered_version(executable: Path, arguments: tuple[str, ...]) -> str | None:
    """The version that an executable tells, as ``vX.Y.Z``; ``None`` when it tells none."""
    try:
        answer = subprocess.run(
            [str(executable), *arguments],
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS,
            env={"PATH": os.defpath, "HOME": "/nonexistent", "PULUMI_SKIP_UPDATE_CHECK": "true"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\bv?(\d+\.\d+\.\d+)\b", answer.stdout)
    return f"v{found[1]}" if answer.returncode == 0 and found else None


@dataclass(frozen=True)
class Toolchain:
    """Brings tools, building those that are missing from the pinned Go modules."""

    sources: Path = REPOSITORY.toolchain
    cache: Path = field(default_factory=default_cache)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    progress: ToolProgress = silent

    def tool(self, name: str) -> InstalledTool:
        """The tool called ``name``, built now if it has not been built on this machine before.

        Raises:
            ToolchainError: it cannot be built; the message says why and what to do.
        """
        tool = TOOLS[name]
        installed = self.expected(name)
        if self._missing(tool, installed):
            with self._alone(installed):
                self._complete(tool, installed)
        else:
            self.progress(ToolEvent(tool.name, installed.version, Phase.FOUND))
        return installed

    def expected(self, name: str) -> InstalledTool:
        """Where the tool is, or will be once it is built."""
        version = TOOLS[name].pinned_version(self.sources)
        return InstalledTool(name, version, self.cache / f"{name}-{version}")

    def _missing(self, tool: Tool, installed: InstalledTool) -> bool:
        return any(self._unusable(tool, installed, name) for name in tool.binaries) or any(
            not (installed.directory / file).is_file()
            for carried in tool.carries
            for file in carried.files
        )

    @staticmethod
    def _unusable(tool: Tool, installed: InstalledTool, binary: str) -> bool:
        executable = installed.binary(binary)
        return (
            not executable.is_file()
            or answered_version(executable, tool.answers) != installed.version
        )

    def _complete(self, tool: Tool, installed: InstalledTool) -> None:
        """Make what is missing, elsewhere, and move it into place file by file.

        A rename is atomic, so an interrupted build leaves nothing that looks like a tool.
        """
        if not self._missing(tool, installed):
            self.progress(ToolEvent(tool.name, installed.version, Phase.FOUND))
            return
        self.progress(ToolEvent(tool.name, installed.version, Phase.BUILDING))
        started = time.monotonic()
        go = Go.find(self.sources / tool.name, self.environment)
        with tempfile.TemporaryDirectory(prefix=f".{tool.name}-", dir=self.cache) as scratch:
            made = InstalledTool(tool.name, installed.version, Path(scratch))
            self._build(tool, installed, made, go)
            _move_all(made.directory, installed.directory)
        seconds = time.monotonic() - started
        self.progress(ToolEvent(tool.name, installed.version, Phase.BUILT, seconds))

    def _build(self, tool: Tool, installed: InstalledTool, made: InstalledTool, go: Go) -> None:
        made.bin.mkdir()
        for name, package in tool.binaries.items():
            if not self._unusable(tool, installed, name):
                continue
            go.build(package, made.binary(name), tool.linker_flags(made.version))
            answer = answered_version(made.binary(name), tool.answers)
            if answer != made.version:
                raise ToolchainError(
                    f"{tool.name}: {name} was built from {go.module} but calls itself "
                    f"{answer or 'nothing'} instead of {made.version}"
                )
        for carried in tool.carries:
            source = go.source(carried.module)
            for target, path in carried.files.items():
                (made.directory / target).parent.mkdir(parents=True, exist_ok=True)
                # Files in Go's module cache are read-only; the mode is not taken along.
                shutil.copyfile(source / path, made.directory / target)

    @contextmanager
    def _alone(self, installed: InstalledTool) -> Iterator[None]:
        """Keep other rehearsals from building the same tool; the lock ends with the process."""
        self.cache.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.cache / f".{installed.directory.name}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            self.progress(ToolEvent(installed.name, installed.version, Phase.WAITING))
            lock.acquire()
        try:
            yield
        finally:
            lock.release()


def _move_all(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        if path.is_file():
            destination = target / path.relative_to(source)
            destination.parent.mkdir(parents=True, exist_ok=True)
            path.replace(destination)
