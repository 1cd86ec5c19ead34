"""A process that runs ``up`` on a small project, killed at a chosen moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from rehearsal.engine import Engine
from rehearsal.paths import REPOSITORY, ProjectPaths
from rehearsal.toolchain import PulumiCli
from tests.rehearsal.engine.conftest import Fixture, eventually

SLOW_PLUGIN = """
import asyncio
from pathlib import Path

from rehearsal.random.provider import RandomProvider
from rehearsal.standin.server import serve

HERE = Path({here!r})


class SlowRandom(RandomProvider):
    async def create(self, resource, inputs, *, preview):
        waiting = HERE / "wait-in-create"
        while waiting.exists() and resource.urn.endswith("::two") and not preview:
            (HERE / "reached").touch()
            await asyncio.sleep(0.02)
        return await super().create(resource, inputs, preview=preview)


serve(SlowRandom())
"""

THREE_PASSWORDS = """
    import time
    from pathlib import Path

    import pulumi
    from pulumi_random import RandomPassword

    HERE = Path({here!r})

    def wait(at):
        if (HERE / f"wait-{{at}}").exists():
            (HERE / "reached").touch()
            time.sleep(600)

    wait("before")
    one = RandomPassword("one", length=8)
    two = RandomPassword("two", length=8, opts=pulumi.ResourceOptions(depends_on=one))
    three = RandomPassword("three", length=8, opts=pulumi.ResourceOptions(depends_on=two))
    three.result.apply(lambda _: wait("after"))
"""

UP = """
import sys
from pathlib import Path

from rehearsal.toolchain import PulumiCli
from tests.rehearsal.engine.killing import an_engine
from rehearsal.paths import ProjectPaths

root, executable, version, python_exec = sys.argv[1:]
cli = PulumiCli(Path(executable), version, "built", Path(python_exec))
an_engine(ProjectPaths(Path(root)), cli).up()
"""


def an_engine(project: ProjectPaths, cli: PulumiCli) -> Engine:
    """An engine whose plugin for random can be made to wait."""
    return Engine(project, "dev", cli=cli, named_plugins={"random": project.root / "slow-random"})


def with_passwords(project: Fixture) -> None:
    """Give the project three passwords, each made after the one before."""
    root = project.paths.root
    project.program(THREE_PASSWORDS.format(here=str(root)))
    (root / "slow_random.py").write_text(SLOW_PLUGIN.format(here=str(root)))
    plugin = root / "slow-random"
    plugin.write_text(
        f"#!/bin/sh\nPYTHONPATH={REPOSITORY.root} exec {sys.executable} {root}/slow_random.py $@\n"
    )
    plugin.chmod(0o755)


def kill_an_up(project: Fixture, cli: PulumiCli, at: str) -> None:
    """SIGKILL the process that runs an ``up``: ``before``, ``in-create`` or ``after`` the work.

    The engine itself waits there until :func:`go_on`.
    """
    root = project.paths.root
    (root / f"wait-{at}").touch()
    command = [sys.executable, "-c", UP, str(root), str(cli.executable), cli.version]
    rehearsal = subprocess.Popen(
        [*command, str(cli.python_exec)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY.root)},
    )
    try:
        eventually((root / "reached").exists, f"the moment {at}")
    finally:
        rehearsal.send_signal(signal.SIGKILL)
        rehearsal.wait()


def go_on(project: Fixture) -> None:
    """Let whatever waits go on, and the next ``up`` not wait."""
    for file in project.paths.root.glob("wait-*"):
        file.unlink()
