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


def has_begun(stack: StackPaths) -> bool:
    """Whether an earlier command left anything in the stack's world, be it only in the cloud."""
    return stack.cloud_db.exists()


def has_base(stack: StackPaths) -> bool:
    """Whether Pulumi's state holds any resource of the stack."""
    for file in (stack.state / ".pulumi" / "stacks").rglob("*.json"):
        latest = json.loads(file.read_text(encoding="utf-8"))["checkpoint"].get("latest") or {}
        if latest.get("resources"):
            return True
    return False


def ended_complete(stack: StackPaths) -> bool:
    """Whether the last ``up`` of this stack ended complete and nothing was destroyed since."""
    return stack.complete.exists()


def is_changing(stack: StackPaths) -> None:
    """Note that the world is being changed: it is not complete until :func:`is_complete`."""
    stack.complete.unlink(missing_ok=True)


def is_complete(stack: StackPaths) -> None:
    """Note that an ``up`` ended complete."""
    stack.complete.touch()


def empty(stack: StackPaths) -> None:
    """Forget the stack's world. The control plane's own data is left to the control plane."""
    for folder in (stack.state, stack.project, stack.tutor):
        shutil.rmtree(folder, ignore_errors=True)
    for path in stack.directory.glob(f"{stack.cloud_db.name}*"):
        path.unlink()
    for path in (stack.faults, stack.not_exercised, stack.outcome, stack.complete):
        path.unlink(missing_ok=True)
