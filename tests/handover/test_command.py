"""``python -m handover``: reads Pulumi's outputs, says what comes next, and tells no secret."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from components.openedx import tutor
from handover.__main__ import main
from tests.handover.outputs import outputs, secrets


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=text)


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ``pulumi`` that answers from a file beside it and keeps how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "pulumi"
    script.write_text(
        "#!/bin/sh\n"
        f'echo "$PWD $*" > {folder}/called\n'
        f"[ -e {folder}/answer ] && cat {folder}/answer && exit 0\n"
        "echo \"error: no stack named 'oci-jeddah' found\" >&2\n"
        "exit 255\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_it_asks_pulumi_for_the_stacks_outputs(pulumi: Path, tmp_path: Path) -> None:
    (pulumi / "answer").write_text(json.dumps(outputs()))
    project = tmp_path / "project"
    project.mkdir()
    done = run("oci-jeddah", "--out", str(tmp_path / "tutor"), "--cwd", str(project))
    assert done.exit_code == 0, done.output
    assert (pulumi / "called").read_text().strip() == (
        f"{project} stack output --json --show-secrets --stack oci-jeddah"
    )
    assert (tmp_path / "tutor" / "config.yml").exists()


def test_it_says_what_comes_next_and_no_secret(tmp_path: Path) -> None:
    root = tmp_path / "with space"
    done = run("oci-jeddah", "--out", str(root), "--outputs", "-", text=json.dumps(outputs()))
    assert done.exit_code == 0
    for words in (
        f"export TUTOR_ROOT='{root}' TUTOR_PLUGINS_ROOT='{root}/plugins'",
        "  umask 077\n",
        "tutor config save",
        "  tutor k8s launch --non-interactive\n",
        "Note: no mail leaves: set openedx.smtp.\n",
        f"Tutor {tutor.VERSION}",
        "25 on the whole site",
    ):
        assert words in done.output
    assert not any(secret in done.output for secret in secrets().values())


def test_what_comes_next_can_be_pasted_and_shows_no_secret(
    pulumi: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell runs it, with programs that print secrets where they are asked to print."""
    (pulumi / "answer").write_text(json.dumps(outputs()))
    project, root = tmp_path / "pro ject", tmp_path / "with space"
    project.mkdir()
    told = run("a stack", "--out", str(root), "--cwd", str(project)).output
    monkeypatch.setenv("PATH", f"{pulumi}:/usr/bin:/bin")
    for name in ("kubectl", "tutor"):
        program = pulumi / name
        program.write_text(
            f'#!/bin/sh\necho "$KUBECONFIG|$*" >> {pulumi}/{name}-called\n'
            + ("echo canary0x\n" if name == "kubectl" else "")
        )
        program.chmod(0o755)
    pasted = "".join(line for line in told.splitlines(keepends=True) if line.startswith("  "))
    done = subprocess.run(
        ["sh", "-eu", "-c", pasted], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert (pulumi / "called").read_text().strip() == (
        f"{tmp_path} --cwd {project} stack output kubeconfig --show-secrets --stack a stack"
    )
    for file in ("kubeconfig", "manifests.yml"):
        assert (root / file).stat().st_mode & 0o777 == 0o600
        assert (root / file).read_text()
    kubeconfig = f"{root}/kubeconfig"
    assert (pulumi / "kubectl-called").read_text() == f"{kubeconfig}|kustomize {root}/env\n"
    assert (pulumi / "tutor-called").read_text() == (
        f"{kubeconfig}|config save\n{kubeconfig}|k8s launch --non-interactive\n"
    )


def test_pulumi_needs_no_directory_where_it_already_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ("--out", "tutor", "--outputs", "-", "--cwd", ".")
    done = run("oci-jeddah", *arguments, text=json.dumps(outputs()))
    assert "  pulumi stack output kubeconfig --show-secrets --stack oci-jeddah > " in done.output


def test_outputs_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "outputs.json").write_text(json.dumps(outputs()))
    done = run("any", "--out", str(tmp_path / "tutor"), "--outputs", str(tmp_path / "outputs.json"))
    assert done.exit_code == 0


def test_pulumis_own_words_when_it_refuses(pulumi: Path, tmp_path: Path) -> None:
    done = run("oci-jeddah", "--out", str(tmp_path / "tutor"))
    assert done.exit_code == 1
    assert "no stack named 'oci-jeddah' found" in done.output
    assert not (tmp_path / "tutor").exists()
    assert (pulumi / "called").exists()


def test_no_pulumi_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("oci-jeddah", "--out", str(tmp_path / "tutor"))
    assert done.exit_code == 1
    assert done.output.strip() == "hand-over of oci-jeddah: pulumi is not on the PATH"


@pytest.mark.parametrize("text", ["", "not JSON canary0x", "[1]", '"canary0x"'])
def test_a_file_that_is_something_else_is_not_repeated(tmp_path: Path, text: str) -> None:
    done = run("oci-jeddah", "--out", str(tmp_path / "tutor"), "--outputs", "-", text=text)
    assert done.exit_code == 1
    assert "not a stack's outputs" in done.output
    assert "canary" not in done.output


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = run("x", "--out", str(tmp_path / "tutor"), "--outputs", str(tmp_path / "none.json"))
    assert done.exit_code == 1
    assert "cannot be read" in done.output
    assert "Traceback" not in done.output
