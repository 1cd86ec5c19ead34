"""``python -m benchmarks STACK``: measure, and print the figures beside the goals."""

from __future__ import annotations

import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.floor import bare_engine
from benchmarks.footprint import run
from rehearsal.engine import Engine
from rehearsal.findings import resources_by_type
from rehearsal.paths import REPOSITORY
from rehearsal.rehearse import Options, Rehearsal

GOAL_REHEARSAL_SECONDS = 60
GOAL_PEAK_MB = 2500
GOAL_PREVIEW_RATIO = 2.0


@click.command()
@click.argument("stack")
@click.option(
    "--rounds", default=3, show_default=True, help="Previews of each kind; the median counts."
)
def main(stack: str, rounds: int) -> None:
    """Measure a warm rehearsal of STACK, and its unchanged preview against the engine's floor."""
    console = Console()
    rehearsal = Rehearsal(
        REPOSITORY, REPOSITORY.stack(stack), options=Options(keep=True), console=console
    )
    command = [sys.executable, "-m", "rehearsal"]
    warm = run([*command, "up", stack, "--fresh", "--keep"], REPOSITORY.root)
    if warm.code != 0:
        raise click.ClickException(f"the rehearsal of {stack} did not end complete")
    try:
        engine = rehearsal.engine()
        resources = sum(resources_by_type(engine.export()).values())
        with tempfile.TemporaryDirectory() as folder:
            bare = bare_engine(Path(folder), resources, engine.cli)
            bare.up()
            stack_seconds, floor_seconds = side_by_side(engine, bare, rounds)
    finally:
        rehearsal.plane.stop()
    table = Table("figure", "measured", "goal", box=box.SIMPLE_HEAD)
    table.add_row("warm rehearsal", f"{warm.seconds:.1f} s", f"≤ {GOAL_REHEARSAL_SECONDS} s")
    table.add_row("peak memory", f"{warm.peak_mb:.0f} MB", f"≤ {GOAL_PEAK_MB} MB")
    table.add_row(f"unchanged preview, {resources} resources", f"{stack_seconds:.2f} s", "")
    table.add_row(f"floor: {resources} bare resources", f"{floor_seconds:.2f} s", "")
    ratio = stack_seconds / floor_seconds
    table.add_row("preview / floor", f"{ratio:.2f}", f"≤ {GOAL_PREVIEW_RATIO:.0f}")
    console.print(table)
    memory_gib = psutil.virtual_memory().total / 2**30
    console.print(
        f"{psutil.cpu_count()} CPUs, {memory_gib:.0f} GiB, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, Pulumi {engine.cli.version}",
        highlight=False,
    )


def side_by_side(engine: Engine, bare: Engine, rounds: int) -> tuple[float, float]:
    """Median seconds of an unchanged preview of the stack and of the bare resources, in turns."""
    pairs = [(timed(engine.preview), timed(bare.preview)) for _ in range(rounds)]
    return (
        statistics.median(pair[0] for pair in pairs),
        statistics.median(pair[1] for pair in pairs),
    )


def timed(operation: Callable[[], object]) -> float:
    """Wall-clock seconds of one operation."""
    started = time.monotonic()
    operation()
    return time.monotonic() - started


if __name__ == "__main__":
    main()
