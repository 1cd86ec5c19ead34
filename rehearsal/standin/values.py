"""Property values as the stand-ins see them: plain Python, plus what is not known yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Final, TypeGuard

from rehearsal.standin.paths import Path, join, split


class Unknown(Enum):
    """A value that the engine cannot know before the resource it comes from exists."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN

Scalar = None | bool | int | float | str
Value = Scalar | Unknown | Sequence["Value"] | Mapping[str, "Value"]
Properties = Mapping[str, Value]


def is_list(value: Value) -> TypeGuard[Sequence[Value]]:
    """Whether ``value`` is a list (text is not)."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def contains_unknown(value: Value) -> bool:
    """Whether ``value`` is unknown or holds something unknown at any depth."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    if is_list(value):
        return any(contains_unknown(item) for item in value)
    return False


def walk(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    """Every leaf of ``value`` with its property path, as the engine spells paths: ``a.b[0].c``."""
    return ((join(at), leaf) for at, leaf in _leaves(value, split(path)))


def _leaves(value: Value, at: Path) -> Iterator[tuple[Path, Value]]:
    if isinstance(value, Mapping):
        for key in value:
            yield from _leaves(value[key], (*at, key))
    elif is_list(value):
        for index, item in enumerate(value):
            yield from _leaves(item, (*at, index))
    else:
        yield at, value


def value_at(path: Path, value: Value) -> Value:
    """What lies at ``path``. Raises KeyError where it leads nowhere."""
    for element in path:
        value = _member(value, element)
    return value


def _member(value: Value, element: str | int) -> Value:
    if isinstance(element, str) and isinstance(value, Mapping):
        return value[element]
    if isinstance(element, int) and is_list(value) and element < len(value):
        return value[element]
    raise KeyError(element)
