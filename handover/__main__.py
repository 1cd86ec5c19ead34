"""``python -m handover STACK --out DIR``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from handover.environment import Written, write
from handover.errors import HandoverError
from handover.outputs import from_file, from_pulumi

_ROOT = Path(__file__).resolve().parent.parent


@click.command()
@click.argument("stack")
@click.option(
    "--out",
    "directory",
    required=True,
    type=click.Path(path_type=Path),
    help="Directory to write: Tutor's root. New, empty, or an earlier hand-over's.",
)
@click.option(
    "--cwd",
    default=_ROOT,
    show_default="this repository",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where to run pulumi.",
)
@click.option(
    "--outputs",
    "file",
    help="Take the outputs from this file ('-': standard input), as written by "
    "`pulumi stack output --json --show-secrets`, instead of running pulumi.",
)
def main(stack: str, directory: Path, cwd: Path, file: str | None) -> None:
    """Write the Tutor environment of STACK: configuration, secrets and one plugin."""
    try:
        outputs = from_file(file) if file else from_pulumi(stack, cwd=cwd)
        written = write(outputs, directory)
    except (HandoverError, OSError) as error:
        click.echo(f"hand-over of {stack}: {error}", err=True)
        sys.exit(1)
    click.echo("\n".join([*_told(written, outputs), *_next(written, stack, cwd)]))


def _told(written: Written, outputs: Mapping[str, Any]) -> list[str]:
    tutor = outputs["tutor"]
    lines = [
        f"{written.config} and {written.plugin.relative_to(written.root)} are written.",
        str(tutor.get("uwsgi", {}).get("note", "")),
        f"Left as they were: {', '.join(written.kept)}." if written.kept else "",
        *(f"Note: {note}." for note in tutor.get("notes", ())),
        f"\nNext, with Tutor {tutor.get('version', '')}:".replace(" :", ":"),
    ]
    return [line for line in lines if line]


def _next(written: Written, stack: str, cwd: Path) -> list[str]:
    """Commands that can be pasted as they are: no secret on the screen or in others' reach."""
    root, plugins = shlex.quote(str(written.root)), shlex.quote(str(written.plugins_root))
    where = "" if cwd.samefile(Path.cwd()) else f"--cwd {shlex.quote(str(cwd.absolute()))} "
    return [
        "  umask 077",
        f"  export TUTOR_ROOT={root} TUTOR_PLUGINS_ROOT={plugins}",
        f"  pulumi {where}stack output kubeconfig --show-secrets --stack {shlex.quote(stack)} "
        '> "$TUTOR_ROOT/kubeconfig"',
        '  export KUBECONFIG="$TUTOR_ROOT/kubeconfig"',
        "  tutor config save",
        '  kubectl kustomize "$TUTOR_ROOT/env" > "$TUTOR_ROOT/manifests.yml"',
        "  tutor k8s launch --non-interactive",
        "manifests.yml is what the last command applies, secrets included.",
    ]


if __name__ == "__main__":
    main()
