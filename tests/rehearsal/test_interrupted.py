"""A rehearsal that is killed in the middle of its `up` is gone on with by the next one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rehearsal import books
from rehearsal.engine import end_leftovers
from rehearsal.paths import REPOSITORY, StackPaths
from tests.rehearsal.project import Rehearsed, a_project

UP = """
import sys
from pathlib import Path

from rehearsal.paths import ProjectPaths
from tests.rehearsal.project import Rehearsed

Rehearsed(ProjectPaths(Path(sys.argv[1]))).up()
"""

DEADLINE_SECONDS = 300.0


def checkpoint(stack: StackPaths) -> dict[str, Any]:
    """Pulumi's state as it lies on disk, also while the engine runs."""
    for file in (stack.state / ".pulumi" / "stacks").glob(f"*/{stack.name}.json"):
        latest: dict[str, Any] = json.loads(file.read_text())["checkpoint"]["latest"] or {}
        return latest
    return {}


def types(entries: list[dict[str, Any]]) -> set[str]:
    return {str(entry["type"]) for entry in entries}


def wait_for_the_cluster_to_be_filled(
    stack: StackPaths, rehearsal: subprocess.Popen[bytes]
) -> None:
    """Until the first objects are in the cluster and no call to the cloud is under way."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline and rehearsal.poll() is None:
        state = checkpoint(stack)
        made = types(state.get("resources", []))
        under_way = types([op["resource"] for op in state.get("pending_operations") or []])
        in_cluster = any(kind.startswith("kubernetes:") for kind in made)
        if in_cluster and not any(kind.startswith("oci:") for kind in under_way):
            return
        time.sleep(0.02)
    raise AssertionError("the moment to kill the rehearsal did not come")


def test_a_killed_up_is_gone_on_with(tmp_path: Path) -> None:
    rehearsed = Rehearsed(a_project(tmp_path))
    stack = rehearsed.stack
    killed = subprocess.Popen(
        [sys.executable, "-c", UP, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY.root)},
    )
    try:
        wait_for_the_cluster_to_be_filled(stack, killed)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    print(end_leftovers(stack))
    left = checkpoint(stack)
    print("PENDING", [(o["type"], o["resource"]["type"]) for o in left.get("pending_operations") or []])
    print(len(left["resources"]), books.orphans(stack, left))

    outcome = rehearsed.up()
    print("MESSAGE", outcome.failure.message if outcome.failure else None)
    print(outcome)

    assert outcome.complete
    assert False
