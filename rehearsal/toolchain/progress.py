"""How the work on the tools is told while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """What is happening to a tool."""

    FOUND = "found"
    """It is there already; nothing is built."""
    WAITING = "waiting"
    """Another rehearsal on this machine is building it."""
    BUILDING = "building"
    BUILT = "built"


@dataclass(frozen=True)
class ToolEvent:
    """A tool has entered a phase. The wait and the build last until the tool's next event."""

    tool: str
    version: str
    phase: Phase
    seconds: float = 0.0
    """Wall-clock seconds of the build; set when the tool is built."""


ToolProgress = Callable[[ToolEvent], None]
"""Receives each event as it happens, in the thread that asked for the tool."""


def silent(event: ToolEvent) -> None:
    """Tell nobody."""
