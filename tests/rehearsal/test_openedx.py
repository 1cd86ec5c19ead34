"""Open edX in a rehearsal: the programs that are run, and what is told when one refuses."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from rehearsal import openedx
from rehearsal.paths import ProjectPaths


@pytest.fixture
def project(tmp_path: Path) -> ProjectPaths:
    """A project whose ``kubectl`` keeps its arguments and its kubeconfig, then does as told."""
    project = ProjectPaths(tmp_path)
    project.venv_bin.mkdir(parents=True)
    kubectl = project.venv_bin / "kubectl"
    kubectl.write_text(
        "#!/bin/sh\n"
        f'echo "$KUBECONFIG $*" > {tmp_path}/called\n'
        f"cat {tmp_path}/says\n"
        f"[ ! -e {tmp_path}/refuses ] || {{ cat {tmp_path}/refuses >&2; exit 1; }}\n"
    )
    kubectl.chmod(kubectl.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "says").write_text("")
    return project


def test_everything_but_the_jobs_is_applied_server_side(
    project: ProjectPaths, tmp_path: Path
) -> None:
    stack = project.stack("s")
    openedx.apply(project, stack, tmp_path / "admin.kubeconfig")
    assert (tmp_path / "called").read_text().split() == [
        str(tmp_path / "admin.kubeconfig"),
        "apply",
        "--server-side",
        "--field-manager=tutor",
        "--selector=app.kubernetes.io/component!=job",
        f"--kustomize={stack.tutor / 'env'}",
    ]


def test_the_api_servers_own_words_when_it_refuses(project: ProjectPaths, tmp_path: Path) -> None:
    (tmp_path / "refuses").write_text('Deployment.apps "lms" is invalid: spec.replicas\n')
    with pytest.raises(openedx.OpenEdxError, match='"lms" is invalid'):
        openedx.apply(project, project.stack("s"), tmp_path / "admin.kubeconfig")


def test_manifests_are_kustomizes(project: ProjectPaths, tmp_path: Path) -> None:
    (tmp_path / "says").write_text("---\nkind: A\n---\n---\nkind: B\n")
    found = openedx.manifests(project.venv_bin / "kubectl", tmp_path / "env")
    assert [manifest["kind"] for manifest in found] == ["A", "B"]
