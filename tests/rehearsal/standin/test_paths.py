from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.standin.paths import Path, join, matches, split
from rehearsal.standin.values import UNKNOWN, Properties, contains_unknown, value_at, walk

names = st.text(min_size=1).filter(lambda name: "\\" not in name)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("root", ("root",)),
        ("root.nested", ("root", "nested")),
        ("root.array[0][1].nested", ("root", "array", 0, 1, "nested")),
        ('root["key with a ."]', ("root", "key with a .")),
        ('["a \\"quoted\\" root"].nested', ('a "quoted" root', "nested")),
        ('labels["openedx-large/pool"]', ("labels", "openedx-large/pool")),
    ],
)
def test_the_engines_spelling(text: str, path: Path) -> None:
    assert split(text) == path
    assert join(path) == text


def test_wildcards_and_bare_names_with_hyphens_are_understood() -> None:
    assert split("parts[*].name") == ("parts", "*", "name")
    assert split("tags.foo-bar") == ("tags", "foo-bar")


@pytest.mark.parametrize("text", ["a[", "a[x]", 'a["b]', "a]["])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a property path"):
        split(text)


@given(st.lists(names | st.integers(min_value=0), max_size=6).map(tuple))
def test_every_path_survives_being_spelt(path: Path) -> None:
    assert split(join(path)) == path


def test_a_path_matches_what_lies_below_and_not_what_is_named_alike() -> None:
    assert matches(("a", "b", 0), ("a", "b"))
    assert matches(("a", 3, "c"), ("a", "*", "c"))
    assert not matches(("a",), ("a", "b"))
    assert not matches(("ab",), ("a",))


def test_walk_names_every_leaf() -> None:
    value: Properties = {"a": {"b.c": [1, {"d": None}]}, "e": UNKNOWN}
    assert list(walk(value)) == [('a["b.c"][0]', 1), ('a["b.c"][1].d', None), ("e", UNKNOWN)]
    assert list(walk([1], "a.b")) == [("a.b[0]", 1)]


def test_value_at_finds_or_raises() -> None:
    value = {"a": [{"b": 1}]}
    assert value_at(("a", 0, "b"), value) == 1
    for nowhere in [("a", 1), ("b",), ("a", "b"), ("a", 0, "b", "c")]:
        with pytest.raises(KeyError):
            value_at(nowhere, value)


def test_contains_unknown_looks_everywhere() -> None:
    assert contains_unknown({"a": [1, {"b": UNKNOWN}]})
    assert not contains_unknown({"a": ["unknown", None]})
