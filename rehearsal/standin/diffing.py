"""Structural comparison of two sets of inputs, as detailed property paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from rehearsal.standin.paths import Path, join, matches, split
from rehearsal.standin.provider import Change, Diff
from rehearsal.standin.values import UNKNOWN, Properties, Value, is_list


def structural_diff(
    old: Properties,
    new: Properties,
    *,
    replace: Callable[[str], bool],
    ignore: Sequence[str] = (),
) -> Diff:
    """Compare two sets of inputs.

    Objects are compared by name, lists by position; null is the same as absent. A value that is
    not known yet counts as changed: it may turn out the same, but a preview must not promise that.

    ``replace`` says whether a property can only change by replacement. It is asked with the
    property's name, list indices left out (``placementConfigs.subnetId``), for the changed
    property, for everything it lies in, and for everything inside it that comes or goes.

    ``ignore`` holds ``ignoreChanges`` paths (``a.b``, ``a[0]``, ``a[*].b``): what they name and
    what lies below is not compared. Raises ValueError for one that is not a property path.
    """
    ignored = [split(path) for path in ignore]
    changes: dict[str, Change] = {}
    for path, change, values in _compare(old, new, ()):
        if any(matches(path, pattern) for pattern in ignored):
            continue
        replaces = any(replace(name) for name in _names(path, values))
        changes[join(path)] = change.replacing if replaces else change
    return Diff(changes)


_Difference = tuple[Path, Change, tuple[Value, ...]]


def _compare(old: Value, new: Value, at: Path) -> Iterator[_Difference]:
    if new is UNKNOWN:
        yield at, Change.ADD if old is None else Change.UPDATE, ()
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in {**old, **new}:
            yield from _compare(old.get(key), new.get(key), (*at, key))
    elif is_list(old) and is_list(new):
        for index in range(max(len(old), len(new))):
            yield from _compare(_item(old, index), _item(new, index), (*at, index))
    elif old is None and new is not None:
        yield at, Change.ADD, (new,)
    elif new is None and old is not None:
        yield at, Change.DELETE, (old,)
    elif not _same_scalar(old, new):
        yield at, Change.UPDATE, (old, new)


def _item(items: Sequence[Value], index: int) -> Value:
    return items[index] if index < len(items) else None


def _same_scalar(old: Value, new: Value) -> bool:
    # In Python True == 1; in a property they differ.
    return old == new and isinstance(old, bool) == isinstance(new, bool)


def _names(path: Path, values: tuple[Value, ...]) -> Iterator[str]:
    """The names, without indices, of the property at ``path``, its ancestors and descendants."""
    schema: Path = ()
    for element in path:
        if isinstance(element, str):
            schema = (*schema, element)
            yield join(schema)
    for value in values:
        yield from _names_within(value, schema)


def _names_within(value: Value, schema: Path) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield join((*schema, key))
            yield from _names_within(item, (*schema, key))
    elif is_list(value):
        for item in value:
            yield from _names_within(item, schema)
