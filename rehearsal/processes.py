"""Processes that outlive the one that started them, and are only ever ended by their own id."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

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

    @classmethod
    def of(cls, component: str, pid: int) -> ProcessRecord:
        """The record of a process that runs. Raises ``psutil.NoSuchProcess``."""
        return cls(component, pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process, if it still runs."""
        try:
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started) > START_TIME_TOLERANCE_SECONDS:
                return None
            return None if process.status() == psutil.STATUS_ZOMBIE else process
        except psutil.NoSuchProcess:
            return None


def end(
    records: Iterable[ProcessRecord],
    *,
    grace_seconds: float,
    ask: signal.Signals = signal.SIGTERM,
) -> None:
    """End the process groups of ``records``: asked first, killed after ``grace_seconds``."""
    running = [process for record in records if (process := record.process()) is not None]
    for number in (ask, signal.SIGKILL):
        for process in running:
            _signal_group(process, number)
        running = left_after(grace_seconds, running)


def left_after(seconds: float, processes: list[psutil.Process]) -> list[psutil.Process]:
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
