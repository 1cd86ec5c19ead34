"""A Pulumi project small enough to run the real engine on in every test."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
import yaml

from rehearsal.paths import ProjectPaths
from rehearsal.toolchain import PulumiCli, Toolchain

T = TypeVar("T")

#: For what must happen soon; a test that waits this long fails.
DEADLINE_SECONDS = 30.0

#: The environment that runs the tests also runs the programs in them.
VIRTUALENV = Path(sys.executable).parents[1]

TWO_COMPONENTS = """
    import pulumi

    class Thing(pulumi.ComponentResource):
        def __init__(self, name):
            super().__init__("fixture:index:Thing", name, {})
            self.register_outputs({"size": 1})

    Thing("one")
    Thing("two")
    pulumi.export("greeting", pulumi.Config().require("greeting"))
"""


class Fixture:
    """A project in a temporary directory, with one stack called ``dev``."""

    def __init__(self, root: Path) -> None:
        self.paths = ProjectPaths(root)
        self.paths.stacks.mkdir()
        project = {
            "name": "fixture",
            "runtime": {"name": "python", "options": {"virtualenv": str(VIRTUALENV)}},
            "main": ".",
            "stackConfigDir": "stacks",
        }
        self.paths.project_file.write_text(yaml.safe_dump(project))
        self.settings("config:\n  fixture:greeting: hello\n")
        self.program(TWO_COMPONENTS)

    def program(self, text: str) -> None:
        (self.paths.root / "__main__.py").write_text(textwrap.dedent(text))

    def settings(self, text: str) -> None:
        self.paths.stack_file("dev").write_text(textwrap.dedent(text))

    def policy_pack(self, text: str) -> Path:
        pack = self.paths.root / "policies"
        pack.mkdir()
        runtime = {"name": "python", "options": {"virtualenv": str(VIRTUALENV)}}
        (pack / "PulumiPolicy.yaml").write_text(yaml.safe_dump({"runtime": runtime}))
        (pack / "__main__.py").write_text(textwrap.dedent(text))
        return pack


@pytest.fixture
def project(tmp_path: Path) -> Fixture:
    root = tmp_path / "project"
    root.mkdir()
    return Fixture(root)


@pytest.fixture(scope="session")
def built_pulumi() -> PulumiCli:
    """Pulumi as built from its module, so that our language host is the one that runs."""
    built = Toolchain().tool("pulumi")
    exec_script = built.directory / "python" / "pulumi-language-python-exec"
    return PulumiCli(built.binary("pulumi"), built.version, "built", exec_script)


def eventually(look: Callable[[], T | None], what: str) -> T:
    """What ``look`` returns once it returns something."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen in {DEADLINE_SECONDS} s")


def pids_in(file: Path, count: int) -> list[int] | None:
    """The process ids written to a file, one a line, once there are ``count``."""
    pids = file.read_text().split() if file.exists() else []
    return [int(pid) for pid in pids] if len(pids) == count else None


def all_ended(pids: list[int]) -> bool:
    """Whether none of the processes runs; one that was not waited for yet has ended."""
    for pid in pids:
        try:
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                return False
        except psutil.NoSuchProcess:
            continue
    return True
