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
resource of the given type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from rehearsal.cloud.store import Store
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


def parse(text: str) -> Fault:
    """Read ``NAME[:COUNT | :RESOURCE-TYPE]``.

    Raises:
        InvalidFaultError: with the names there are, or what may follow the colon.
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
        return Fault(name, resource_type=detail)
    raise InvalidFaultError(
        f"fault {text!r}: after {spelled}: comes a count of 1 or more, or a resource type such as "
        "oci:ContainerEngine/nodePool:NodePool"
    )


def arm(paths: StackPaths, faults: Sequence[Fault]) -> None:
    """Put these faults, and no others, in force for a stack; none of them is used up yet."""
    paths.faults.parent.mkdir(parents=True, exist_ok=True)
    scratch = paths.faults.with_suffix(".tmp")
    scratch.write_text(json.dumps([str(fault) for fault in faults]) + "\n", encoding="utf-8")
    scratch.replace(paths.faults)
    with Store(paths.cloud_db).transaction() as transaction:
        transaction.forget_fault_uses()


def in_force(file: Path) -> list[Fault]:
    """The faults in force, from ``faults.json``; none when there is no such file."""
    try:
        texts = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [parse(text) for text in texts]
