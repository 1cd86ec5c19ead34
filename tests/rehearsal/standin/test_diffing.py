from __future__ import annotations

import pytest

from rehearsal.standin.diffing import structural_diff
from rehearsal.standin.provider import Change
from rehearsal.standin.values import UNKNOWN, Properties, Value


def changes(
    old: Properties, new: Properties, *replacing: str, ignore: tuple[str, ...] = ()
) -> dict[str, str]:
    diff = structural_diff(old, new, replace=lambda name: name in replacing, ignore=ignore)
    assert not diff.delete_before_replace
    return {path: change.value for path, change in diff.changes.items()}


def test_equal_inputs_do_not_differ() -> None:
    same: Properties = {"a": [1, {"b": "x"}], "c": {"d": None}, "e": 1.5}
    assert changes(same, {"a": [1, {"b": "x"}], "c": {}, "e": 1.5, "f": None}) == {}


def test_objects_are_compared_by_name_and_lists_by_place() -> None:
    old: Properties = {"a": {"b": 1, "gone": 2}, "l": [{"x": 1}, 2, 3], "same": 0}
    new: Properties = {"a": {"b": 2, "new": 3}, "l": [{"x": 2}, 2], "same": 0}
    assert changes(old, new) == {
        "a.b": "update",
        "a.gone": "delete",
        "a.new": "add",
        "l[0].x": "update",
        "l[2]": "delete",
    }


@pytest.mark.parametrize(
    ("old", "new"), [(1, True), (0, False), ("1", 1), ({"a": 1}, "a"), ([1], {"a": 1}), ("", [])]
)
def test_another_type_is_another_value(old: Value, new: Value) -> None:
    assert changes({"x": old}, {"x": new}) == {"x": "update"}


def test_a_whole_float_is_the_integer() -> None:
    assert changes({"x": 1}, {"x": 1.0}) == {}


def test_a_value_not_known_yet_is_a_change() -> None:
    assert changes({"a": 1, "b": {"c": 1}}, {"a": UNKNOWN, "b": UNKNOWN, "d": UNKNOWN}) == {
        "a": "update",
        "b": "update",
        "d": "add",
    }


def test_a_value_not_known_yet_replaces_what_cannot_change() -> None:
    assert changes({"a": 1}, {"a": UNKNOWN}, "a") == {"a": "update_replace"}


def test_an_object_not_known_yet_replaces_only_if_it_does_itself() -> None:
    assert changes({"a": {"b": 1}}, {"a": UNKNOWN}, "a.b") == {"a": "update"}


def test_what_lies_in_a_property_that_cannot_change_cannot() -> None:
    old: Properties = {"a": {"b": {"c": 1}}}
    assert changes(old, {"a": {"b": {"c": 2}}}, "a.b") == {"a.b.c": "update_replace"}


def test_list_indices_do_not_count_in_the_name_of_a_property() -> None:
    old: Properties = {"vnics": [{"subnetId": "a", "name": "x"}]}
    new: Properties = {"vnics": [{"subnetId": "b", "name": "y"}]}
    assert changes(old, new, "vnics.subnetId") == {
        "vnics[0].subnetId": "update_replace",
        "vnics[0].name": "update",
    }


@pytest.mark.parametrize("kind", ["add", "delete"])
def test_what_comes_or_goes_takes_its_content_along(kind: str) -> None:
    there: Properties = {"source": [{"imageId": "x", "size": 1}]}
    old, new = ({}, there) if kind == "add" else (there, {})
    assert changes(old, new, "source.imageId") == {"source": f"{kind}_replace"}
    assert changes(old, new, "source.other") == {"source": kind}


def test_names_that_need_quotes() -> None:
    old: Properties = {"labels": {"a/b": "1"}}
    assert changes(old, {"labels": {"a/b": "2"}}, 'labels["a/b"]') == {
        'labels["a/b"]': "update_replace"
    }


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ("tags", {"size", "parts[0].name", "parts[1].name"}),
        ("tags.a", {"size", "parts[0].name", "parts[1].name"}),
        ("parts[0]", {"size", "tags.a", "parts[1].name"}),
        ("parts[*].name", {"size", "tags.a"}),
        ("siz", {"size", "tags.a", "parts[0].name", "parts[1].name"}),
    ],
)
def test_ignored_paths(ignore: str, left: set[str]) -> None:
    old: Properties = {"size": 1, "tags": {"a": 1}, "parts": [{"name": 1}, {"name": 1}]}
    new: Properties = {"size": 2, "tags": {"a": 2}, "parts": [{"name": 2}, {"name": 2}]}
    assert set(changes(old, new, ignore=(ignore,))) == left


def test_kinds_pair_up() -> None:
    replacing = {Change.ADD_REPLACE, Change.DELETE_REPLACE, Change.UPDATE_REPLACE}
    diff = structural_diff({"a": 1, "b": 1}, {"b": 2, "c": 1}, replace=lambda name: True, ignore=())
    assert set(diff.changes.values()) == replacing
