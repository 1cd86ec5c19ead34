"""What real Tutor and real kustomize make of a hand-over, once for all tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from handover import write
from rehearsal import openedx
from rehearsal.paths import ProjectPaths
from tests.handover.outputs import outputs, outputs_with_relay

PROJECT = ProjectPaths(Path(__file__).parents[2])
Manifest = dict[str, Any]


@dataclass(frozen=True)
class Rendered:
    root: Path
    objects: list[Manifest]
    written_elsewhere: list[str]

    def of_kind(self, kind: str) -> dict[str, Manifest]:
        return {
            manifest["metadata"]["name"]: manifest
            for manifest in self.objects
            if manifest["kind"] == kind
        }

    def pods(self) -> dict[str, Manifest]:
        """Every pod template by kind and name."""
        return {
            f"{kind}/{name}": manifest["spec"]["template"]
            for kind in ("Deployment", "StatefulSet", "DaemonSet", "Job")
            for name, manifest in self.of_kind(kind).items()
        }

    def text(self, path: str) -> str:
        return (self.root / "env" / path).read_text()


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    return rendered_in(tmp_path_factory.mktemp("handover"), outputs())


@pytest.fixture(scope="session")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Of a stack that names a mail relay."""
    return rendered_in(tmp_path_factory.mktemp("relayed"), outputs_with_relay())


def rendered_in(base: Path, of: dict[str, Any]) -> Rendered:
    assert PROJECT.tutor_executable.exists(), (
        "Tutor is not installed: run `make` (it keeps Tutor in .venv-tutor)"
    )
    home, root = base / "home", base / "tutor"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("XDG_DATA_HOME", str(home / "data"))
        # Must not override what the stack says.
        patch.setenv("TUTOR_LMS_HOST", "ambient.example.com")
        write(of, root)
        openedx.render(root, PROJECT.tutor_executable)
        objects = openedx.manifests(PROJECT.venv_bin / "kubectl", root / "env")
    elsewhere = [str(path) for path in base.rglob("*") if not path.is_relative_to(root)]
    return Rendered(root, [dict(manifest) for manifest in objects], elsewhere)
