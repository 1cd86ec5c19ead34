"""How new inputs differ from old ones, and whether that can be done in place.

As terraform-provider-oci decides it: a field whose documentation does not say "(Updatable)" forces
a replacement, a nested field by its own mark; sets do not care about order; and an optional field
that is no longer given keeps the value it has, because the provider's schemas mark optional fields
as computed too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from rehearsal.oci.schema import Property, Shape
from rehearsal.standin.provider import Change
from rehearsal.standin.values import Properties, Value


def compare(
    fields: Mapping[str, Property], old: Properties, new: Properties, sets: Collection[str]
) -> dict[str, Change]:
    """The differing paths. ``sets`` names the list properties whose order means nothing."""
    return {
        path: change if in_place else change.replacing
        for path, change, in_place in _compare_object(fields, old, new, "", sets, in_place=True)
    }


def merge(old: Properties, new: Properties) -> dict[str, Value]:
    """What the cloud holds after an update: what is no longer given stays as it was."""
    merged: dict[str, Value] = dict(old)
    for name, value in new.items():
        before = old.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping) and not _is_map(name):
            merged[name] = merge(before, value)
        elif value is not None:
            merged[name] = value
    return merged


def live(asked_for: Properties, outputs: Properties) -> dict[str, Value]:
    """The inputs as they are now: for each that was given, what the cloud has in its place.

    What the cloud adds inside (a service's name beside its id) is not taken for an input.
    """
    return {
        name: _live(given, outputs[name])
        for name, given in asked_for.items()
        if outputs.get(name) is not None
    }


def _live(given: Value, now: Value) -> Value:
    if isinstance(given, Mapping) and isinstance(now, Mapping):
        return live(given, now)
    if _is_list(given) and _is_list(now) and len(_items(given)) == len(_items(now)):
        return [_live(*pair) for pair in zip(_items(given), _items(now), strict=True)]
    return now


_Difference = tuple[str, Change, bool]


def _compare_object(
    fields: Mapping[str, Property],
    old: Properties,
    new: Properties,
    path: str,
    sets: Collection[str],
    *,
    in_place: bool,
) -> Iterator[_Difference]:
    for name, field in fields.items():
        before, after = old.get(name), new.get(name)
        here = f"{path}.{name}" if path else name
        updatable = field.updatable if field.documented else in_place
        if after is None or _same(before, after, unordered=name in sets):
            continue
        if before is None:
            yield here, Change.ADD, updatable
        else:
            yield from _compare_value(field.shape, before, after, here, sets, in_place=updatable)


def _compare_value(
    shape: Shape,
    before: Value,
    after: Value,
    path: str,
    sets: Collection[str],
    *,
    in_place: bool,
) -> Iterator[_Difference]:
    if shape.fields is not None and isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _compare_object(shape.fields, before, after, path, sets, in_place=in_place)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _compare_map(before, after, path, in_place=in_place)
    elif shape.kind == "list" and _is_list(before) and _is_list(after):
        yield from _compare_list(shape, before, after, path, sets, in_place=in_place)
    else:
        yield path, Change.UPDATE, in_place


def _compare_map(
    before: Properties, after: Properties, path: str, *, in_place: bool
) -> Iterator[_Difference]:
    for key in {**before, **after}:
        here = f'{path}["{key}"]' if "." in key or "/" in key else f"{path}.{key}"
        if key not in after:
            yield here, Change.DELETE, in_place
        elif key not in before:
            yield here, Change.ADD, in_place
        elif before[key] != after[key]:
            yield here, Change.UPDATE, in_place


def _compare_list(
    shape: Shape,
    before: Value,
    after: Value,
    path: str,
    sets: Collection[str],
    *,
    in_place: bool,
) -> Iterator[_Difference]:
    old_items, new_items = _items(before), _items(after)
    for index in range(max(len(old_items), len(new_items))):
        here = f"{path}[{index}]"
        if index >= len(new_items):
            yield here, Change.DELETE, in_place
        elif index >= len(old_items):
            yield here, Change.ADD, in_place
        elif old_items[index] != new_items[index]:
            yield from _compare_element(
                shape.element, old_items[index], new_items[index], here, sets, in_place=in_place
            )


def _compare_element(
    shape: Shape | None,
    before: Value,
    after: Value,
    path: str,
    sets: Collection[str],
    *,
    in_place: bool,
) -> Iterator[_Difference]:
    found = list(
        _compare_value(shape or Shape("any"), before, after, path, sets, in_place=in_place)
    )
    # A field that an element no longer gives makes it another element.
    yield from found or [(path, Change.UPDATE, in_place)]


def _same(before: Value, after: Value, *, unordered: bool) -> bool:
    if unordered and _is_list(before) and _is_list(after):
        return sorted(map(_key, _items(before))) == sorted(map(_key, _items(after)))
    return before == after


def _key(value: Value) -> str:
    return json.dumps(value, sort_keys=True, default=lambda unknown: f"<{unknown}>")


def _is_list(value: Value) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _items(value: Value) -> list[Value]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []


def _is_map(name: str) -> bool:
    """Whether an object is the user's own map, which an update replaces as a whole."""
    return name.endswith("Tags") or name in {"nodeMetadata", "securityAttributes"}
