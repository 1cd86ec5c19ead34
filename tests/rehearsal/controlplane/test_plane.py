"""Starting, stopping, crashing: no process is left behind, none of somebody else's is ended."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace

from rehearsal.controlplane import Binaries, ControlPlane, ControlPlaneError
from rehearsal.controlplane.components import COMPONENTS
from rehearsal.controlplane.lock import locked
from rehearsal.controlplane.processes import ProcessFile
from rehearsal.paths import REPOSITORY
from rehearsal.processes import ProcessRecord
from tests.rehearsal.cluster import eventually


@pytest.fixture
def plane(tmp_path: Path, binaries: Binaries) -> Iterator[ControlPlane]:
    plane = ControlPlane(tmp_path / "stack", binaries)
    yield plane
    plane.stop()


def records(plane: ControlPlane) -> dict[str, ProcessRecord]:
    found = ProcessFile(plane.directory / "processes.json").read()
    return {record.component: record for record in found}


def running_below(directory: Path) -> list[int]:
    """Ids of all processes whose command line or environment names ``directory``."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), *process.environ().values()]
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if any(str(directory) in word for word in words) and process.pid != os.getpid():
            found.append(process.pid)
    return found


def namespaces(plane: ControlPlane) -> set[str]:
    client = Client(KubeConfig.from_file(plane.kubeconfig), trust_env=False)
    return {str(item.metadata.name) for item in client.list(Namespace) if item.metadata}


def create_namespace(plane: ControlPlane, name: str) -> None:
    client = Client(KubeConfig.from_file(plane.kubeconfig), trust_env=False)
    client.create(Namespace(metadata=ObjectMeta(name=name)))


def test_start_and_stop_leave_no_process(plane: ControlPlane) -> None:
    progress: list[str] = []
    kubeconfig = plane.start(progress.append)
    assert kubeconfig == plane.kubeconfig
    assert progress
    assert plane.is_running()
    started = records(plane)
    assert started.keys() == COMPONENTS
    # Each leads a process group: a Ctrl-C at the terminal reaches none of them.
    assert all(os.getpgid(record.pid) == record.pid for record in started.values())
    assert plane.kubernetes_version().startswith("v1.")

    plane.stop()

    assert not plane.is_running()
    assert not any(psutil.pid_exists(record.pid) for record in started.values())
    assert running_below(plane.directory) == []
    plane.stop()


def test_another_object_finds_a_running_control_plane(
    control_plane: ControlPlane,
) -> None:
    again = ControlPlane(control_plane.directory.parent)
    assert again.is_running()
    assert again.attach() == control_plane.kubeconfig
    assert again.server == control_plane.server
    assert again.kubernetes_version() == control_plane.kubernetes_version()


def test_secrets_are_for_their_owner_only(control_plane: ControlPlane) -> None:
    private = [control_plane.kubeconfig, control_plane.directory / "tokens.csv"]
    private += (control_plane.directory / "pki").glob("*.key")
    assert len(private) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    token = json.loads(control_plane.kubeconfig.read_text())["users"][0]["user"]["token"]
    logs = (control_plane.directory / "logs").glob("*.log")
    assert not any(token in log.read_text(errors="replace") for log in logs)
    assert not any(
        token in word
        for record in records(control_plane).values()
        for word in psutil.Process(record.pid).cmdline()
    )


