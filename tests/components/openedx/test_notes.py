"""What the operator is told of a stack that stands up all the same."""

from __future__ import annotations

from typing import Any

from components.openedx.demand import GENERAL
from components.openedx.notes import notes
from components.system_pods import SYSTEM_PODS
from tests.components.openedx.facts import RELAY, pool, spec


def told(**changes: Any) -> list[str]:
    beside = SYSTEM_PODS["oci"].deployments
    return list(notes(spec(**changes), general_pool=pool(GENERAL), beside=beside))


def test_nothing_about_a_stack_that_sends_mail_and_survives_a_node() -> None:
    assert told(smtp=RELAY) == []


def test_no_mail_leaves_without_a_relay() -> None:
    assert told() == ["no mail leaves: set openedx.smtp"]


def test_pods_that_a_lost_node_would_leave_without_a_place() -> None:
    job = {"cpu_millicores": 500, "memory_mib": 100_000}
    (note,) = told(smtp=RELAY, job=job)
    assert note.startswith("the loss of one of 2 nodes of the pool general leaves no room for ")
    assert " of " in note
