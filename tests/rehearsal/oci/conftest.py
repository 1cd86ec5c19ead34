"""Simulated clouds for the tests: an empty one, and one with a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.oci import kube_system, nodes
from tests.rehearsal.oci.cloud import (
    CLUSTER,
    Cloud,
    cluster_inputs,
    network,
    policies,
    reservation,
)


@pytest.fixture
async def cloud(tmp_path: Path) -> Cloud:
    """An empty cloud in me-jeddah-1."""
    return await Cloud.at(tmp_path / "rehearsals" / "test")


@pytest.fixture
async def wired(cloud: Cloud) -> Cloud:
    """A cloud with a network, and OKE's rights."""
    await network(cloud)
    await policies(cloud)
    return cloud


@pytest.fixture
def no_control_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what concerns the store alone: nodes and shipped workloads are left out."""
    monkeypatch.setattr(nodes, "reconcile", lambda site, pool: None)
    monkeypatch.setattr(nodes, "remove_orphaned", lambda site: None)
    monkeypatch.setattr(kube_system, "install", lambda site, cluster: None)
    monkeypatch.setattr(kube_system, "uninstall", lambda site: None)


@pytest.fixture
async def ready(wired: Cloud, no_control_plane: None) -> Cloud:
    """A cluster and seven reserved hosts, without a control plane."""
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    await reservation(wired)
    return wired
