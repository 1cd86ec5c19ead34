"""What is wrong with a stack file, said so that it can be put right."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

Path = tuple[str | int, ...]
"""Where a setting is, from ``platform`` down."""

ROOT: Final = "platform"
_LONGEST_VALUE: Final = 60
_PLAIN: Final = re.compile(r"[A-Za-z][\w./@:*-]*|\d+(\.\d+){2,3}(/\d+)?")
_YAML_WORDS: Final = frozenset({"true", "false", "null", "yes", "no"})


class Missing:
    """Stands for a value that is not there."""

    def __str__(self) -> str:
        return "(missing)"


class Hidden:
    """Stands for a value that may be a secret."""

    def __str__(self) -> str:
        return "(hidden)"


MISSING: Final = Missing()
HIDDEN: Final = Hidden()


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    path: Path
    value: object
    """The offending value, :data:`MISSING` or :data:`HIDDEN`."""
    remedy: str
    """What would be right."""

    def line(self, file: str) -> str:
        """``file: path: value — remedy``, on one line whatever the value is."""
        return f"{file}: {spell(self.path)}: {_spell_value(self.value)} — {self.remedy}"


class SettingsError(Exception):
    """A stack file that cannot be used; carries every problem found, a line each in ``str``."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems, key=lambda problem: spell(problem.path)))
        super().__init__("\n".join(problem.line(file) for problem in self.problems))


def spell(path: Sequence[str | int]) -> str:
    """``platform.node_pools.lms.ocpus``, ``platform.cloud.residency[0]``."""
    text = ROOT
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[\w-]+", step, re.ASCII):
            text += f".{step}"
        else:
            text += f"[{_shorten(json.dumps(step))}]"
    return text


def _spell_value(value: object) -> str:
    if isinstance(value, Missing | Hidden):
        return str(value)
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _YAML_WORDS:
        return _shorten(value)
    return _shorten(_printable(json.dumps(value, default=str, ensure_ascii=False)))


def _printable(text: str) -> str:
    """``text`` on one line, in its own script: an Arabic name stays legible."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
