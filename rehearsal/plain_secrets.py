"""Look for secrets in text where none may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

SHORTEST = 8
"""Shorter values than this turn up by chance."""


def secret_texts(value: object) -> Iterator[str]:
    """Every text in a secret output that is long enough to be looked for.

    A text of several lines (a key) is looked for by its longest line, PEM's marks left out: other
    formats break or escape the line ends.
    """
    if isinstance(value, str):
        lines = (line.strip() for line in value.splitlines() if not line.startswith("-----"))
        longest = max(lines, key=len, default="")
        if len(longest) >= SHORTEST:
            yield longest
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from secret_texts(item)
    elif isinstance(value, Iterable):
        for item in value:
            yield from secret_texts(item)


def holding(secrets: Iterable[str], texts: Mapping[str, str]) -> list[str]:
    """The names of the texts that hold at least one of the secrets."""
    wanted = sorted(set(secrets))
    return sorted(name for name, text in texts.items() if any(s in text for s in wanted))


def files_below(folder: Path) -> dict[str, str]:
    """The text of every file below ``folder``, by its path from there."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
