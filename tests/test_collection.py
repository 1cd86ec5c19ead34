"""Every test file is collected, and the rooms keep to themselves."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("components", "handover", "rehearsal")


def test_every_file_with_tests_has_a_name_that_pytest_collects() -> None:
    hidden = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if not path.name.startswith("test_")
        and re.search(r"^\s*(async )?def test_", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert hidden == []


def test_every_folder_with_tests_is_a_package() -> None:
    """Two test modules of the same name would otherwise hide each other."""
    bare = [
        str(path.parent.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if not (path.parent / "__init__.py").exists()
    ]
    assert bare == []


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def importing(folder: str, *forbidden: str) -> list[str]:
    return sorted(
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).rglob("*.py")
        for name in imports(path)
        if any(name == room or name.startswith(f"{room}.") for room in forbidden)
    )


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("components", ("rehearsal", "policies", "handover", "tests")),
        ("handover", ("rehearsal", "policies", "tests")),
        ("rehearsal", ("policies", "tests")),
        ("components/openedx", ("components.oci", "components.platform")),
        ("components/ground", ("components.oci", "components.platform")),
        ("components/oci", ("components.platform", "components.openedx")),
    ],
)
def test_rooms_do_not_import_what_they_must_not_know(
    folder: str, forbidden: tuple[str, ...]
) -> None:
    assert importing(folder, *forbidden) == []


def test_the_program_cannot_tell_a_rehearsal_from_the_cloud() -> None:
    program = [ROOT / "__main__.py", *(ROOT / "components").rglob("*.py")]
    telling = [
        str(path.relative_to(ROOT))
        for path in program
        if re.search(r"rehears", path.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert telling == []


def test_modules_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 320
    }
    assert long == {}
