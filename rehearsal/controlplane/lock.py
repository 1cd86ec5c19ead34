"""One program at a time starts or stops a control plane."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rehearsal.controlplane.errors import ControlPlaneError

WAIT_SECONDS = 60.0
"""How long to wait for another program. A start takes 4 s on two idle cores, a stop less."""

POLL_SECONDS = 0.05


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the lock of the control plane in ``directory``, waiting for whoever has it.

    Raises :class:`ControlPlaneError` after :data:`WAIT_SECONDS`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        deadline = time.monotonic() + WAIT_SECONDS
        while not _taken(lock):
            if time.monotonic() > deadline:
                raise ControlPlaneError(
                    "another program has been starting or stopping the control plane in "
                    f"{directory} for {WAIT_SECONDS:.0f} s; wait for it to end, or end it"
                )
            time.sleep(POLL_SECONDS)
        yield


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
