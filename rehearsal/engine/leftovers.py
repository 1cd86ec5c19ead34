"""What a killed rehearsal leaves of its engine: processes, and a lock on the stack.

The engine runs in a session of its own and outlives a rehearsal that is killed, if only until it
next prints something. It is written down, together with the process that started it, in a file of
its own for as long as it runs.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import psutil

from rehearsal.paths import STACK_DIR_VARIABLE, StackPaths
from rehearsal.processes import ProcessRecord, end, left_after

#: How long an engine has to finish what is under way and save its state.
ENGINE_GRACE_SECONDS = 10.0

#: How long plugins and language hosts have to see that their engine has gone, and then to end what
#: they have started themselves.
PLUGIN_GRACE_SECONDS = 4.0


@contextmanager
def recorded(engines: Path, pid: int) -> Iterator[None]:
    """Keep a record of the engine ``pid`` in the folder ``engines`` while the block runs."""
    engines.mkdir(parents=True, exist_ok=True)
    record = {
        "engine": asdict(ProcessRecord.of("pulumi", pid)),
        "owner": asdict(ProcessRecord.of("rehearsal", os.getpid())),
    }
    file = engines / f"{pid}.json"
    scratch = file.with_suffix(".new")
    scratch.write_text(json.dumps(record) + "\n", encoding="utf-8")
    scratch.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def end_leftovers(stack: StackPaths) -> bool:
    """End every engine whose rehearsal has been killed, with its plugins; whether there was one.

    An engine whose rehearsal still runs is left alone. The lock that an engine leaves on its stack
    is for the next :class:`rehearsal.engine.Engine` to remove (see :func:`has_stale_lock`).
    """
    found = False
    for file in sorted(stack.engines.glob("*.json")):
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
            engine, owner = ProcessRecord(**record["engine"]), ProcessRecord(**record["owner"])
        except (ValueError, TypeError, KeyError, FileNotFoundError):
            # Files are replaced at once, so a torn one is from a machine that crashed meanwhile.
            file.unlink(missing_ok=True)
            continue
        if owner.process() is not None:
            continue
        found = True
        end([engine], grace_seconds=ENGINE_GRACE_SECONDS, ask=signal.SIGINT)
        _end_session(engine, stack)
        file.unlink(missing_ok=True)
    return found


def has_stale_lock(stack: StackPaths) -> bool:
    """Whether the stack is locked, by engines that all have ended."""
    locks = list((stack.state / ".pulumi" / "locks").rglob("*.json"))
    return bool(locks) and not any(_is_held(lock, stack) for lock in locks)


def _is_held(lock: Path, stack: StackPaths) -> bool:
    try:
        pid = int(json.loads(lock.read_text(encoding="utf-8"))["pid"])
    except FileNotFoundError:
        return False
    except (ValueError, TypeError, KeyError):
        # Not the engine's own kind of lock: whose it is cannot be known.
        return True
    try:
        return _is_of(psutil.Process(pid), stack)
    except psutil.NoSuchProcess:
        return False


def _end_session(engine: ProcessRecord, stack: StackPaths) -> None:
    """End what is left of an engine's session: plugins and language hosts, in groups of their own.

    They are asked only after they had time to see that the engine has gone.
    """
    left = [process for process in _session(engine.pid) if _is_of(process, stack)]
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        left = left_after(PLUGIN_GRACE_SECONDS, left)
        for process in left:
            try:
                process.send_signal(signal_number)
            except psutil.NoSuchProcess:
                continue
    left_after(PLUGIN_GRACE_SECONDS, left)


def _session(leader: int) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader:
                yield process
        except (ProcessLookupError, PermissionError):
            continue


def _is_of(process: psutil.Process, stack: StackPaths) -> bool:
    """Whether a process was started, directly or not, by an engine of the stack."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.environ().get(STACK_DIR_VARIABLE) == str(stack.directory)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