def test_everything_listens_on_loopback_only(control_plane: ControlPlane) -> None:
    listening = {
        connection.laddr.ip
        for record in records(control_plane).values()
        for connection in psutil.Process(record.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_what_a_killed_starter_left_behind_is_ended_by_the_next_start(
    plane: ControlPlane, tmp_path: Path
) -> None:
    # The starter hangs in the middle of its start, so that it is killed with only some of the
    # components running.
    script = tmp_path / "starter.py"
    script.write_text(
        "import sys, time\n"
        "from pathlib import Path\n"
        "from rehearsal.controlplane import Binaries, ControlPlane\n"
        "from rehearsal.toolchain import Toolchain\n"
        "def hang(at):\n"
        "    print(at, flush=True)\n"
        "    if 'scheduler' in at:\n"
        "        time.sleep(600)\n"
        "ControlPlane(Path(sys.argv[1]), Binaries.of(Toolchain())).start(hang)\n"
    )
    starter = subprocess.Popen(
        [sys.executable, str(script), str(plane.directory.parent)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY.root)},
    )
    assert starter.stdout is not None
    while b"scheduler" not in (line := starter.stdout.readline()):
        assert line, "the starter ended by itself"
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    orphans = list(records(plane).values())
    assert [record.component for record in orphans] == ["etcd", "kube-apiserver"]
    assert all(record.process() for record in orphans)
    with pytest.raises(ControlPlaneError, match="incomplete"):
        plane.attach()

    plane.start()

    assert not any(record.process() for record in orphans)
    assert plane.is_running()


def test_two_run_side_by_side(
    plane: ControlPlane, control_plane: ControlPlane, tmp_path: Path
) -> None:
    plane.start()
    create_namespace(plane, "only-here")
    assert "only-here" in namespaces(plane)
    assert "only-here" not in namespaces(control_plane)
    plane.stop()
    assert control_plane.is_running()
    assert "default" in namespaces(control_plane)


def test_a_fresh_start_is_empty_and_another_one_goes_on(plane: ControlPlane) -> None:
    plane.start()
    create_namespace(plane, "kept")
    server, config = plane.server, json.loads(plane.kubeconfig.read_text())
    plane.stop()
    assert not plane.kubeconfig.exists()

    plane.start(fresh=False)
    assert "kept" in namespaces(plane)
    assert plane.server == server
    again = json.loads(plane.kubeconfig.read_text())
    assert again["clusters"] == config["clusters"]
    assert again["users"] != config["users"]

    plane.start(fresh=True)
    assert "kept" not in namespaces(plane)


@pytest.mark.parametrize("component", ["etcd", "kube_apiserver", "kube_scheduler", "kwok"])
def test_a_component_that_dies_is_named_with_the_end_of_its_log(
    plane: ControlPlane, binaries: Binaries, tmp_path: Path, component: str
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'first words'\necho 'last words' >&2\nexit 3\n")
    broken.chmod(0o755)
    dying = ControlPlane(plane.directory.parent, replace(binaries, **{component: broken}))

    with pytest.raises(ControlPlaneError) as error:
        dying.start()

    name = component.replace("_", "-")
    log = dying.directory / "logs" / f"{name}.log"
    assert str(error.value).splitlines() == [
        f"{name} ended with status 3 while the control plane started",
        f"Log: {log}",
        "  first words",
        "  last words",
    ]
    assert not dying.is_running()
    assert running_below(dying.directory) == []


def test_a_component_that_died_later_is_named(plane: ControlPlane) -> None:
    plane.start()
    kwok = records(plane)["kwok"]
    os.kill(kwok.pid, signal.SIGKILL)
    eventually("the end of kwok", lambda: kwok.process() is None)
    assert not plane.is_running()
    with pytest.raises(ControlPlaneError, match=rf"kwok \(process {kwok.pid}\) has died"):
        plane.attach()


def test_everything_missing_is_named_at_once(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    nothing = Binaries(
        etcd=nowhere / "etcd",
        kube_apiserver=nowhere / "api",
        kube_controller_manager=nowhere / "cm",
        kube_scheduler=nowhere / "sched",
        kwok=nowhere / "kwok",
        kwok_stages=nowhere,
    )
    with pytest.raises(ControlPlaneError) as error:
        ControlPlane(tmp_path / "stack", nothing).start()
    for missing in ("etcd", "api", "cm", "sched", "kwok", "node/fast/node-initialize.yaml"):
        assert str(nowhere / missing) in str(error.value)
    assert not (tmp_path / "stack").exists()


def test_without_a_control_plane(tmp_path: Path) -> None:
    plane = ControlPlane(tmp_path)
    assert not plane.is_running()
    plane.stop()
    for use in (plane.attach, plane.kubernetes_version, lambda: plane.server):
        with pytest.raises(ControlPlaneError, match=f"no control plane runs for {tmp_path}"):
            use()
    with pytest.raises(ControlPlaneError, match="without its binaries"):
        plane.start()


def test_a_stop_waits_for_a_start_that_is_under_way(plane: ControlPlane, tmp_path: Path) -> None:
    # Nothing of the start has been written down yet: a stop that did not wait would find nothing.
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    stopper = threading.Thread(target=ControlPlane(plane.directory.parent).stop)
    try:
        with locked(plane.directory):
            stopper.start()
            ProcessFile(plane.directory / "processes.json").add(
                ProcessRecord.of("etcd", bystander.pid)
            )
        stopper.join()
        assert bystander.poll() is not None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_lock_that_is_never_given_back_is_an_error(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rehearsal.controlplane.lock.WAIT_SECONDS", 0.1)

    def stop_meanwhile(_: str) -> None:
        ControlPlane(plane.directory.parent).stop()

    with pytest.raises(ControlPlaneError, match="another program has been starting or stopping"):
        plane.start(stop_meanwhile)
    assert running_below(plane.directory) == []


def test_an_unreadable_list_of_processes_is_an_error(tmp_path: Path) -> None:
    plane = ControlPlane(tmp_path)
    plane.directory.mkdir()
    (plane.directory / "processes.json").write_text('[{"pid": 1}]')
    with pytest.raises(ControlPlaneError, match=r"processes\.json cannot be read"):
        plane.stop()
