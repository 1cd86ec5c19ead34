from __future__ import annotations

from rehearsal.standin.paths import Path
from rehearsal.standin.secrecy import of_inputs, of_outputs
from rehearsal.standin.values import Properties
from rehearsal.standin.wire import Decoded


def kept(returned: Properties, given: Properties, *secrets: Path) -> set[Path]:
    return of_inputs(returned, Decoded(given, frozenset(secrets)))


def test_what_was_secret_stays_secret_in_its_place() -> None:
    given: Properties = {"a": {"b": "hush", "c": 1}}
    assert kept({"a": {"b": "hush", "c": 1}, "d": 2}, given, ("a", "b")) == {("a", "b")}


def test_a_changed_value_stays_secret() -> None:
    assert kept({"a": {"b": "aHVzaA=="}}, {"a": {"b": "hush"}}, ("a", "b")) == {("a", "b")}


def test_in_a_list_the_element_stays_secret_when_only_its_neighbours_change() -> None:
    given: Properties = {"env": [{"name": "A", "value": "hush"}, {"name": "B"}]}
    returned: Properties = {"env": [{"name": "A", "value": "hush", "d": 0}, {"name": "C"}]}
    assert kept(returned, given, ("env", 0, "value")) == {("env", 0, "value")}


def test_a_list_that_was_reordered_or_resized_is_secret_as_a_whole() -> None:
    given: Properties = {"a": {"l": ["hush", "x"]}}
    assert kept({"a": {"l": ["x", "hush"]}}, given, ("a", "l", 0)) == {("a", "l")}
    assert kept({"a": {"l": ["hush", "x", "y"]}}, given, ("a", "l", 0)) == {("a", "l")}


def test_what_enclosed_a_secret_that_was_moved_is_secret() -> None:
    given: Properties = {"a": {"stringData": {"k": "hush"}}}
    assert kept({"a": {"data": {"k": "aHVzaA=="}}}, given, ("a", "stringData", "k")) == {("a",)}


def test_an_input_that_was_left_out_marks_nothing() -> None:
    assert kept({"b": 1}, {"a": "hush", "b": 1}, ("a",)) == set()


def test_an_input_that_was_read_is_secret_by_name() -> None:
    read: Properties = {"data": {"k": "x"}, "kind": "Secret"}
    given = Decoded({"kind": "hush"}, frozenset({("kind",)}))
    assert of_inputs(read, named={"data", "stringData"}) == {("data",)}
    assert of_inputs(read, given, named={"data"}) == {("data",), ("kind",)}


def test_outputs_are_secret_by_name_or_by_their_input() -> None:
    outputs: Properties = {"a": {"b": 1}, "token": "x", "plain": 1}
    given = Decoded({"a": {"b": 1}, "gone": 2}, frozenset({("a", "b"), ("gone",)}))
    assert of_outputs(outputs, {"token", "absent"}, given) == {("a",), ("token",)}
