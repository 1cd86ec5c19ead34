"""The engine's project says what the committed one says, and keeps what the engine adds."""

from pathlib import Path

import pytest
import yaml

from rehearsal.engine import scratch
from rehearsal.paths import StackPaths
from tests.rehearsal.engine.conftest import Fixture


def refreshed(project: Fixture) -> tuple[StackPaths, tuple[scratch.ConfigPath, ...]]:
    stack = project.paths.stack("dev")
    return stack, scratch.refresh(project.paths, stack)


def test_the_program_and_its_python_are_the_committed_ones(project: Fixture) -> None:
    project.paths.project_file.write_text(
        """
name: fixture
runtime: {name: python, options: {toolchain: pip, virtualenv: env}}
main: program
backend: {url: "https://api.pulumi.com"}
stackConfigDir: stacks
"""
    )
    stack, _ = refreshed(project)
    settings = yaml.safe_load((stack.project / "Pulumi.yaml").read_text())
    assert settings == {
        "name": "fixture",
        "runtime": {
            "name": "python",
            "options": {"toolchain": "pip", "virtualenv": str(project.paths.root / "env")},
        },
        "main": "../../../program",
        "stackConfigDir": "stacks",
    }
    assert (stack.project / settings["main"]).resolve() == project.paths.root / "program"


def test_the_copy_is_the_committed_text(project: Fixture) -> None:
    # `on` is a boolean for PyYAML and a string for the engine: it must not be written anew.
    project.settings("config:\n  fixture:protection: on # why\n  fixture:version: 1.30\n")
    stack, missing = refreshed(project)
    assert stack.settings_copy.read_text() == project.paths.stack_file("dev").read_text()
    assert missing == ()


def test_the_salt_of_the_engine_stays_while_the_settings_change(project: Fixture) -> None:
    stack, _ = refreshed(project)
    salt = "encryptionsalt: v1:abc=:v1:def:ghi==\n"
    stack.settings_copy.write_text(stack.settings_copy.read_text() + salt)
    project.settings("config:\n  fixture:greeting: changed\n")
    refreshed(project)
    assert stack.settings_copy.read_text() == f"config:\n  fixture:greeting: changed\n{salt}"


SECRETS = """\
secretsprovider: awskms://alias/theirs
encryptedkey: theirs
encryptionsalt: v1:theirs
config:
  fixture:password:
    secure: v1:theirs:1
  fixture:nested:
    users:
    - name: a
      token: {secure: "v1:theirs:2"}
  fixture:open: secure
"""


def test_secrets_of_the_committed_file_are_missing_and_their_key_is_not_asked_for(
    project: Fixture,
) -> None:
    project.settings(SECRETS)
    stack, missing = refreshed(project)
    assert missing == (("fixture:password",), ("fixture:nested", "users", 0, "token"))
    text = stack.settings_copy.read_text()
    assert "theirs" not in text
    assert "secretsprovider" not in text
    settings = yaml.safe_load(text)
    assert settings["config"]["fixture:open"] == "secure"
    assert settings["config"]["fixture:nested"]["users"][0]["name"] == "a"


def test_secrets_that_were_replaced_once_are_kept(project: Fixture) -> None:
    project.settings(SECRETS)
    stack, _ = refreshed(project)
    ours = yaml.safe_load(stack.settings_copy.read_text())
    ours["config"]["fixture:password"]["secure"] = "v1:ours:1"
    stack.settings_copy.write_text(yaml.safe_dump({**ours, "encryptionsalt": "v1:ours"}))
    _, missing = refreshed(project)
    again = yaml.safe_load(stack.settings_copy.read_text())
    assert again["config"]["fixture:password"] == {"secure": "v1:ours:1"}
    assert again["encryptionsalt"] == "v1:ours"
    assert missing == ()


def test_a_stack_without_a_file_is_refused_with_those_that_have_one(project: Fixture) -> None:
    with pytest.raises(scratch.ScratchProjectError, match=r"Pulumi\.prod\.yaml .* stacks are: dev"):
        scratch.refresh(project.paths, project.paths.stack("prod"))


def test_a_folder_without_a_project_is_refused(project: Fixture) -> None:
    project.paths.project_file.unlink()
    with pytest.raises(scratch.ScratchProjectError, match=r"Pulumi\.yaml does not exist"):
        refreshed(project)


@pytest.mark.parametrize(
    ("text", "where_and_what"),
    [
        ("config:\n  fixture:a: [1, 2\n", r":3:1: .*flow sequence.*expected ',' or '\]'"),
        ("config:\n\tfixture:a: 1\n", r":2:1: .*cannot start any token"),
        ("config:\n  fixture:a: \x07\n", r": .*special characters"),
    ],
)
def test_a_file_that_is_no_yaml_is_named_with_the_line(
    project: Fixture, text: str, where_and_what: str
) -> None:
    good = project.paths.stack_file("dev").read_text()
    project.settings(text)
    with pytest.raises(scratch.ScratchProjectError, match=rf"Pulumi\.dev\.yaml{where_and_what}"):
        refreshed(project)
    project.settings(good)
    project.paths.project_file.write_text(text)
    with pytest.raises(scratch.ScratchProjectError, match=rf"Pulumi\.yaml{where_and_what}"):
        refreshed(project)


def test_a_file_in_another_encoding_is_named(project: Fixture) -> None:
    project.paths.stack_file("dev").write_bytes("config: {fixture:a: é}".encode("latin-1"))
    with pytest.raises(scratch.ScratchProjectError, match=r"Pulumi\.dev\.yaml: .*utf-8"):
        refreshed(project)


@pytest.mark.parametrize("text", ["", "- a\n", "name: fixture\n"])
def test_a_project_file_without_a_runtime_is_refused(project: Fixture, text: str) -> None:
    project.paths.project_file.write_text(text)
    with pytest.raises(scratch.ScratchProjectError, match=r"Pulumi\.yaml says no `runtime`"):
        refreshed(project)


def test_nothing_is_written_when_nothing_changes(project: Fixture) -> None:
    stack, _ = refreshed(project)
    before = {path: path.stat().st_ino for path in files(stack.project)}
    refreshed(project)
    assert {path: path.stat().st_ino for path in files(stack.project)} == before


def files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())
