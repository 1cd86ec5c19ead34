"""The project in a folder of the test's own: the same program and stacks, rehearsed apart."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from rehearsal import faults
from rehearsal.outcome import Outcome
from rehearsal.paths import REPOSITORY, ProjectPaths, StackPaths
from rehearsal.rehearse import Options, Rehearsal

STACK = "oci-jeddah"
SAME = ("__main__.py", "components", "handover", ".venv", ".venv-tutor")


def a_project(folder: Path) -> ProjectPaths:
    """A project whose program is this repository's, with stack files that a test may change."""
    for name in SAME:
        (folder / name).symlink_to(REPOSITORY.root / name)
    shutil.copy(REPOSITORY.project_file, folder / "Pulumi.yaml")
    shutil.copytree(REPOSITORY.stacks, folder / "stacks")
    return ProjectPaths(folder)


class Rehearsed:
    """Commands on one stack of a project, and what they told."""

    def __init__(self, project: ProjectPaths, stack: str = STACK) -> None:
        self.project = project
        self.told = io.StringIO()
        self._stack = stack

    @property
    def stack(self) -> StackPaths:
        return self.project.stack(self._stack)

    def rehearsal(self, *fault_texts: str, keep: bool = False) -> Rehearsal:
        return Rehearsal(
            self.project,
            self.stack,
            options=Options(faults=[faults.parse(text) for text in fault_texts], keep=keep),
            console=Console(file=self.told, width=200),
        )

    def up(self, *fault_texts: str) -> Outcome:
        return self.rehearsal(*fault_texts).up()

    def preview(self, *, keep: bool = False) -> Outcome:
        return self.rehearsal(keep=keep).preview()

    def destroy(self) -> Outcome:
        return self.rehearsal().destroy()


def hashes(files: Sequence[Path]) -> dict[str, str]:
    """A digest of each file's content, by path."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}
