"""Which Python runs a program or a policy pack: the runtime options of its project file.

The options are those of ``runtime.options`` in ``Pulumi.yaml`` and ``PulumiPolicy.yaml``, as the
Pulumi documentation describes them for Python.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_OPTIONS = frozenset({"toolchain", "virtualenv"})

#: Where uv keeps a project's environment unless it is told otherwise.
_UV_ENVIRONMENT = ".venv"


class RuntimeOptionsError(Exception):
    """The runtime options cannot be honoured; the message names the option and the remedy."""


@dataclass(frozen=True)
class PythonRuntime:
    """A Python interpreter, and the environment that makes it the one its children use too."""

    python: str
    virtualenv: Path | None

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """``base`` with the virtual environment activated."""
        environment = dict(base)
        if self.virtualenv is not None:
            environment["VIRTUAL_ENV"] = str(self.virtualenv)
            environment["PATH"] = os.pathsep.join(
                [str(self.virtualenv / "bin"), environment.get("PATH", os.defpath)]
            )
            environment.pop("PYTHONHOME", None)
        return environment


def python_runtime(
    options: Mapping[str, object], root: Path, environment: Mapping[str, str]
) -> PythonRuntime:
    """The interpreter that ``options`` ask for; ``root`` is where the project file lies.

    Raises:
        RuntimeOptionsError: an option or toolchain that is not known here, or a virtual
            environment that is not one.
    """
    if unknown := sorted(set(options) - _OPTIONS):
        raise RuntimeOptionsError(
            f"runtime option {', '.join(unknown)}: this language host knows "
            f"{' and '.join(sorted(_OPTIONS))}; the official Pulumi distribution knows more"
        )
    toolchain = options.get("toolchain") or "pip"
    virtualenv = options.get("virtualenv")
    if toolchain == "uv":
        virtualenv = virtualenv or _UV_ENVIRONMENT
    elif toolchain != "pip":
        raise RuntimeOptionsError(
            f"runtime option toolchain: {toolchain}: this language host knows pip and uv; "
            "the official Pulumi distribution knows more"
        )
    if virtualenv:
        return _in_virtualenv(root / str(virtualenv))
    python = shutil.which("python3", path=environment.get("PATH"))
    if python is None:
        raise RuntimeOptionsError(
            "python3 is not on PATH, and the runtime options name no virtualenv"
        )
    return PythonRuntime(python, None)


def _in_virtualenv(virtualenv: Path) -> PythonRuntime:
    python = virtualenv / "bin" / "python"
    if not (virtualenv / "pyvenv.cfg").is_file() or not python.exists():
        raise RuntimeOptionsError(
            f"runtime option virtualenv: {virtualenv} is not a virtual environment; "
            f"create it with `python3 -m venv {virtualenv}` and install the requirements in it"
        )
    return PythonRuntime(str(python), virtualenv)
