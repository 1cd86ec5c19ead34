"""Faults that a rehearsal can put into the simulated cloud.

A fault is written ``NAME``, ``NAME:COUNT`` or ``NAME:RESOURCE-TYPE``:

``out-of-host-capacity``
    With a count (1 unless given): the cloud has that many hosts fewer than it is asked for, as
    long as the fault is in force; nothing is handed out. With a resource type: the launch of one
    resource of that type runs out of hosts half way.
``throttled``
    The API answers 429 before anything happens, for longer than the provider retries.
``internal-error``
    The API answers 500 before anything happens, for longer than the provider retries.
``timeout-after-success``
    The operation succeeds; its answer, and those to the provider's retries, are lost.

The last three strike the given number of operations (1 unless given), or one operation on a
resource of the given type. Faults strike in the simulated cloud: a resource type is one of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from pathlib import Path

from rehearsal.cloud.store import Store
from rehearsal.oci.catalogue import TYPES
from rehearsal.paths import StackPaths

#: A Pulumi type token, e.g. ``oci:ContainerEngine/nodePool:NodePool``.
_TYPE_TOKEN = re.compile(r"[a-z][a-z0-9-]*:[A-Za-z0-9_/.]+:[A-Za-z0-9_]+")


class FaultName(Enum):
    """The faults, by the names used on the command line."""

    OUT_OF_HOST_CAPACITY = "out-of-host-capacity"
    THROTTLED = "throttled"
    INTERNAL_ERROR = "internal-error"
    TIMEOUT_AFTER_SUCCESS = "timeout-after-success"


class InvalidFaultError(ValueError):
    """A fault on the command line that does not exist or is written wrongly."""


@dataclass(frozen=True)
class Fault:
    """One fault in force."""

    name: FaultName
    count: int = 1
    resource_type: str | None = None

    def strikes(self, type_token: str) -> bool:
        """Whether the fault is meant for resources of this type."""
        return self.resource_type in {None, type_token}

    def __str__(self) -> str:
        if self.resource_type is not None:
            return f"{self.name.value}:{self.resource_type}"
        return self.name.value if self.count == 1 else f"{self.name.value}:{self.count}"


def known_type(token: str) -> bool:
    """Whether the simulated cloud has a resource type of this token."""
    return token in TYPES


def parse(text: str) -> Fault:
    """Read ``NAME[:COUNT | :RESOURCE-TYPE]``.

    Raises:
        InvalidFaultError: with the names there are, what may follow the colon, or the resource
            types that come close.
    """
    spelled, _, detail = text.partition(":")
    try:
        name = FaultName(spelled)
    except ValueError:
        names = ", ".join(known.value for known in FaultName)
        raise InvalidFaultError(
            f"fault {text!r}: there is no {spelled!r}; known: {names}"
        ) from None
    if detail == "" and not text.endswith(":"):
        return Fault(name)
    if detail.isascii() and detail.isdigit() and int(detail) > 0:
        return Fault(name, count=int(detail))
    if _TYPE_TOKEN.fullmatch(detail):
        _check_type(text, name, detail)
        return Fault(name, resource_type=detail)
    raise InvalidFaultError(
        f"fault {text!r}: after {spelled}: comes a count of 1 or more, or a resource type such as "
        "oci:ContainerEngine/nodePool:NodePool"
    )


def _check_type(text: str, name: FaultName, token: str) -> None:
    if not known_type(token):
        raise InvalidFaultError(
            f"fault {text!r}: the simulated cloud has no resource type {token}; "
            + _closest(token, TYPES)
        )
    launching = [kind.token for kind in TYPES.values() if kind.launches]
    if name is FaultName.OUT_OF_HOST_CAPACITY and token not in launching:
        raise InvalidFaultError(
            f"fault {text!r}: no host is launched for {token}, only for {', '.join(launching)}"
        )


def _closest(token: str, tokens: Collection[str]) -> str:
    close = get_close_matches(token, tokens, n=3)
    return f"close to it: {', '.join(close)}" if close else f"it has {', '.join(sorted(tokens))}"


def arm(paths: StackPaths, faults: Sequence[Fault]) -> None:
    """Put these faults, and no others, in force for a stack; none of them has struck yet."""
    _put_in_force(paths, faults)
    with Store(paths.cloud_db).transaction() as transaction:
        transaction.forget_fault_uses()


def disarm(paths: StackPaths) -> None:
    """Put no fault in force; which ones have struck stays known until faults are armed again."""
    if paths.faults.exists():
        _put_in_force(paths, ())


def struck(paths: StackPaths) -> list[Fault]:
    """Which of the faults armed last have struck, in the order in which they did so first."""
    if not paths.cloud_db.exists():
        return []
    with Store(paths.cloud_db).transaction() as transaction:
        keys = transaction.used_faults()
    return [parse(key.partition(" ")[2]) for key in keys]


def key(position: int, fault: Fault) -> str:
    """Under which name the store counts the uses of one of the faults in force.

    ``position`` tells a fault that was given twice from itself.
    """
    return f"{position} {fault}"


def _put_in_force(paths: StackPaths, faults: Sequence[Fault]) -> None:
    paths.faults.parent.mkdir(parents=True, exist_ok=True)
    scratch = paths.faults.with_suffix(".tmp")
    scratch.write_text(json.dumps([str(fault) for fault in faults]) + "\n", encoding="utf-8")
    scratch.replace(paths.faults)


def in_force(file: Path) -> list[Fault]:
    """The faults in force, from ``faults.json``; none when there is no such file."""
    try:
        texts = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [parse(text) for text in texts]
