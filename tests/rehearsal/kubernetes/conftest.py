"""A provider on the shared control plane, with a namespace of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rehearsal.controlplane import ControlPlane
from rehearsal.kubernetes.provider import KubernetesProvider
from rehearsal.kubernetes.waiting import STALLED_AFTER
from rehearsal.paths import StackPaths
from tests.rehearsal.cluster import Cluster
from tests.rehearsal.kubernetes.stage import Stage


@pytest.fixture
def stack(tmp_path: Path) -> StackPaths:
    return StackPaths(tmp_path / "stack")


@pytest.fixture
def kubeconfig(control_plane: ControlPlane) -> str:
    return control_plane.kubeconfig.read_text(encoding="utf-8")


async def _stage(
    stack: StackPaths, kubeconfig: str, cluster: Cluster, stalled_after: float
) -> AsyncIterator[Stage]:
    provider = KubernetesProvider(stack, stalled_after=stalled_after)
    await provider.configure({"kubeconfig": kubeconfig})
    yield Stage(provider, cluster.namespace)
    await provider.configure({})


@pytest.fixture
async def stage(stack: StackPaths, kubeconfig: str, cluster: Cluster) -> AsyncIterator[Stage]:
    """A provider that waits as long as in a rehearsal."""
    async for stage in _stage(stack, kubeconfig, cluster, STALLED_AFTER):
        yield stage


@pytest.fixture
async def impatient(stack: StackPaths, kubeconfig: str, cluster: Cluster) -> AsyncIterator[Stage]:
    """A provider whose waits give up after two seconds without a change: for failures."""
    async for stage in _stage(stack, kubeconfig, cluster, 2):
        yield stage
