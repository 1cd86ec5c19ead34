"""The rehearsal's command line: ``python -m rehearsal``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from rehearsal import faults, report, world
from rehearsal.controlplane import ControlPlane, ControlPlaneError
from rehearsal.engine import (
    EngineError,
    PluginError,
    ScratchProjectError,
    end_leftovers,
    parse_named,
)
from rehearsal.outcome import Outcome
from rehearsal.paths import REPOSITORY, StackPaths
from rehearsal.rehearse import Options, Rehearsal
from rehearsal.toolchain import ToolchainError

STACK = click.argument("stack")
FAULTS = click.option(
    "--fault",
    "fault_texts",
    multiple=True,
    metavar="FAULT",
    help="Put a fault into the simulated cloud: NAME, NAME:COUNT or NAME:RESOURCE-TYPE, "
    f"with NAME one of {', '.join(name.value for name in faults.FaultName)}. Repeatable.",
)
PLUGINS = click.option(
    "--plugin",
    "plugin_texts",
    multiple=True,
    metavar="PACKAGE=PATH",
    help="Use an official provider plugin for kubernetes, random or tls. Repeatable.",
)
POLICY_PACKS = click.option(
    "--policy-pack",
    "policy_packs",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="Run a policy pack. Repeatable.",
)
REPORT = click.option(
    "--report",
    "report_dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write outcome.json, and a picture of it, outcome.svg, into this folder.",
)


@click.group()
def main() -> None:
    """Try a stack on this machine: the real Pulumi engine, a real Kubernetes control plane, a
    simulated cloud."""


@main.command()
@STACK
@click.option("--keep", is_flag=True, help="Leave the control plane running.")
@click.option("--fresh", is_flag=True, help="Begin with an empty world, whatever was left.")
@FAULTS
@PLUGINS
@POLICY_PACKS
@REPORT
def up(  # noqa: PLR0913 - one parameter for each option
    *,
    stack: str,
    keep: bool,
    fresh: bool,
    fault_texts: Sequence[str],
    plugin_texts: Sequence[str],
    policy_packs: Sequence[Path],
    report_dir: Path | None,
) -> None:
    """Stand STACK up, apply Open edX to it, and check everything that must hold."""
    options = Options(
        faults=_faults(fault_texts),
        plugins=_plugins(plugin_texts),
        policy_packs=policy_packs,
        keep=keep,
        fresh=fresh,
    )
    paths = _stack(stack)
    with _occupied(paths):
        console = Console()
        outcome = Rehearsal(REPOSITORY, paths, options=options, console=console).up()
        _conclude(outcome, console, report_dir)


@main.command()
@STACK
@PLUGINS
@POLICY_PACKS
@REPORT
def preview(
    *,
    stack: str,
    plugin_texts: Sequence[str],
    policy_packs: Sequence[Path],
    report_dir: Path | None,
) -> None:
    """Preview STACK on what the last rehearsal left, or on nothing."""
    paths = _stack(stack)
    with _occupied(paths):
        console = Console()
        running = ControlPlane(paths.directory).is_running()
        options = Options(
            plugins=_plugins(plugin_texts),
            policy_packs=policy_packs,
            keep=running,
        )
        outcome = Rehearsal(REPOSITORY, paths, options=options, console=console).preview()
        _conclude(outcome, console, report_dir)


@main.command()
@STACK
@FAULTS
@PLUGINS
@REPORT
def destroy(
    stack: str, fault_texts: Sequence[str], plugin_texts: Sequence[str], report_dir: Path | None
) -> None:
    """Destroy what the last rehearsal of STACK left, and check that nothing remains."""
    paths = _stack(stack)
    if not world.has_begun(paths):
        raise click.ClickException(
            f"{stack} has not been rehearsed; first run `python -m rehearsal up {stack}`"
        )
    with _occupied(paths):
        console = Console()
        options = Options(
            faults=_faults(fault_texts),
            plugins=_plugins(plugin_texts),
            keep=ControlPlane(paths.directory).is_running(),
        )
        outcome = Rehearsal(REPOSITORY, paths, options=options, console=console).destroy()
        _conclude(outcome, console, report_dir)


@main.command()
@click.argument("stack", required=False)
def down(stack: str | None) -> None:
    """Stop the control plane of STACK, or of every stack. What was made stays on disk."""
    names = [_stack(stack).name] if stack else REPOSITORY.rehearsed_stacks()
    for name in names:
        paths = REPOSITORY.stack(name)
        try:
            with _occupied(paths):
                end_leftovers(paths)
                ControlPlane(paths.directory).stop()
        except ControlPlaneError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{name}: stopped")


@main.command()
@STACK
def kubeconfig(stack: str) -> None:
    """Print the path of a kubeconfig for the control plane that `up --keep` left running."""
    try:
        click.echo(ControlPlane(_stack(stack).directory).attach())
    except ControlPlaneError as error:
        raise click.ClickException(
            f"{error}; start it with `python -m rehearsal up {stack} --keep`"
        ) from error


@main.command(context_settings={"ignore_unknown_options": True})
@STACK
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def pulumi(stack: str, arguments: Sequence[str]) -> None:
    """Run any Pulumi command in the rehearsal's environment: `pulumi STACK -- stack export`."""
    paths = _stack(stack)
    try:
        with _occupied(paths):
            engine = Rehearsal(REPOSITORY, paths, options=Options(), console=Console()).engine()
            code = engine.run(arguments)
    except (EngineError, PluginError, ScratchProjectError, ToolchainError) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(code)


def _stack(name: str) -> StackPaths:
    if name not in REPOSITORY.committed_stacks():
        known = ", ".join(REPOSITORY.committed_stacks())
        raise click.ClickException(
            f"stack {name!r}: there is no stacks/Pulumi.{name}.yaml; the stacks are: {known}"
        )
    return REPOSITORY.stack(name)


def _faults(texts: Sequence[str]) -> list[faults.Fault]:
    try:
        return [faults.parse(text) for text in texts]
    except faults.InvalidFaultError as error:
        raise click.ClickException(str(error)) from error


def _plugins(texts: Sequence[str]) -> dict[str, Path]:
    try:
        return parse_named(texts)
    except PluginError as error:
        raise click.ClickException(str(error)) from error


def _conclude(outcome: Outcome, console: Console, report_dir: Path | None) -> None:
    report.show(outcome, console)
    if report_dir is not None:
        report.save(outcome, report_dir)
    if not outcome.complete:
        sys.exit(1)


@contextmanager
def _occupied(paths: StackPaths) -> Iterator[None]:
    try:
        with world.occupied(paths):
            yield
    except world.WorldBusyError as error:
        raise click.ClickException(str(error)) from error
