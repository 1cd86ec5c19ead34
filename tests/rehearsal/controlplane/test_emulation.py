"""The control plane offers the stack's Kubernetes release where its own can emulate it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.controlplane import Binaries, ControlPlane
from rehearsal.controlplane.components import emulation
from rehearsal.stack_settings import kubernetes_version


@pytest.mark.parametrize(
    ("wanted", "flags"),
    [
        ("1.34.1", ["--emulated-version=1.34"]),
        ("v1.33.0", ["--emulated-version=1.33"]),
        ("1.36.0", []),
        ("1.37.0", []),
        ("1.32.9", []),
        ("2.34.1", []),
        ("nonsense", []),
        (None, []),
    ],
)
def test_releases_that_can_be_emulated(wanted: str | None, flags: list[str]) -> None:
    assert emulation(wanted, "v1.36.3") == flags


def test_the_api_server_says_what_it_emulates(binaries: Binaries, tmp_path: Path) -> None:
    plane = ControlPlane(tmp_path, binaries, emulation=emulation("1.34.1", "v1.36.3"))
    plane.start()
    try:
        assert plane.kubernetes_version() == "v1.36.3 as 1.34"
    finally:
        plane.stop()


def test_the_version_is_read_from_the_stack_file(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.a.yaml"
    assert kubernetes_version(file) is None
    file.write_text("config: {openedx-large:platform: {cluster: {kubernetes: 1.34.1}}}")
    assert kubernetes_version(file) == "1.34.1"
    file.write_text("config: {openedx-large:platform: [")
    assert kubernetes_version(file) is None
    file.write_text("config: []")
    assert kubernetes_version(file) is None
