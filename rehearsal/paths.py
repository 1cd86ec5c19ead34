"""Where everything of a rehearsal lies on disk.

A rehearsal writes only under ``.rehearsal/`` of the repository, one directory for each stack, so
that two stacks can be rehearsed side by side. The stand-in plugins are started by the engine and
learn of their stack's directory from :data:`STACK_DIR_VARIABLE`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Names the directory of the rehearsed stack in the environment of the engine and its plugins.
STACK_DIR_VARIABLE = "REHEARSAL_STACK_DIR"

#: What a Pulumi stack name is made of; a leading dot would hide its directory.
_STACK_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class StackPaths:
    """The files of one rehearsed stack; ``directory`` is ``.rehearsal/STACK``, absolute."""

    directory: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> StackPaths:
        """The stack that a stand-in plugin was started for.

        Raises:
            RuntimeError: the process was not started by a rehearsal.
        """
        try:
            return cls(Path(environment[STACK_DIR_VARIABLE]))
        except KeyError:
            raise RuntimeError(
                f"{STACK_DIR_VARIABLE} is not set: stand-in plugins are started by "
                "`python -m rehearsal`, not by hand"
            ) from None

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.directory.name

    @property
    def pulumi_home(self) -> Path:
        """``PULUMI_HOME`` of the engine: the plugins of this rehearsal and nothing of the user's.

        One for each stack, because two rehearsals side by side may use different plugins.
        """
        return self.directory / "pulumi-home"

    @property
    def home(self) -> Path:
        """``HOME`` of the engine and its plugins; holds no credentials."""
        return self.directory / "home"

    @property
    def project(self) -> Path:
        """The scratch project from which every engine command runs."""
        return self.directory / "project"

    @property
    def settings_copy(self) -> Path:
        """The engine's own copy of the stack file, into which it writes its encryption salt."""
        return self.project / "stacks" / f"Pulumi.{self.name}.yaml"

    @property
    def state(self) -> Path:
        """Pulumi's ``file://`` backend."""
        return self.directory / "state"

    @property
    def engines(self) -> Path:
        """The engines that run on the stack: one JSON file for each, named by its process id."""
        return self.directory / "engines"

    @property
    def cloud_db(self) -> Path:
        """SQLite store of what exists in the simulated cloud, apart from Pulumi's state."""
        return self.directory / "cloud.db"

    @property
    def faults(self) -> Path:
        """The faults in force: a JSON list of strings."""
        return self.directory / "faults.json"

    @property
    def control_plane(self) -> Path:
        """etcd's data, certificates and logs of the embedded control plane."""
        return self.directory / "control-plane"

    @property
    def processes(self) -> Path:
        """Process ids and start times of the control plane, JSON."""
        return self.control_plane / "processes.json"

    @property
    def admin_kubeconfig(self) -> Path:
        """The administrator's kubeconfig of the embedded API server."""
        return self.control_plane / "admin.kubeconfig"

    @property
    def tutor(self) -> Path:
        """``TUTOR_ROOT`` that the hand-over writes."""
        return self.directory / "tutor"

    @property
    def bin(self) -> Path:
        """Shims of the cloud's command lines, first on the engine's ``PATH``."""
        return self.directory / "bin"

    @property
    def not_exercised(self) -> Path:
        """What the stand-ins could not exercise: a JSON list of what and why."""
        return self.directory / "not-exercised.json"

    @property
    def complete(self) -> Path:
        """Exists while the last ``up`` of the stack ended complete."""
        return self.directory / "complete"

    @property
    def outcome(self) -> Path:
        """The outcome of the last rehearsal, JSON."""
        return self.directory / "outcome.json"


@dataclass(frozen=True)
class ProjectPaths:
    """A Pulumi project and the rehearsals in it; ``root`` holds ``Pulumi.yaml``, absolute."""

    root: Path

    @property
    def project_file(self) -> Path:
        """``Pulumi.yaml``."""
        return self.root / "Pulumi.yaml"

    @property
    def stacks(self) -> Path:
        """The committed stack files (``stackConfigDir``)."""
        return self.root / "stacks"

    def stack_file(self, stack: str) -> Path:
        """The committed settings of a stack."""
        return self.stacks / f"Pulumi.{stack}.yaml"

    @property
    def toolchain(self) -> Path:
        """One Go module for each tool that is built when it is not installed."""
        return self.root / "toolchain"

    @property
    def venv_bin(self) -> Path:
        """Executables of the Python environment, ``kubectl`` among them."""
        return self.root / ".venv" / "bin"

    @property
    def tutor_executable(self) -> Path:
        """Tutor, in an environment of its own."""
        return self.root / ".venv-tutor" / "bin" / "tutor"

    @property
    def rehearsals(self) -> Path:
        """Where rehearsals write: ``.rehearsal/``, ignored by git."""
        return self.root / ".rehearsal"

    def stack(self, name: str) -> StackPaths:
        """The files of a rehearsed stack.

        Raises:
            ValueError: ``name`` cannot be a stack's name, or would leave ``.rehearsal/``.
        """
        if not _STACK_NAME.fullmatch(name):
            raise ValueError(
                f"stack {name!r}: a stack's name is made of letters, digits, hyphens, "
                "underscores and dots, and does not begin with a dot"
            )
        return StackPaths(self.rehearsals / name)

    def committed_stacks(self) -> tuple[str, ...]:
        """The names of the stacks that have a committed stack file, sorted."""
        return tuple(
            sorted(
                path.name.removeprefix("Pulumi.").removesuffix(".yaml")
                for path in self.stacks.glob("Pulumi.*.yaml")
            )
        )

    def rehearsed_stacks(self) -> tuple[str, ...]:
        """The names of the stacks that have been rehearsed here, sorted."""
        if not self.rehearsals.is_dir():
            return ()
        return tuple(
            sorted(
                path.name
                for path in self.rehearsals.iterdir()
                if path.is_dir() and _STACK_NAME.fullmatch(path.name)
            )
        )


#: The checkout that this package is part of.
REPOSITORY = ProjectPaths(Path(__file__).resolve().parents[1])
