"""Progress on the terminal: one line for each step, with what it is at while it works."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status


class Step:
    """A step under way; :meth:`at` shows how far it is."""

    def __init__(self, title: str, status: Status | None) -> None:
        self._title = title
        self._status = status
        self.summary = ""
        """Shown behind the title when the step is done."""

    def at(self, text: str) -> None:
        """Show what the step is at; only the latest is kept."""
        if self._status is not None:
            self._status.update(f"{self._title} [dim]{text}[/dim]")


class Progress:
    """Steps with their wall-clock durations, in seconds, in the order in which they ran."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.durations: dict[str, float] = {}

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Run one step: a spinner on a terminal, a line when it is done or has failed."""
        started = time.monotonic()
        mark = "[red]✗[/red]"
        status = self.console.status(title) if self.console.is_terminal else None
        step = Step(title, status)
        if status is not None:
            status.start()
        try:
            yield step
            mark = "[green]✓[/green]"
        finally:
            if status is not None:
                status.stop()
            took = time.monotonic() - started
            self.durations[title] = round(took, 2)
            summary = f"  [dim]{step.summary}[/dim]" if step.summary else ""
            self.console.print(f"{mark} {title}{summary}  [dim]{took:.1f} s[/dim]", highlight=False)
