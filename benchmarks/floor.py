"""The engine's floor: bare resources on a stand-in, nothing else."""

from __future__ import annotations

from pathlib import Path

from rehearsal.engine import Engine
from rehearsal.paths import REPOSITORY, ProjectPaths
from rehearsal.toolchain import PulumiCli

PROGRAM = """\
import pulumi
import pulumi_random as random

for number in range(pulumi.Config().require_int("resources")):
    random.RandomId(f"bare-{number}", byte_length=8)
"""


def bare_engine(folder: Path, resources: int, cli: PulumiCli) -> Engine:
    """An engine on a project in ``folder`` whose program registers that many bare resources."""
    (folder / "stacks").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(
        "name: bare\nruntime:\n  name: python\n  options:\n    toolchain: pip\n"
        f"    virtualenv: {REPOSITORY.root / '.venv'}\nstackConfigDir: stacks\n"
    )
    (folder / "stacks" / "Pulumi.bare.yaml").write_text(f"config:\n  bare:resources: {resources}\n")
    (folder / "__main__.py").write_text(PROGRAM)
    return Engine(ProjectPaths(folder), "bare", cli=cli)
