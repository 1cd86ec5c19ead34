"""Property paths as the engine spells them: ``spec.ports[0].name``, ``labels["a.b/c"]``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rehearsal.standin.values import Properties, Value

Path = tuple[str | int, ...]
"""A path taken apart: property names and list indices; ``"*"`` stands for any of them."""

_BARE_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
_ELEMENT: Final = re.compile(
    r"""\.?(?P<name>[^.\[]+)         # name or .name
      | \[(?P<index>\d+|\*)\]        # [0] or [*]
      | \["(?P<quoted>(?:\\"|[^"])*)"\]""",
    re.VERBOSE,
)

_MISSING: Final = object()


def join(path: Iterable[str | int]) -> str:
    """Spell a path; names outside ``[A-Za-z0-9_]`` are quoted in brackets."""
    text = ""
    for element in path:
        if isinstance(element, int):
            text += f"[{element}]"
        elif _BARE_NAME.fullmatch(element):
            text += f".{element}" if text else element
        else:
            escaped = element.replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def split(text: str) -> Path:
    """Take a path apart. Raises ValueError when ``text`` is not a property path."""
    elements: list[str | int] = []
    position = 0
    while position < len(text):
        match = _ELEMENT.match(text, position)
        if match is None:
            raise ValueError(f"not a property path: {text!r}")
        if match["name"] is not None:
            elements.append(match["name"])
        elif match["quoted"] is not None:
            elements.append(match["quoted"].replace('\\"', '"'))
        else:
            elements.append("*" if match["index"] == "*" else int(match["index"]))
        position = match.end()
    return tuple(elements)


def matches(path: Path, pattern: Path) -> bool:
    """Whether ``path`` is what ``pattern`` names, or lies below it."""
    if len(path) < len(pattern):
        return False
    return all(want in ("*", have) for have, want in zip(path, pattern, strict=False))


def same_at(path: Path, left: Properties, right: Properties) -> bool:
    """Whether two sets of properties hold the same at ``path`` (both nothing counts)."""
    return _get(path, left) == _get(path, right)


def _get(path: Path, properties: Properties) -> object:
    found: Value = properties
    for element in path:
        if isinstance(found, Mapping) and isinstance(element, str) and element in found:
            found = found[element]
        elif (
            isinstance(found, Sequence)
            and not isinstance(found, str)
            and isinstance(element, int)
            and element < len(found)
        ):
            found = found[element]
        else:
            return _MISSING
    return found
