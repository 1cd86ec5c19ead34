"""What an operation of the engine did, and in which words it failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi.automation import CommandError
from pulumi.automation.errors import ConcurrentUpdateError

from rehearsal.engine import events as engine_events
from rehearsal.engine.events import JsonEvent, PolicyViolation, Problem

#: How the engine's own errors begin that only say that something failed, after what did.
_THAT_IT_FAILED = (
    "an unhandled error occurred: Program exited with non-zero exit code",
    "destroy failed",
    "preview failed",
    "update failed",
)

#: What the engine does to a resource when nothing is to be done.
_UNCHANGED = frozenset({"same", "read"})

#: Between what a failed command printed on its two streams, in the text of a CommandError.
_BEFORE_STDERR = "\n stderr: "


@dataclass(frozen=True)
class Operation:
    """What an operation did, or would do."""

    changes: Mapping[str, int]
    """Number of resources by what was done to them: ``create``, ``update``, ``same``, …"""
    events: tuple[JsonEvent, ...] = field(repr=False)
    """The engine's events, normalised: equal for equal operations."""
    problems: tuple[Problem, ...] = ()
    policy_violations: tuple[PolicyViolation, ...] = ()

    @classmethod
    def of(cls, seen: Sequence[JsonEvent]) -> Operation:
        """The operation that the engine told of in these events."""
        return cls(
            changes=engine_events.changes(seen),
            events=engine_events.normalised(seen),
            problems=tuple(engine_events.problems(seen)),
            policy_violations=tuple(engine_events.policy_violations(seen)),
        )

    @property
    def changed(self) -> int:
        """How many resources were, or would be, touched."""
        return sum(n for operation, n in self.changes.items() if operation not in _UNCHANGED)


class EngineError(Exception):
    """An operation failed. The message is made of the errors in the provider's own words."""

    def __init__(self, message: str, operation: Operation, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.operation = operation
        """What was done before it failed."""
        self.remedy = remedy
        """What to do about it, where that is known here."""

    @classmethod
    def of(cls, error: CommandError, done: Operation) -> EngineError:
        """Of a command that failed, after it had told of ``done``."""
        message = _reasons(done) or _stderr(error)
        locked = isinstance(error, ConcurrentUpdateError)
        return cls(message, done, remedy=_LOCKED if locked else None)


_LOCKED = (
    "another command is working on this stack, in the process named above: wait for it to end, or "
    "end it, then run this command again"
)


def _reasons(failed: Operation) -> str:
    """Why an operation failed, one reason a line or paragraph."""
    errors = [problem.message for problem in failed.problems if problem.severity == "error"]
    refused = [
        f"{found.pack}/{found.policy}: {found.urn.rpartition('::')[2]}: {found.message}"
        for found in failed.policy_violations
        if found.level == "mandatory"
    ]
    reasons = [error for error in errors if not error.startswith(_THAT_IT_FAILED)] + refused
    return "\n".join(dict.fromkeys(reasons or errors))


def _stderr(error: CommandError) -> str:
    """What the command line said, without its exit code and what it printed before."""
    text = str(error).strip()
    said = text.rpartition(_BEFORE_STDERR)[2].strip()
    return said.removeprefix("error: ") or text
