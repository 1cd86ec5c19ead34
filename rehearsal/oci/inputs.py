"""Inputs checked against what the SDK knows: names, required fields, types, enumerations."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from rehearsal.oci.schema import Property, Shape
from rehearsal.standin.provider import CheckFailure
from rehearsal.standin.values import Properties, Unknown, Value

#: Allowed values by input path without indices, such as ``nodeSourceDetails.sourceType``.
Enumerations = Mapping[str, Sequence[str]]

_INDEX = re.compile(r"\[\d+\]")


def check(
    fields: Mapping[str, Property], inputs: Properties, enumerations: Enumerations
) -> list[CheckFailure]:
    """All that is wrong with a resource's inputs; what is unknown yet is taken on trust."""
    return list(_check_object(fields, inputs, "", enumerations))


def _check_object(
    fields: Mapping[str, Property], values: Properties, path: str, enumerations: Enumerations
) -> Iterator[CheckFailure]:
    for name in values:
        if name not in fields:
            yield CheckFailure(_join(path, name), _unknown_name(name, fields))
    for name, field in fields.items():
        value = values.get(name)
        if value is None:
            if field.required:
                yield CheckFailure(_join(path, name), "this property is required and is missing")
            continue
        yield from _check_value(field.shape, value, _join(path, name), enumerations)


def _check_value(
    shape: Shape, value: Value, path: str, enumerations: Enumerations
) -> Iterator[CheckFailure]:
    if isinstance(value, Unknown) or shape.kind == "any":
        return
    if not _fits(shape.kind, value):
        yield CheckFailure(path, f"expected {_article(shape.kind)}, got {value!r}")
        return
    if isinstance(value, str):
        allowed = enumerations.get(_INDEX.sub("", path))
        if allowed is not None and value.upper() not in allowed:
            yield CheckFailure(path, f"expected one of {', '.join(allowed)}, got {value!r}")
    elif isinstance(value, Mapping):
        if shape.fields is not None:
            yield from _check_object(shape.fields, value, path, enumerations)
        elif shape.element is not None:
            for key, item in value.items():
                yield from _check_value(shape.element, item, f'{path}["{key}"]', enumerations)
    elif isinstance(value, Sequence) and shape.element is not None:
        for index, item in enumerate(value):
            yield from _check_value(shape.element, item, f"{path}[{index}]", enumerations)


def _fits(kind: str, value: Value) -> bool:
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "list":
        return isinstance(value, Sequence) and not isinstance(value, str)
    return isinstance(value, Mapping)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def _unknown_name(name: str, fields: Mapping[str, Property]) -> str:
    spelled = re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
    near = difflib.get_close_matches(spelled, fields, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(fields))}"
    return f"there is no property {name}; {hint}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
