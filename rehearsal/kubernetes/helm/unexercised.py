"""The record of what a rehearsal did not exercise, ``not-exercised.json`` of the stack."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock


@dataclass(frozen=True, order=True)
class NotExercised:
    """Something that the rehearsal did not try, and why."""

    what: str
    why: str


class Record:
    """The file, which several plugin processes may write to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def settle(self, subject: str, entries: Sequence[NotExercised]) -> None:
        """Replace all that is recorded of ``subject``; what each entry tells begins with it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path.with_suffix(".lock")):
            kept = {
                entry
                for entry in self.read()
                if entry.what != subject and not entry.what.startswith(f"{subject}: ")
            }
            now = sorted(kept | set(entries))
            scratch = self._path.with_suffix(".tmp")
            told = json.dumps([asdict(entry) for entry in now], indent=2)
            scratch.write_text(told + "\n", encoding="utf-8")
            scratch.replace(self._path)

    def read(self) -> list[NotExercised]:
        """What is recorded; nothing where there is no file."""
        try:
            entries = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        return [NotExercised(**entry) for entry in entries]
