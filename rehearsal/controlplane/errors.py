"""What can go wrong with the control plane."""

from __future__ import annotations

from pathlib import Path

LOG_LINES_SHOWN = 12


class ControlPlaneError(Exception):
    """The control plane cannot be started, found or stopped; the text says why."""


def with_log(problem: str, log: Path) -> ControlPlaneError:
    """``problem`` followed by the path of ``log`` and its last lines."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    tail = [f"  {line}" for line in lines[-LOG_LINES_SHOWN:]] or ["  (the log is empty)"]
    return ControlPlaneError("\n".join([problem, f"Log: {log}", *tail]))
