"""Checks on what was written down: the cloud's store, Pulumi's state, and no plain secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rehearsal import plain_secrets
from rehearsal.cloud.audit import audit
from rehearsal.cloud.store import Store
from rehearsal.outcome import Check
from rehearsal.paths import StackPaths


def orphans(stack: StackPaths, state: Mapping[str, Any]) -> list[str]:
    """What the simulated cloud holds and the exported state does not know: type, name and id."""
    books = audit(Store(stack.cloud_db), state)
    return [f"{record.type} {record.name} {record.id}" for record in books.orphans]


def cloud_and_state_agree(stack: StackPaths, state: Mapping[str, Any]) -> Check:
    """Whether the simulated cloud holds exactly what the exported state holds."""
    books = audit(Store(stack.cloud_db), state)
    differences = (
        *(f"orphan {record.type} {record.name}" for record in books.orphans),
        *(f"{len(group)} × {group[0].type} {group[0].name}" for group in books.duplicates),
        *(f"missing {entry.type} {entry.id}" for entry in books.missing),
    )
    return Check(
        name="cloud and state agree",
        promise="the cloud holds what the state holds: no orphan, no duplicate",
        passed=books.clean,
        found="; ".join(differences) or "nothing left over, nothing missing",
    )


def no_plain_secret(
    stack: StackPaths, state: Mapping[str, Any], secret_outputs: Mapping[str, Any]
) -> Check:
    """Whether a generated secret stands in plain text in the export, the state, its history or a
    log."""
    texts = {"the exported state": json.dumps(state)}
    for folder in (stack.state, stack.directory / "logs", stack.control_plane / "logs"):
        texts |= plain_secrets.files_below(folder)
    secrets = list(plain_secrets.secret_texts(secret_outputs))
    holding = plain_secrets.holding(secrets, texts)
    return Check(
        name="no plain secret",
        promise="no secret stands in plain text in the state, its history or a log",
        passed=bool(secrets) and not holding,
        found=", ".join(holding) or f"{len(secrets)} secrets sought in {len(texts)} files",
    )
