"""A rehearsal that is killed leaves nothing that keeps the next one from going on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from rehearsal.engine import EngineError, end_leftovers
from rehearsal.engine.leftovers import has_stale_lock, recorded
from rehearsal.paths import STACK_DIR_VARIABLE, StackPaths
from rehearsal.processes import ProcessRecord
from rehearsal.toolchain import PulumiCli
from tests.rehearsal.engine.conftest import Fixture, all_ended, eventually, pids_in
from tests.rehearsal.engine.killing import an_engine, go_on, kill_an_up, with_passwords

LONG_AGO = ProcessRecord("rehearsal", os.getpid(), 1.0)


def running_for(stack: StackPaths) -> list[int]:
    """Ids of the processes that an engine of the stack has started, and of the engine itself."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(STACK_DIR_VARIABLE) == str(stack.directory):
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rehearsal.engine.leftovers.ENGINE_GRACE_SECONDS", 1.0)


@pytest.mark.parametrize(("at", "left_to_do"), [("before", {"create": 4}), ("after", {"same": 4})])
def test_the_next_up_goes_on_where_a_killed_one_was(
    project: Fixture, built_pulumi: PulumiCli, at: str, left_to_do: dict[str, int]
) -> None:
    with_passwords(project)
    engine = an_engine(project.paths, built_pulumi)
    kill_an_up(project, built_pulumi, at)

    assert end_leftovers(engine.stack)

    go_on(project)
    assert running_for(engine.stack) == []
    assert not end_leftovers(engine.stack)
    assert engine.up(refresh=True).changes == left_to_do
    assert not engine.export().get("pending_operations")


def test_a_create_that_is_under_way_is_finished_and_saved(
    project: Fixture, built_pulumi: PulumiCli
) -> None:
    with_passwords(project)
    engine = an_engine(project.paths, built_pulumi)
    kill_an_up(project, built_pulumi, "in-create")
    assert running_for(engine.stack)
    releasing = threading.Timer(1.0, go_on, [project])
    releasing.start()

    assert end_leftovers(engine.stack)

    releasing.join()
    assert running_for(engine.stack) == []
    state = engine.export()
    assert not state.get("pending_operations")
    names = [resource["urn"].rpartition("::")[2] for resource in state["resources"]]
    assert names[-1] == "two"
    assert engine.up(refresh=True).changes == {"create": 1, "same": 3}


@pytest.mark.usefixtures("impatient")
def test_a_create_that_does_not_end_is_forgotten_by_a_refresh(
    project: Fixture, built_pulumi: PulumiCli
) -> None:
    with_passwords(project)
    engine = an_engine(project.paths, built_pulumi)
    kill_an_up(project, built_pulumi, "in-create")

    assert end_leftovers(engine.stack)

    go_on(project)
    assert running_for(engine.stack) == []
    assert has_stale_lock(engine.stack)
    assert engine.up(refresh=True).changes == {"create": 2, "same": 2}
    assert not has_stale_lock(engine.stack)
    assert not engine.export().get("pending_operations")
    again = engine.up()
    assert (again.changes, again.problems) == ({"same": 4}, ())


@pytest.mark.usefixtures("impatient")
def test_the_engine_clears_up_by_itself(project: Fixture, built_pulumi: PulumiCli) -> None:
    with_passwords(project)
    kill_an_up(project, built_pulumi, "in-create")
    engine = an_engine(project.paths, built_pulumi)
    releasing = threading.Timer(2.0, go_on, [project])
    releasing.start()
    try:
        assert engine.up().changes == {"create": 2, "same": 2}
    finally:
        releasing.join()
    # Without a look at the cloud, what became of the interrupted create stays an open question.
    assert [operation["type"] for operation in engine.export()["pending_operations"]] == [
        "creating"
    ]
    assert engine.destroy().changes == {"delete": 4}


