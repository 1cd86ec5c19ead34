"""The control plane that the tests of the rehearsal share: real binaries, on loopback."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from rehearsal.controlplane import Binaries, ControlPlane
from rehearsal.toolchain import Toolchain
from tests.rehearsal.cluster import Cluster


@pytest.fixture(scope="session")
def binaries() -> Binaries:
    return Binaries.of(Toolchain())


@pytest.fixture(scope="session")
def control_plane(
    binaries: Binaries, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    """A running control plane; ``.kubeconfig`` is the path of its administrator's kubeconfig.

    Tests share it: each works in a namespace, and on nodes, of its own (see ``cluster``).
    """
    plane = ControlPlane(tmp_path_factory.mktemp("shared"), binaries)
    plane.start()
    try:
        yield plane
    finally:
        plane.stop()


@pytest.fixture
def cluster(control_plane: ControlPlane) -> Iterator[Cluster]:
    """A namespace and nodes of the test's own, removed at its end."""
    cluster = Cluster(control_plane.kubeconfig, f"test-{uuid.uuid4().hex[:8]}")
    try:
        yield cluster
    finally:
        cluster.remove()
