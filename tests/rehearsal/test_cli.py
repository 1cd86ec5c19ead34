"""The command line refuses what it cannot do, in words, before it starts anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from rehearsal import cli, world
from rehearsal.paths import ProjectPaths
from tests.rehearsal.project import STACK, a_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectPaths:
    project = a_project(tmp_path)
    monkeypatch.setattr(cli, "REPOSITORY", project)
    return project


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["up", "nowhere"], "there is no stacks/Pulumi.nowhere.yaml; the stacks are: "),
        (["up", "../etc"], "there is no stacks/Pulumi.../etc.yaml"),
        (["up", STACK, "--fault", "flood"], "known: out-of-host-capacity, throttled"),
        (["up", STACK, "--plugin", "oci=/bin/true"], "the cloud is always simulated"),
        (["up", STACK, "--plugin", "kubernetes"], "expected PACKAGE=PATH"),
        (["destroy", STACK], f"first run `python -m rehearsal up {STACK}`"),
        (["kubeconfig", STACK], f"start it with `python -m rehearsal up {STACK} --keep`"),
    ],
)
def test_a_refusal_is_one_sentence_and_nothing_is_written(
    project: ProjectPaths, arguments: list[str], words: str
) -> None:
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 1
    assert words in result.output
    assert "Traceback" not in result.output
    assert not project.stack(STACK).cloud_db.exists()


def test_a_second_rehearsal_of_a_stack_is_refused_while_one_is_under_way(
    project: ProjectPaths,
) -> None:
    with world.occupied(project.stack(STACK)):
        result = CliRunner().invoke(cli.main, ["preview", STACK])
    assert result.exit_code == 1
    assert "a rehearsal of oci-jeddah is under way" in result.output


def test_down_is_quiet_when_nothing_runs(project: ProjectPaths) -> None:
    assert CliRunner().invoke(cli.main, ["down"]).exit_code == 0
    assert CliRunner().invoke(cli.main, ["down", STACK]).exit_code == 0
