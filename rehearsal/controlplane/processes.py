"""Processes that outlive the one that started them, and are only ever ended by their own id."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from rehearsal.controlplane.errors import ControlPlaneError

START_TIME_TOLERANCE_SECONDS = 2.0
"""psutil derives a start time from the time of boot, which moves with adjustments of the clock."""

POLL_SECONDS = 0.02


@dataclass(frozen=True)
class ProcessRecord:
    """One process: its id and when it started, in seconds since 1970, so that a process that was
    given the same id later is not taken for it."""

    component: str
    pid: int
    started: float

    def process(self) -> psutil.Process | None:
        """The process, if it still runs."""
        try:
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started) > START_TIME_TOLERANCE_SECONDS:
                return None
            return None if process.status() == psutil.STATUS_ZOMBIE else process
        except psutil.NoSuchProcess:
            return None


class ProcessFile:
    """``processes.json``: what was started, written after each start so that a crash loses none."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[ProcessRecord]:
        """All records; none when there is no file. Raises :class:`ControlPlaneError`."""
        try:
            return [ProcessRecord(**entry) for entry in json.loads(self.path.read_text())]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError) as error:
            raise ControlPlaneError(
                f"{self.path} cannot be read ({error}); end the processes of this rehearsal by"
                " hand, then remove the file"
            ) from error

    def add(self, record: ProcessRecord) -> None:
        """Add one."""
        records = [*self.read(), record]
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps([asdict(entry) for entry in records], indent=2) + "\n")
        temporary.replace(self.path)

    def clear(self) -> None:
        """Forget all."""
        self.path.unlink(missing_ok=True)


def spawn(
    component: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path
) -> tuple[ProcessRecord, subprocess.Popen[bytes]]:
    """Start ``command`` in a session of its own, with both outputs going to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )
        except OSError as error:
            raise ControlPlaneError(f"{component} cannot be started: {error}") from error
    return ProcessRecord(component, child.pid, psutil.Process(child.pid).create_time()), child


def end(records: Iterable[ProcessRecord], *, grace_seconds: float) -> None:
    """End the process groups of ``records``: asked first, killed after ``grace_seconds``."""
    running = [process for record in records if (process := record.process()) is not None]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in running:
            _signal_group(process, number)
        running = _left_after(grace_seconds, running)


def _left_after(seconds: float, processes: list[psutil.Process]) -> list[psutil.Process]:
    """Which of ``processes`` have not ended after at most ``seconds``."""
    deadline = time.monotonic() + seconds
    while (processes := [p for p in processes if not _ended(p)]) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return processes


def _ended(process: psutil.Process) -> bool:
    # wait() reaps a child of this process. A zombie of somebody else has ended too: in a container
    # whose first process does not reap, an orphan stays one for ever.
    try:
        process.wait(timeout=0)
    except psutil.TimeoutExpired:
        try:
            return bool(process.status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True
    return True


def _signal_group(process: psutil.Process, number: signal.Signals) -> None:
    # is_running() also compares start times: the id cannot have been given to another process.
    if process.is_running():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
