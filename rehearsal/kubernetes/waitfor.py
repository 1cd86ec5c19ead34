"""The ``pulumi.com/waitFor`` annotation: what a program asks to wait for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rehearsal.kubernetes.objects import Object, pluck
from rehearsal.kubernetes.readiness import Verdict, Waiting, condition

_JSONPATH: Final = re.compile(r"jsonpath=\{((?:\.[A-Za-z0-9_-]+)+)\}(?:=(.*))?")
_CONDITION: Final = re.compile(r"condition=([A-Za-z0-9./_-]+)(?:=(.*))?")


class WaitForError(ValueError):
    """An expression that is not understood."""


@dataclass(frozen=True)
class _Expression:
    text: str
    holds: Callable[[Object], bool]


def rule(annotation: str) -> Callable[[Object], Verdict]:
    """The readiness rule that an annotation states: one expression, or a JSON list of them.

    Raises:
        WaitForError: it is neither ``condition=TYPE[=STATUS]`` nor ``jsonpath={.a.b}[=VALUE]``.
    """
    try:
        texts = json.loads(annotation)
    except ValueError:
        texts = [annotation]
    if not isinstance(texts, list) or not texts:
        raise WaitForError("at least one condition must be specified")
    expressions = [_expression(str(text)) for text in texts]

    def judge(live: Object) -> Verdict:
        missing = [item.text for item in expressions if not item.holds(live)]
        return Waiting(f"waiting for {', '.join(missing)}") if missing else None

    return judge


def _expression(text: str) -> _Expression:
    if found := _CONDITION.fullmatch(text):
        kind, status = found[1], found[2] or "True"
        return _Expression(text, lambda live: condition(live, kind).get("status") == status)
    if found := _JSONPATH.fullmatch(text):
        path, wanted = found[1].removeprefix(".").split("."), found[2]
        return _Expression(text, lambda live: _matches(pluck(live, *path), wanted))
    raise WaitForError(
        f'expected "condition=TYPE[=STATUS]" or "jsonpath={{.path}}[=VALUE]", got {text!r}'
    )


def _matches(value: object, wanted: str | None) -> bool:
    if wanted is None:
        return value is not None
    told = value if isinstance(value, str) else json.dumps(value)
    return told == wanted
