"""What must stay secret on its way back to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rehearsal.standin.paths import Path
from rehearsal.standin.values import Properties, Value, is_list, value_at
from rehearsal.standin.wire import Decoded


def of_inputs(returned: Properties, *given: Decoded, named: Iterable[str] = ()) -> set[Path]:
    """The paths of ``returned`` that are secret: those that were in ``given``, and those named.

    A provider names what is secret by its nature, of outputs as of inputs that it has read: an
    import has no inputs of before.
    """
    kept = {_kept_at(path, returned, one.values) for one in given for path in one.secrets}
    return {path for path in kept if path} | {(name,) for name in named if name in returned}


def of_outputs(outputs: Properties, named: Iterable[str], *given: Decoded) -> set[Path]:
    """The outputs that are secret: those named, and those whose same-named input held a secret."""
    names = {path[0] for decoded in given for path in decoded.secrets}
    return {(name,) for name in names.union(named) if name in outputs}


def _kept_at(path: Path, returned: Value, given: Value) -> Path:
    """Where a secret is after a check: in its place, or somewhere in what encloses that place."""
    for depth, element in enumerate(path):
        rest = path[depth:]
        if isinstance(returned, Mapping) and isinstance(given, Mapping) and element in returned:
            returned, given = returned[str(element)], given[str(element)]
        elif _same_place(rest, returned, given) and is_list(returned) and is_list(given):
            returned, given = returned[int(element)], given[int(element)]
        else:
            return path[:depth]
    return path


def _same_place(rest: Path, returned: Value, given: Value) -> bool:
    """Whether a secret in a list did not move to another element."""
    try:
        same = value_at(rest, returned) == value_at(rest, given)
    except KeyError:
        return False
    return same and is_list(returned) and is_list(given) and len(returned) == len(given)
