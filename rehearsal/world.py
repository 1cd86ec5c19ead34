"""The world a rehearsal runs in: Pulumi's state, the cloud's store and the cluster's data.

When it begins empty and when it goes on: docs/decisions/0001.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from rehearsal.paths import StackPaths


class WorldBusyError(Exception):
    """Another rehearsal of the same stack is under way."""


@contextmanager
def occupied(stack: StackPaths) -> Iterator[None]:
    """Keep the stack's world to this process.

    Raises:
        WorldBusyError: another process has it.
    """
    stack.directory.mkdir(parents=True, exist_ok=True)
    lock = FileLock(stack.directory / "rehearsal.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise WorldBusyError(
            f"a rehearsal of {stack.name} is under way on this machine; wait for it to end"
        ) from None
    try:
        yield
    finally:
        lock.release()


def has_state(stack: StackPaths) -> bool:
    """Whether an earlier command left anything in the stack's world."""
    return stack.cloud_db.exists()


def ended_complete(stack: StackPaths) -> bool:
    """Whether the last ``up`` of this stack wrote an outcome, and a complete one."""
    try:
        outcome = json.loads(stack.outcome.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    return bool(outcome["complete"])


def empty(stack: StackPaths) -> None:
    """Forget the stack's world. The control plane's own data is left to the control plane."""
    for folder in (stack.state, stack.project, stack.tutor):
        shutil.rmtree(folder, ignore_errors=True)
    for path in stack.directory.glob(f"{stack.cloud_db.name}*"):
        path.unlink()
    for path in (stack.faults, stack.not_exercised, stack.outcome):
        path.unlink(missing_ok=True)
