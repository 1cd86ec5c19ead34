"""Declared inputs of a resource type, for stand-ins whose types are few enough to write down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from rehearsal.standin.paths import join
from rehearsal.standin.provider import CheckFailure
from rehearsal.standin.values import UNKNOWN, Properties, Scalar, Value


class Kind(Enum):
    """What an input holds, in the words of an error text."""

    BOOLEAN = "a boolean"
    INTEGER = "a whole number"
    STRING = "a string"
    STRINGS = "a map of strings"


_HOLDS: Mapping[Kind, Callable[[Value], bool]] = {
    Kind.BOOLEAN: lambda value: isinstance(value, bool),
    Kind.INTEGER: lambda value: isinstance(value, int) and not isinstance(value, bool),
    Kind.STRING: lambda value: isinstance(value, str),
    Kind.STRINGS: lambda value: (
        isinstance(value, Mapping)
        and all(isinstance(item, str) or item in (None, UNKNOWN) for item in value.values())
    ),
}


@dataclass(frozen=True)
class Input:
    """One input: its kind and limits, and what the provider takes when it is not given."""

    kind: Kind
    required: bool = False
    default: Scalar = None
    minimum: int | None = None
    choices: tuple[str, ...] = ()


def refused(declared: Mapping[str, Input], given: Properties) -> Iterator[CheckFailure]:
    """What of ``given`` does not fit the declaration. Unknown values may still turn out right."""
    for name, value in given.items():
        if name not in declared:
            known = ", ".join(declared)
            yield CheckFailure(join([name]), f"unknown input; this type takes {known}")
        elif value is not None and value is not UNKNOWN:
            yield from _refused_value(name, declared[name], value)
    for name, declaration in declared.items():
        if declaration.required and given.get(name) is None:
            yield CheckFailure(name, "required and missing")


def _refused_value(name: str, declaration: Input, value: Value) -> Iterator[CheckFailure]:
    if not _HOLDS[declaration.kind](value):
        yield CheckFailure(name, f"must be {declaration.kind.value}")
    elif declaration.choices and value not in declaration.choices:
        yield CheckFailure(name, f"must be one of {', '.join(declaration.choices)}, got {value}")
    elif declaration.minimum is not None and isinstance(value, int) and value < declaration.minimum:
        yield CheckFailure(name, f"must be at least {declaration.minimum}, got {value}")


def with_defaults(declared: Mapping[str, Input], given: Properties) -> dict[str, Value]:
    """The inputs as the provider takes them: defaults for what is absent, nothing that is null."""
    defaults = {name: one.default for name, one in declared.items() if one.default is not None}
    return {**defaults, **{name: value for name, value in given.items() if value is not None}}
