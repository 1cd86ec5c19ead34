"""Secrets are found wherever they stand, whole or by their longest line."""

from __future__ import annotations

from pathlib import Path

from rehearsal.plain_secrets import files_below, holding, secret_texts

KEY = "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA7bq\nshort\n-----END KEY-----"


def test_nested_secrets_are_gathered_by_their_longest_line() -> None:
    secrets = {"a": "hunter2hunter2", "b": [KEY, {"c": "tiny"}], "d": None, "e": 5}
    assert set(secret_texts(secrets)) == {"hunter2hunter2", "MIIEowIBAAKCAQEA7bq"}


def test_a_text_that_holds_one_is_named() -> None:
    texts = {"state": f"…{KEY}…", "log": "nothing", "json": KEY.replace("\n", "\\n")}
    assert holding(secret_texts([KEY]), texts) == ["json", "state"]


def test_every_file_below_a_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.bin").write_bytes(b"\xff secret")
    assert list(files_below(tmp_path)) == ["a/b.bin"]
