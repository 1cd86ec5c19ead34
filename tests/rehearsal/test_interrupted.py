"""A rehearsal that is killed in the middle of its `up` is gone on with by the next one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rehearsal.controlplane import ControlPlane
from rehearsal.paths import REPOSITORY, StackPaths
from tests.rehearsal.project import Rehearsed, a_project
from tests.rehearsal.test_rehearsal import live

UP = """
import sys
from pathlib import Path

from rehearsal.paths import ProjectPaths
from tests.rehearsal.project import Rehearsed

Rehearsed(ProjectPaths(Path(sys.argv[1]))).up()
"""

#: A test that waits this long for the moment to kill the rehearsal fails.
DEADLINE_SECONDS = 300.0


def types_in_state(stack: StackPaths) -> Iterator[str]:
    """What Pulumi's state holds on disk, while the engine runs."""
    for file in (stack.state / ".pulumi" / "stacks").glob(f"*/{stack.name}.json"):
        state = json.loads(file.read_text())["checkpoint"]["latest"] or {}
        yield from (resource["type"] for resource in state.get("resources", []))


def wait_for_the_first_object_in_the_cluster(
    stack: StackPaths, rehearsal: subprocess.Popen[bytes]
) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not any(kind.startswith("kubernetes:") for kind in types_in_state(stack)):
        assert rehearsal.poll() is None, "the rehearsal ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_killed_up_is_gone_on_with(tmp_path: Path) -> None:
    rehearsed = Rehearsed(a_project(tmp_path))
    killed = subprocess.Popen(
        [sys.executable, "-c", UP, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY.root)},
    )
    try:
        wait_for_the_first_object_in_the_cluster(rehearsed.stack, killed)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        made_before = live(rehearsed)
        assert made_before

        outcome = rehearsed.up()
    finally:
        killed.kill()
        killed.wait()
        ControlPlane(rehearsed.stack.directory).stop()

    assert outcome.failure is None
    assert outcome.complete, {check.name: check.found for check in outcome.checks}
    assert outcome.row == "up"
    assert set(outcome.changes) == {"create", "same"}
    assert set(made_before) <= set(live(rehearsed)), "nothing is made twice, nothing replaced"