def test_a_stack_that_another_command_works_on_is_left_alone(
    project: Fixture, built_pulumi: PulumiCli, tmp_path: Path
) -> None:
    engine = an_engine(project.paths, built_pulumi)
    engine.up()
    with a_process(tmp_path, "import time; time.sleep(600)", engine.stack) as other:
        lock = engine.stack.state / ".pulumi/locks/organization/fixture/dev/theirs.json"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.write_text(
            json.dumps(
                {
                    "pid": other,
                    "username": "u",
                    "hostname": "h",
                    "timestamp": "2026-01-01T00:00:00Z",
                }
            )
        )
        assert not has_stale_lock(engine.stack)
        with pytest.raises(
            EngineError, match=rf"^the stack is currently locked by .*\n.*pid {other}"
        ) as caught:
            engine.up()
        assert caught.value.remedy is not None
        assert "wait for it to end" in caught.value.remedy
        assert lock.exists()
    assert has_stale_lock(engine.stack)
    assert engine.up().changed == 0


@contextmanager
def a_process(folder: Path, code: str, stack: StackPaths) -> Iterator[int]:
    """A Python process in a session of its own, as if an engine of the stack had started it."""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, STACK_DIR_VARIABLE: str(stack.directory)},
        start_new_session=True,
    )
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def record(stack: StackPaths, engine: ProcessRecord, owner: ProcessRecord) -> Path:
    stack.engines.mkdir(parents=True, exist_ok=True)
    file = stack.engines / f"{engine.pid}.json"
    file.write_text(json.dumps({"engine": asdict(engine), "owner": asdict(owner)}))
    return file


DEAF_WITH_A_CHILD = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)"], process_group=0
)
with open("pids.tmp", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.replace("pids.tmp", "pids")
time.sleep(600)
"""


def test_an_engine_that_does_not_listen_is_killed_with_its_plugins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rehearsal.engine.leftovers.ENGINE_GRACE_SECONDS", 0.1)
    monkeypatch.setattr("rehearsal.engine.leftovers.PLUGIN_GRACE_SECONDS", 0.2)
    stack = StackPaths(tmp_path / "stack")
    with a_process(tmp_path, DEAF_WITH_A_CHILD, stack) as pid:
        pids = eventually(lambda: pids_in(tmp_path / "pids", 2), "the start")
        file = record(stack, ProcessRecord.of("pulumi", pid), LONG_AGO)
        assert end_leftovers(stack)
        assert all_ended(pids)
        assert not file.exists()


def test_an_engine_whose_rehearsal_runs_is_left_alone(tmp_path: Path) -> None:
    stack = StackPaths(tmp_path / "stack")
    with a_process(tmp_path, "import time; time.sleep(600)", stack) as pid:
        with recorded(stack.engines, pid):
            assert not end_leftovers(stack)
            assert not all_ended([pid])
            assert [file.name for file in stack.engines.iterdir()] == [f"{pid}.json"]
        assert list(stack.engines.iterdir()) == []


def test_a_process_that_was_given_an_old_id_is_left_alone(tmp_path: Path) -> None:
    stack, elsewhere = StackPaths(tmp_path / "stack"), StackPaths(tmp_path / "elsewhere")
    with a_process(tmp_path, "import time; time.sleep(600)", elsewhere) as pid:
        record(stack, ProcessRecord("pulumi", pid, 1.0), LONG_AGO)
        assert end_leftovers(stack)
        assert not all_ended([pid])
        lock = stack.state / ".pulumi/locks/organization/fixture/dev/ours.json"
        lock.parent.mkdir(parents=True)
        lock.write_text(json.dumps({"pid": pid}))
        assert has_stale_lock(stack)


def test_a_torn_record_is_forgotten(tmp_path: Path) -> None:
    stack = StackPaths(tmp_path / "stack")
    stack.engines.mkdir(parents=True)
    (stack.engines / "1.json").write_text("")
    assert not end_leftovers(stack)
    assert list(stack.engines.iterdir()) == []


def test_a_lock_that_cannot_be_read_is_not_taken_for_stale(tmp_path: Path) -> None:
    stack = StackPaths(tmp_path / "stack")
    lock = stack.state / ".pulumi" / "locks" / "x.json"
    lock.parent.mkdir(parents=True)
    assert not has_stale_lock(stack)
    lock.write_text("{}")
    assert not has_stale_lock(stack)
