"""What must stay secret on its way back to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rehearsal.standin.paths import Path
from rehearsal.standin.values import Properties, Value
from rehearsal.standin.wire import Decoded


def of_inputs(returned: Properties, given: Decoded) -> set[Path]:
    """The paths of ``returned`` that are secret because they were in ``given``.

    Where a secret inside a list is not found in its old place, the whole list is secret: it may
    have moved to another.
    """
    return set(_carry_over(returned, given.values, given.secrets, ()))


def _carry_over(
    returned: Value, given: Value, secrets: Iterable[Path], at: Path
) -> Iterator[Path]:
    below = {path for path in secrets if path[: len(at)] == at}
    if not below:
        return
    if at in below:
        yield at
    elif isinstance(returned, Mapping) and isinstance(given, Mapping):
        for key in returned.keys() & given.keys():
            yield from _carry_over(returned[key], given[key], below, (*at, key))
    elif _same_places(returned, given, {path[len(at) :] for path in below}):
        yield from below
    else:
        yield at


def _same_places(returned: Value, given: Value, below: set[Path]) -> bool:
    if not (_is_list(returned) and _is_list(given)):
        return False
    return len(returned) == len(given) and all(
        _at(returned, path) == _at(given, path) for path in below
    )
