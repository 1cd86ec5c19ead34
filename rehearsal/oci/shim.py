"""Stands in for the OCI command line where kubeconfigs call it: ``generate-token``, no more."""

from __future__ import annotations

import json
import os
import shlex
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from rehearsal.oci.access import access
from rehearsal.paths import REPOSITORY, STACK_DIR_VARIABLE, StackPaths
from rehearsal.standin.provider import CloudError

NAME = "oci"


def install_shims(stack_dir: Path) -> Path:
    """Write the ``oci`` executable of a stack; returns the folder to put first on ``PATH``."""
    paths = StackPaths(stack_dir.resolve())
    paths.bin.mkdir(parents=True, exist_ok=True)
    shim = paths.bin / NAME
    shim.write_text(
        "#!/bin/sh\n"
        "# Answers for the OCI command line in a rehearsal: it signs in to nothing.\n"
        f"export {STACK_DIR_VARIABLE}={shlex.quote(str(paths.directory))}\n"
        f"export PYTHONPATH={shlex.quote(str(REPOSITORY.root))}\n"
        f'exec {shlex.quote(sys.executable)} -m rehearsal.oci.shim "$@"\n',
        encoding="utf-8",
    )
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    return paths.bin


@click.group(name=NAME)
def main() -> None:
    """The one OCI command that a rehearsal needs."""


@main.group()
def ce() -> None:
    """Container Engine."""


@ce.group()
def cluster() -> None:
    """Clusters."""


@cluster.command("generate-token")
@click.option("--cluster-id", required=True)
@click.option("--region", required=True)
def generate_token(cluster_id: str, region: str) -> None:
    """Print an ExecCredential for the embedded API server."""
    try:
        found = access(StackPaths.from_environment(os.environ))
    except (CloudError, RuntimeError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        json.dumps(
            {
                "apiVersion": "client.authentication.k8s.io/v1beta1",
                "kind": "ExecCredential",
                "status": {"token": found.token},
            }
        )
    )


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    main(list(arguments) if arguments is not None else None, prog_name=NAME)


if __name__ == "__main__":
    run()
