"""Property values as the stand-ins see them: plain Python, plus what is not known yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Final


class Unknown(Enum):
    """A value that the engine cannot know before the resource it comes from exists."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN

Scalar = None | bool | int | float | str
Value = Scalar | Unknown | Sequence["Value"] | Mapping[str, "Value"]
Properties = Mapping[str, Value]


def contains_unknown(value: Value) -> bool:
    """Whether ``value`` is unknown or holds something unknown at any depth."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(contains_unknown(item) for item in value)
    return False


def walk(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    """Every leaf of ``value`` with its property path, as the engine spells paths: ``a.b[0].c``."""
    from rehearsal.standin.paths import join, split

    def leaves(value: Value, at: tuple[str | int, ...]) -> Iterator[tuple[str, Value]]:
        if isinstance(value, Mapping):
            for key in value:
                yield from leaves(value[key], (*at, key))
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for index, item in enumerate(value):
                yield from leaves(item, (*at, index))
        else:
            yield join(at), value

    yield from leaves(value, split(path))
