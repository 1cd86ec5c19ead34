"""Only the process that was written down is ended, and it is ended."""

from __future__ import annotations

import subprocess
import sys

import psutil

from rehearsal.processes import ProcessRecord, end


def test_a_process_that_was_given_an_old_id_is_not_ended() -> None:
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        started = psutil.Process(bystander.pid).create_time()
        recycled = ProcessRecord("etcd", bystander.pid, started - 60)
        assert recycled.process() is None
        end([recycled], grace_seconds=1)
        assert bystander.poll() is None
        end([ProcessRecord("etcd", bystander.pid, started)], grace_seconds=1)
        assert bystander.poll() is not None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_process_that_does_not_listen_is_killed() -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); input()"
    stubborn = subprocess.Popen(
        [sys.executable, "-u", "-c", deaf],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert stubborn.stdout is not None
    assert stubborn.stdin is not None
    with stubborn.stdout, stubborn.stdin:
        assert stubborn.stdout.readline() == b"deaf\n"
        pid = stubborn.pid
        end(
            [ProcessRecord("etcd", pid, psutil.Process(pid).create_time())],
            grace_seconds=0.1,
        )
        assert not psutil.pid_exists(pid)
