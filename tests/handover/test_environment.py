"""The hand-over writes all or nothing, for its owner's eyes only, and loses nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from handover import HandoverError, write
from handover.environment import RECORD
from tests.handover.outputs import outputs, secrets


def config_in(root: Path) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((root / "config.yml").read_text())
    return config


def everything_in(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_it_writes_a_configuration_a_plugin_and_its_record(tmp_path: Path) -> None:
    done = write(outputs(), tmp_path / "tutor")
    assert set(everything_in(tmp_path / "tutor")) == {
        "config.yml",
        "plugins/openedx-large.yml",
        RECORD,
    }
    assert done.root == tmp_path / "tutor"
    assert done.plugins_root == tmp_path / "tutor" / "plugins"
    assert done.kept == []
    plugin = yaml.safe_load(done.plugin.read_text())
    assert plugin == outputs()["tutor"]["plugin"]


def test_placeholders_become_secrets(tmp_path: Path) -> None:
    write(outputs(), tmp_path)
    config = config_in(tmp_path)
    for key, secret in secrets().items():
        assert config[key] == secret.rstrip("\n")
    assert "${secret:" not in (tmp_path / "config.yml").read_text()
    assert config["OPENEDX_LMS_UWSGI_WORKERS"] == 5
    assert config["ENABLE_WEB_PROXY"] is False


def test_secrets_are_in_the_configuration_only(tmp_path: Path) -> None:
    write(outputs(), tmp_path)
    for name, content in everything_in(tmp_path).items():
        holds = any(secret.encode() in content for secret in secrets().values())
        assert holds == (name == "config.yml")


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(outputs(), tmp_path / "tutor")
    finally:
        os.umask(before)
    for path in (tmp_path / "tutor", tmp_path / "tutor" / "plugins"):
        assert path.stat().st_mode & 0o777 == 0o700
    for path in (tmp_path / "tutor").rglob("*"):
        if path.is_file():
            assert path.stat().st_mode & 0o777 == 0o600


def test_an_existing_empty_directory_is_closed_to_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    write(outputs(), tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_the_same_outputs_give_the_same_files(tmp_path: Path) -> None:
    write(outputs(), tmp_path)
    first = everything_in(tmp_path)
    write(outputs(), tmp_path)
    assert everything_in(tmp_path) == first


def test_what_tutor_and_the_operator_added_stays(tmp_path: Path) -> None:
    write(outputs(), tmp_path)
    config = config_in(tmp_path)
    config |= {"PLUGIN_INDEXES": ["https://example.com"], "SMTP_HOST": "mail.example.com"}
    config["PLUGINS"].append("notes")
    config["LMS_HOST"] = "changed.example.com"
    (tmp_path / "config.yml").write_text(yaml.safe_dump(config))
    done = write(outputs(), tmp_path)
    again = config_in(tmp_path)
    assert done.kept == ["PLUGIN_INDEXES", "SMTP_HOST"]
    assert again["SMTP_HOST"] == "mail.example.com"
    assert again["PLUGINS"] == ["mfe", "openedx-large", "notes"]
    assert again["LMS_HOST"] == "learn.example.com"


def test_a_key_that_the_stack_no_longer_decides_goes(tmp_path: Path) -> None:
    wide = outputs()
    wide["tutor"]["config"]["MYSQL_HOST"] = "heatwave.example.com"
    write(wide, tmp_path)
    assert config_in(tmp_path)["MYSQL_HOST"] == "heatwave.example.com"
    done = write(outputs(), tmp_path)
    assert "MYSQL_HOST" not in config_in(tmp_path)
    assert done.kept == []


def test_a_directory_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("LMS_HOST: theirs\n")
    tmp_path.chmod(0o755)
    with pytest.raises(HandoverError, match="not empty and not a hand-over's"):
        write(outputs(), tmp_path)
    assert everything_in(tmp_path) == {"config.yml": b"LMS_HOST: theirs\n"}
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_file_instead_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(HandoverError, match="name a directory"):
        write(outputs(), tmp_path / "file")


@pytest.mark.parametrize("damage", ["[1, 2]", "{", "text"])
def test_a_damaged_configuration_is_left_alone(tmp_path: Path, damage: str) -> None:
    write(outputs(), tmp_path)
    (tmp_path / "config.yml").write_text(damage)
    before = everything_in(tmp_path)
    with pytest.raises(HandoverError, match="damaged"):
        write(outputs(), tmp_path)
    assert everything_in(tmp_path) == before


def test_a_record_without_a_configuration_is_an_interrupted_hand_over(tmp_path: Path) -> None:
    write(outputs(), tmp_path)
    (tmp_path / "config.yml").unlink()
    write(outputs(), tmp_path)
    assert config_in(tmp_path)["LMS_HOST"] == "learn.example.com"


def _without(name: str) -> Callable[[dict[str, Any]], None]:
    def change(of: dict[str, Any]) -> None:
        del of[name]

    return change


def _secret_lacking(of: dict[str, Any]) -> None:
    del of["tutor_secrets"]["MYSQL_ROOT_PASSWORD"]


def _secret_empty(of: dict[str, Any]) -> None:
    of["tutor_secrets"]["MYSQL_ROOT_PASSWORD"] = ""


def _secrets_hidden(of: dict[str, Any]) -> None:
    of["tutor_secrets"] = "[secret]"


def _placeholder_inside(of: dict[str, Any]) -> None:
    of["tutor"]["config"]["URL"] = "redis://:${secret:MYSQL_ROOT_PASSWORD}@redis"


def _placeholder_in_a_list(of: dict[str, Any]) -> None:
    of["tutor"]["config"]["PLUGINS"] = ["${secret:MYSQL_ROOT_PASSWORD}"]


def _placeholder_in_the_plugin(of: dict[str, Any]) -> None:
    of["tutor"]["plugin"]["patches"]["k8s-override"] = "${secret:MYSQL_ROOT_PASSWORD}"


def _no_plugin(of: dict[str, Any]) -> None:
    del of["tutor"]["plugin"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without("tutor"), "no output tutor: run `pulumi up` first"),
        (_without("tutor_secrets"), "no output tutor_secrets: run `pulumi up` first"),
        (_secret_lacking, "tutor_secrets lacks MYSQL_ROOT_PASSWORD"),
        (_secret_empty, "tutor_secrets lacks MYSQL_ROOT_PASSWORD"),
        (_secrets_hidden, "--show-secrets"),
        (_placeholder_inside, "URL: a placeholder must be the whole value"),
        (_placeholder_in_a_list, "PLUGINS: a placeholder must be the whole value"),
        (_placeholder_in_the_plugin, "secrets go in the config"),
        (_no_plugin, "no config or no plugin"),
    ],
)
def test_outputs_that_cannot_be_handed_over(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    of = outputs()
    change(of)
    with pytest.raises(HandoverError) as raised:
        write(of, tmp_path / "tutor")
    assert words in str(raised.value)
    assert not any(secret in str(raised.value) for secret in secrets().values())
    assert not (tmp_path / "tutor").exists()


def test_a_failure_while_writing_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(outputs(), tmp_path)
    before = everything_in(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    changed = outputs()
    changed["tutor"]["config"]["LMS_HOST"] = "new.example.com"
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(changed, tmp_path)
    assert everything_in(tmp_path) == before


def test_the_record_names_keys_and_no_values(tmp_path: Path) -> None:
    write(outputs(), tmp_path)
    record = json.loads((tmp_path / RECORD).read_text())
    assert record == {"keys": sorted(outputs()["tutor"]["config"])}
