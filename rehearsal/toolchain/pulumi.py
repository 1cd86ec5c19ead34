"""The Pulumi command line: the official distribution where it is installed, else built.

The official distribution brings the Python language host beside the ``pulumi`` executable. That
host is not part of any Go module that can be had at this version, so a ``pulumi`` built from its
module is given the one in :mod:`rehearsal.engine.language_host`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rehearsal.toolchain.cache import Toolchain, answered_version
from rehearsal.toolchain.tools import TOOLS

_LANGUAGE_HOST = ("pulumi-language-python", "pulumi-language-python-exec")


@dataclass(frozen=True)
class PulumiCli:
    """A Pulumi command line and how it runs Python programs."""

    executable: Path
    version: str
    """E.g. ``v3.250.0``."""
    origin: Literal["official", "built"]
    python_exec: Path | None
    """The script with which our language host starts a program; ``None`` for the official
    distribution, which has a language host of its own."""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.removeprefix("v").split("."))


def official(wanted: str, environment: Mapping[str, str] = os.environ) -> PulumiCli | None:
    """The official distribution on ``PATH``, if this version of it can run our program.

    It can when its Python language host is installed beside it, and when it is at least
    ``wanted``, the version of the Python SDK that the program is pinned to, with the same major
    version: the Automation API refuses an older or a different one.
    """
    found = shutil.which("pulumi", path=environment.get("PATH"))
    if found is None:
        return None
    # Package managers link to an executable that has its language hosts elsewhere, beside it.
    executable = Path(found).resolve()
    if not all((executable.parent / host).is_file() for host in _LANGUAGE_HOST):
        return None
    version = answered_version(executable, TOOLS["pulumi"].answers)
    if version is None:
        return None
    same_major = _numbers(version)[0] == _numbers(wanted)[0]
    if not same_major or _numbers(version) < _numbers(wanted):
        return None
    return PulumiCli(executable, version, "official", None)


def pulumi_cli(toolchain: Toolchain) -> PulumiCli:
    """The official distribution if it is installed and fits, else Pulumi built from its module.

    Raises:
        ToolchainError: it has to be built and cannot be.
    """
    installed = official(toolchain.expected("pulumi").version, toolchain.environment)
    if installed is not None:
        return installed
    built = toolchain.tool("pulumi")
    return PulumiCli(
        executable=built.binary("pulumi"),
        version=built.version,
        origin="built",
        python_exec=built.directory / "python" / "pulumi-language-python-exec",
    )
