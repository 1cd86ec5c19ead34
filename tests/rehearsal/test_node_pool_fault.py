"""A node pool that cannot launch its nodes gives nothing scarce back, and the next up mends it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.rehearsal.project import Rehearsed, a_project
from tests.rehearsal.test_rehearsal import NODE_POOL, RESERVATION, live


def test_the_reservation_outlives_a_failed_launch(tmp_path: Path) -> None:
    rehearsed = Rehearsed(a_project(tmp_path))
    failed = rehearsed.up(f"out-of-host-capacity:{NODE_POOL}")
    assert failed.failure is not None
    assert "node(s) launch failure" in failed.failure.message
    assert "Out of host capacity." in failed.failure.message
    left = live(rehearsed)
    types = Counter(kind for kind, _ in left)
    assert types[RESERVATION] == 1
    assert types[NODE_POOL] == 0, "the provider deletes the one that failed, and the next waits"

    complete = rehearsed.up()
    assert complete.failure is None
    assert {check.name: check.found for check in complete.checks if not check.passed} == {}
    after = live(rehearsed)
    assert set(left) <= set(after)
    assert Counter(kind for kind, _ in after)[NODE_POOL] == 2
