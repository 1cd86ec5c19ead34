"""A layout is what lies beneath the stack file."""

from __future__ import annotations

import pytest

from components.openedx import workloads
from components.openedx.layouts import LAYOUTS, beneath


def test_what_is_said_wins_key_by_key() -> None:
    layout = {"pools": {"lms": {"nodes": 5, "shape": "A"}, "general": {"nodes": 2}}}
    assert beneath(layout, {"pools": {"lms": {"nodes": 3}}}) == {
        "pools": {"lms": {"nodes": 3, "shape": "A"}, "general": {"nodes": 2}}
    }


@pytest.mark.parametrize("said", [None, [], "text", 0, False])
def test_anything_but_a_mapping_replaces(said: object) -> None:
    assert beneath({"pools": {"lms": 1}}, {"pools": said}) == {"pools": said}


def test_neither_side_is_changed_or_shared() -> None:
    layout, said = {"a": {"b": [1]}}, {"c": {"d": [2]}}
    merged = beneath(layout, said)
    merged["a"]["b"].append(3)  # type: ignore[index]  # the values' types are the stack file's
    merged["c"]["d"].append(4)  # type: ignore[index]  # the same
    assert (layout, said) == ({"a": {"b": [1]}}, {"c": {"d": [2]}})


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_sizes_every_workload(name: str) -> None:
    openedx = LAYOUTS[name]["openedx"]
    assert isinstance(openedx, dict)
    assert set(openedx["workloads"]) == workloads.NAMES
