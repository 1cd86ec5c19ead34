"""The control plane's client is used by one thread at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from rehearsal.oci.control_plane import administrator
from rehearsal.paths import StackPaths


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


def test_no_two_threads_have_it_at_once(tmp_path: Path) -> None:
    paths = StackPaths(tmp_path)
    paths.admin_kubeconfig.parent.mkdir(parents=True)
    paths.admin_kubeconfig.write_text(kubeconfig(), encoding="utf-8")
    both = threading.Barrier(2)

    def meets(_: int) -> bool:
        with administrator(paths):
            try:
                both.wait(timeout=1)
            except threading.BrokenBarrierError:
                return False
            return True

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(meets, range(2))) == [False, False]
