"""Makes a broken stack file whole, so that one mistake does not hide the others.

The rules between settings need a complete :class:`PlatformSettings`. Where the file breaks a rule
of a single setting, a good value from a pattern takes its place, and what a rule then says about
such a place is not reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Final

from components.settings.errors import Path

_STAND_INS: Final[Mapping[str, str]] = {"node_pools": "general", "workloads": "caddy"}
"""The entry of the pattern that stands in for a broken entry that the pattern does not have."""


def repaired(
    data: Mapping[str, object], places: Iterable[Path], pattern: Mapping[str, object]
) -> dict[str, Any]:
    """A copy of ``data`` with the pattern's value at each of ``places``, or nothing there."""
    copy: dict[str, Any] = deepcopy(dict(data))
    # Later items first: taking one out of a list moves those behind it.
    for place in sorted(places, key=lambda path: [str(step) for step in path], reverse=True):
        if not place:
            return deepcopy(dict(pattern))
        _repair(copy, place, pattern)
    return copy


def touched(place: Path, places: Iterable[Path]) -> bool:
    """Whether ``place`` is inside one of ``places`` or holds one."""
    return any(
        all(one == other for one, other in zip(place, known, strict=False)) for known in places
    )


def _repair(data: dict[str, Any], place: Path, pattern: Mapping[str, object]) -> None:
    holder: Any = data
    model: Any = pattern
    for depth, step in enumerate(place[:-1]):
        if isinstance(model, Mapping) and step not in model and depth:
            model = model.get(_STAND_INS.get(str(place[depth - 1]), ""))
        else:
            model = model.get(step) if isinstance(model, Mapping) else None
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):
            return
    last = place[-1]
    if isinstance(holder, list) and isinstance(last, int):
        if last < len(holder):
            del holder[last]
    elif isinstance(holder, dict):
        if isinstance(model, Mapping) and last in model:
            holder[str(last)] = deepcopy(model[last])
        else:
            holder.pop(last, None)
