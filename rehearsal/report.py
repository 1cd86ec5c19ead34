"""The outcome as people like to read it."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table

from rehearsal.outcome import Outcome

BAR_WIDTH = 20
PICTURE_WIDTH = 110
COLOURS = {"create": "green", "update": "yellow", "refresh": "cyan"}
"""Of operations that take nothing away; all others are red."""


def show(outcome: Outcome, console: Console) -> None:
    """Print the outcome: placement, headroom, checks, what was not exercised, the verdict."""
    if outcome.pods_by_pool:
        console.print(_placement(outcome))
    if outcome.changed:
        console.print(_changed(outcome))
    if outcome.policies:
        console.print(_policies(outcome))
    if outcome.checks:
        console.print(_checks(outcome))
    if outcome.notes:
        notes = escape("\n\n".join(outcome.notes))
        console.print(Panel(notes, title="worth knowing", border_style="yellow"))
    if outcome.not_exercised:
        console.print(_not_exercised(outcome))
    if outcome.failure is not None:
        failure = outcome.failure
        body = escape(failure.message)
        if failure.remedy:
            body += f"\n\n[bold]Remedy:[/bold] {escape(failure.remedy)}"
        console.print(Panel(body, title=f"failed: {escape(failure.step)}", border_style="red"))
    console.print(_verdict(outcome), highlight=False)


def save(outcome: Outcome, folder: Path) -> None:
    """Write ``outcome.json`` and a picture of what :func:`show` prints, ``outcome.svg``."""
    folder.mkdir(parents=True, exist_ok=True)
    outcome.write(folder / "outcome.json")
    console = Console(record=True, file=io.StringIO(), width=PICTURE_WIDTH, force_terminal=True)
    show(outcome, console)
    title = f"python -m rehearsal {outcome.command} {outcome.stack}"
    # The same outcome gives the same picture: by default every identifier in it is made anew.
    picture = console.export_svg(title=title, unique_id=outcome.stack)
    # Whoever opens it need not fetch a font.
    picture = re.sub(r"@font-face {.*?}\s*", "", picture, flags=re.DOTALL)
    (folder / "outcome.svg").write_text(picture, encoding="utf-8")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _placement(outcome: Outcome) -> Table:
    table = _table("Node pools", "pool", "nodes", "pods", "CPUs requested", "GiB requested")
    for pool, use in outcome.headroom.items():
        pods = outcome.pods_by_pool.get(pool, {})
        table.add_row(
            pool or "(no pool)",
            str(use.nodes),
            ", ".join(f"{name} ×{count}" for name, count in pods.items()),
            _share(use.requested_cpu_millicores, use.allocatable_cpu_millicores, 1000),
            _share(use.requested_memory_mib, use.allocatable_memory_mib, 1024),
        )
    return table


def _share(requested: int, allocatable: int, per_unit: int) -> Table:
    """A bar over the figures."""
    grid = Table.grid()
    grid.add_row(ProgressBar(total=allocatable, completed=requested, width=BAR_WIDTH))
    free = allocatable - requested
    grid.add_row(f"{requested / per_unit:.1f}, {free / per_unit:.1f} free")
    return grid


def _changed(outcome: Outcome) -> Table:
    table = _table("Changes", "", "resource", "type", "cannot be changed in place")
    for change in outcome.changed:
        colour = COLOURS.get(change.operation, "red")
        table.add_row(
            f"[{colour}]{escape(change.operation)}[/{colour}]",
            escape(change.name),
            escape(change.type),
            escape(", ".join(change.replaced_for)),
        )
    return table


def _policies(outcome: Outcome) -> Table:
    table = _table("Policies", "", "policy", "resource", "what it found")
    for finding in outcome.policies:
        table.add_row(
            escape(finding.level),
            escape(f"{finding.pack}: {finding.policy}"),
            escape(finding.resource),
            escape(finding.message),
        )
    return table


def _checks(outcome: Outcome) -> Table:
    table = _table("Checks", "", "what had to hold", "found")
    for check in outcome.checks:
        mark = "[green]✓[/green]" if check.passed else "[red]✗[/red]"
        table.add_row(mark, escape(check.promise), escape(check.found))
    return table


def _not_exercised(outcome: Outcome) -> Table:
    table = _table("Not exercised here", "what", "why")
    for item in outcome.not_exercised:
        table.add_row(escape(item.what), escape(item.why))
    return table


def _verdict(outcome: Outcome) -> str:
    seconds = sum(outcome.durations.values())
    minutes = outcome.simulated_seconds / 60
    cloud = f"; the cloud would have taken about {minutes:.0f} min" if minutes >= 1 else ""
    plugins = ", ".join(f"{p.package} {p.version} ({p.origin})" for p in outcome.plugins)
    versions = ", ".join(f"{name} {version}" for name, version in outcome.versions.items())
    head = (
        f"[bold green]{outcome.stack}: complete[/bold green]"
        if outcome.complete
        else f"[bold red]{outcome.stack}: not complete[/bold red]"
    )
    return (
        f"{head}, {outcome.command} in {seconds:.0f} s{cloud}\n"
        f"[dim]plugins: {plugins}\nversions: {versions}[/dim]"
    )
