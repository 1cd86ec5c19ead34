"""Child processes that end with everything they have started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Seconds between SIGTERM and SIGKILL. The engine gives a language host five seconds to end
#: before it kills it, and a killed host could no longer end its children.
GRACE_SECONDS = 2.0

_POLL_SECONDS = 0.02


class Child:
    """A process in a process group of its own."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        output: int | None = None,
    ) -> None:
        """``output`` is what ``subprocess.Popen`` takes for stdout and stderr."""
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        self._left_alone = False

    def wait(self) -> int:
        """The exit code, once the process has ended; negative when a signal ended it."""
        return self.process.wait()

    def leave_alone(self) -> None:
        """The process has ended: its id, which names the group, may soon be another's."""
        self._left_alone = True

    def end(self) -> None:
        """End the whole process group: politely, then after :data:`GRACE_SECONDS` by force."""
        if self._left_alone or not self._signal(signal.SIGTERM):
            return
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline:
            self.process.poll()
            if not self._signal(0):
                return
            time.sleep(_POLL_SECONDS)
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> bool:
        """Whether there was a process in the group to send the signal to."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)
            return True
        return False


class Children:
    """The children that are running, so that all can be ended together."""

    def __init__(self) -> None:
        self._running: set[Child] = set()
        self._lock = threading.Lock()
        self._closed = False

    def add(self, child: Child) -> None:
        """Keep a child; it is ended at once when the others have been ended already."""
        with self._lock:
            self._running.add(child)
            closed = self._closed
        if closed:
            child.end()

    def remove(self, child: Child) -> None:
        """Forget a child that has ended."""
        with self._lock:
            self._running.discard(child)
        child.leave_alone()

    def end_all(self) -> None:
        """End every child, side by side, and every child that is still to come."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        threads = [threading.Thread(target=child.end) for child in running]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
