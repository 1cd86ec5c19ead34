"""Building the protocol's answers."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi.runtime.proto import provider_pb2

from rehearsal.standin.paths import Path, split
from rehearsal.standin.provider import Change, CheckFailure, Diff
from rehearsal.standin.values import Properties, Value, value_at

_KINDS = {
    Change.ADD: provider_pb2.PropertyDiff.ADD,
    Change.ADD_REPLACE: provider_pb2.PropertyDiff.ADD_REPLACE,
    Change.DELETE: provider_pb2.PropertyDiff.DELETE,
    Change.DELETE_REPLACE: provider_pb2.PropertyDiff.DELETE_REPLACE,
    Change.UPDATE: provider_pb2.PropertyDiff.UPDATE,
    Change.UPDATE_REPLACE: provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def check_failures(failures: Sequence[CheckFailure]) -> list[provider_pb2.CheckFailure]:
    """Refused properties."""
    return [provider_pb2.CheckFailure(property=f.property, reason=f.reason) for f in failures]


def diff_response(
    diff: Diff, old_inputs: Properties, new_inputs: Properties
) -> provider_pb2.DiffResponse:
    """A detailed diff.

    A path at which the inputs differ is an input diff; one at which they agree can only differ
    from the live state, and the engine shows the live value as the old one.
    """
    answer = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME
        if diff.changes
        else provider_pb2.DiffResponse.DIFF_NONE,
        deleteBeforeReplace=diff.delete_before_replace,
        hasDetailedDiff=True,
    )
    changed: set[str] = set()
    replaced: set[str] = set()
    for text, change in diff.changes.items():
        path = split(text)
        changed.add(str(path[0]))
        if change.replaces:
            replaced.add(str(path[0]))
        answer.detailedDiff[text].kind = _KINDS[change]
        answer.detailedDiff[text].inputDiff = _at(path, old_inputs) != _at(path, new_inputs)
    answer.diffs.extend(sorted(changed))
    answer.replaces.extend(sorted(replaced))
    return answer


def _at(path: Path, properties: Properties) -> Value:
    try:
        return value_at(path, properties)
    except KeyError:
        return None
