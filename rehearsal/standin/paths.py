"""Property paths as the engine spells them: ``spec.ports[0].name``, ``labels["a.b/c"]``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

Path = tuple[str | int, ...]
"""A path taken apart: property names and list indices; ``"*"`` stands for any of them."""

_BARE_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
_ELEMENT: Final = re.compile(
    r"""\.?(?P<name>[^.\[]+)         # name or .name
      | \[(?P<index>\d+|\*)\]        # [0] or [*]
      | \["(?P<quoted>(?:\\"|[^"])*)"\]""",
    re.VERBOSE,
)


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
