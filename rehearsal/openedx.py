"""Open edX in a rehearsal: handed over, rendered by real Tutor, applied as Tutor applies it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from rehearsal.paths import ProjectPaths, StackPaths

_NOT_JOBS = "app.kubernetes.io/component!=job"
"""What `tutor k8s start` applies; the jobs are started one by one by `tutor k8s init`."""

Manifest = Mapping[str, Any]


class OpenEdxError(Exception):
    """The hand-over, Tutor or kubectl refused; the text is theirs."""


def hand_over(
    outputs: Mapping[str, Any], project: ProjectPaths, stack: StackPaths
) -> list[Manifest]:
    """Hand the stack's outputs over to Tutor and let Tutor render them: the command and the
    programs that a user runs.

    Raises:
        OpenEdxError: one of them failed.
    """
    command = (sys.executable, "-m", "handover", stack.name, "--out", str(stack.tutor))
    _run(
        [*command, "--outputs", "-"],
        cwd=project.root,
        text=json.dumps(outputs),
    )
    render(stack.tutor, project.tutor_executable)
    return manifests(project.venv_bin / "kubectl", stack.tutor / "env")


def render(tutor_root: Path, tutor_bin: Path) -> None:
    """Let Tutor write its environment, ``env/`` below ``tutor_root``.

    Raises:
        OpenEdxError: Tutor failed.
    """
    # A TUTOR_ variable outside would override the configuration.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("TUTOR_")}
    _run(
        [str(tutor_bin), "config", "save"],
        environment={
            **outside,
            "TUTOR_ROOT": str(tutor_root),
            "TUTOR_PLUGINS_ROOT": str(tutor_root / "plugins"),
        },
    )


def manifests(kubectl: Path, env_dir: Path) -> list[Manifest]:
    """Every object of a rendered environment, as kustomize builds it.

    Raises:
        OpenEdxError: kustomize refused.
    """
    text = _run([str(kubectl), "kustomize", str(env_dir)])
    return [document for document in yaml.safe_load_all(text) if document]


def apply(project: ProjectPaths, stack: StackPaths, kubeconfig: Path) -> None:
    """Apply everything but the jobs, server-side.

    Raises:
        OpenEdxError: the API server refused something; its words are in the text.
    """
    command = (str(project.venv_bin / "kubectl"), "apply", "--server-side")
    _run(
        [
            *command,
            "--field-manager=tutor",
            f"--selector={_NOT_JOBS}",
            f"--kustomize={stack.tutor / 'env'}",
        ],
        environment={**os.environ, "KUBECONFIG": str(kubeconfig)},
    )


def _run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    text: str | None = None,
) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        input=text,
        stdin=None if text is not None else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip() or done.stdout.strip()
        raise OpenEdxError(f"{Path(command[0]).name} {' '.join(command[1:3])}:\n{said}")
    return done.stdout
