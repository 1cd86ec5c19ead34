"""Every OCI resource type and function that the program names is simulated."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator

from rehearsal.oci.catalogue import TYPES
from rehearsal.oci.invokes import INVOKES
from rehearsal.paths import REPOSITORY


def test_the_program_asks_for_nothing_that_is_not_simulated() -> None:
    classes = {kind.sdk_class for kind in TYPES.values()}
    functions = {_python_name(token) for token in INVOKES}
    used = sorted(set(_used()))
    assert used
    for package, name in used:
        attribute = getattr(importlib.import_module(f"pulumi_oci.{package}"), name)
        if isinstance(attribute, type):
            if hasattr(attribute, "_internal_init"):
                assert f"{package}.{name}" in classes
        else:
            assert f"{package}.{name.removesuffix('_output')}" in functions


def _used() -> Iterator[tuple[str, str]]:
    """What the program takes from ``oci.<package>.<name>``."""
    for file in (REPOSITORY.root / "components").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Attribute)
                and isinstance(node.value.value, ast.Name)
                and node.value.value.id == "oci"
            ):
                yield node.value.attr, node.attr


def _python_name(token: str) -> str:
    _, module, name = token.split(":")
    spelled = "".join(f"_{it.lower()}" if it.isupper() else it for it in name)
    return f"{module.split('/')[0].lower()}.{spelled}"
