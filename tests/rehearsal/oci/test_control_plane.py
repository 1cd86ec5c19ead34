"""The control plane's client is used by one thread at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from rehearsal.paths import REPOSITORY, StackPaths

# In a process of its own: two threads that learn a model's types at once crash it.
PROGRAM = """
import sys
import threading
from pathlib import Path

from lightkube.resources.apps_v1 import DaemonSet, Deployment, StatefulSet
from lightkube.resources.batch_v1 import CronJob, Job
from lightkube.resources.core_v1 import Namespace, Node, PersistentVolume, Pod, Service

from rehearsal.oci.control_plane import administrator
from rehearsal.paths import StackPaths

sys.setswitchinterval(1e-6)
paths = StackPaths(Path(sys.argv[1]))
together = threading.Barrier(6)
models = [Node, Pod, Service, Namespace, PersistentVolume]
models += [DaemonSet, Deployment, StatefulSet, CronJob, Job]
learnt = []


def learn() -> None:
    together.wait()
    with administrator(paths):
        learnt.append([kind.from_dict({"metadata": {"name": "it"}}) for kind in models])


threads = [threading.Thread(target=learn) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(learnt))
"""


def kubeconfig() -> str:
    """A kubeconfig of a server that is never asked."""
    return yaml.safe_dump(
        {
            "current-context": "it",
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "clusters": [{"name": "it", "cluster": {"server": "http://127.0.0.1:1"}}],
            "users": [{"name": "it", "user": {"token": "it"}}],
        }
    )


def test_threads_that_use_it_at_once_do_not_crash_the_plugin(tmp_path: Path) -> None:
    paths = StackPaths(tmp_path)
    paths.admin_kubeconfig.parent.mkdir(parents=True)
    paths.admin_kubeconfig.write_text(kubeconfig(), encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    ended = subprocess.run(command, cwd=REPOSITORY.root, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, b"6"), ended.stderr.decode()
