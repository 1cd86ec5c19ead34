"""The ground of some cluster, of no cloud in particular."""

from __future__ import annotations

import pulumi
import pytest

from components.cluster import Cluster, NodePool, StorageClasses, kubernetes_provider
from components.ground.ground import Ground
from tests.components.conftest import KUBECONFIG, Recording, record, settings

PRIVATE = ("10.0.0.0/16", "10.96.0.0/16")


def ground(*, pod_interface_prefix: str | None = "oci", protect: bool = True) -> Recording:
    def program() -> None:
        known = pulumi.Output.from_input
        pool = pulumi.CustomResource("test:index:Pool", "pool", {})
        cluster = Cluster(
            name="some",
            id=known("some-id"),
            cloud="none",
            region="nowhere",
            kubernetes_version="1.34.1",
            node_image="image",
            endpoint=known("10.0.0.2:6443"),
            kubeconfig=known(KUBECONFIG),
            provider=kubernetes_provider(
                "some", identifier="none/nowhere/some", kubeconfig=KUBECONFIG
            ),
            pools=[NodePool("lms", settings().node_pools["lms"], ("FD-1",), pool)],
            storage_classes=StorageClasses(block="block", ultra="ultra"),
            private_cidrs=PRIVATE,
            pod_interface_prefix=pod_interface_prefix,
        )
        Ground("ground", cluster=cluster, protect=protect)

    return record(program)


@pytest.fixture(scope="session")
def recording() -> Recording:
    return ground()
