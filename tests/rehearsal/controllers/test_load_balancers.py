"""Services of type LoadBalancer on the control plane get an address, as on OKE."""

from __future__ import annotations

import ipaddress
from typing import Any

from lightkube.resources.core_v1 import Service
from lightkube.types import PatchType

from tests.rehearsal.cluster import Cluster, eventually

FINALIZER = "service.kubernetes.io/load-balancer-cleanup"
LB = "service.beta.kubernetes.io/oci-load-balancer-"


def expose(
    cluster: Cluster, name: str, annotations: dict[str, str] | None = None, **spec: Any
) -> None:
    cluster.create(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "annotations": annotations or {}},
            "spec": {"type": "LoadBalancer", "ports": [{"port": 443}], **spec},
        }
    )


def address(cluster: Cluster, name: str) -> str:
    return eventually(f"an address for {name}", lambda: cluster.address(name))


def test_each_service_gets_an_address_of_its_own_that_is_nobodys(cluster: Cluster) -> None:
    names = [f"edge-{index}" for index in range(5)]
    for name in names:
        expose(cluster, name)
    addresses = {address(cluster, name) for name in names}
    assert len(addresses) == 5
    assert all(
        ipaddress.ip_address(item) in ipaddress.ip_network("203.0.113.0/24") for item in addresses
    )
    edge = cluster.client.get(Service, "edge-0")
    assert edge.metadata.finalizers == [FINALIZER]
    assert edge.status.loadBalancer.ingress[0].ipMode == "VIP"
    assert "EnsuredLoadBalancer" in eventually("its events", lambda: cluster.events("edge-0"))


def test_an_address_stays_when_the_service_changes(cluster: Cluster) -> None:
    expose(cluster, "edge")
    before = address(cluster, "edge")
    annotations = {"oci.oraclecloud.com/ingress-ip-mode": "proxy"}
    cluster.client.patch(Service, "edge", {"metadata": {"annotations": annotations}})

    def mode() -> str:
        return str(cluster.client.get(Service, "edge").status.loadBalancer.ingress[0].ipMode)

    eventually("the new mode", lambda: mode() == "Proxy")
    assert cluster.address("edge") == before


def test_a_misspelled_annotation_gets_no_address_until_it_is_right(cluster: Cluster) -> None:
    expose(cluster, "edge", {f"{LB}shape": "flexible", f"{LB}shape-flex-minimum": "10"})
    event = cluster.event("edge", "SyncLoadBalancerFailed")
    assert event.type == "Warning"
    assert (
        f"{LB}shape-flex-minimum: OKE's cloud controller knows no such annotation" in event.message
    )
    assert f"{LB}shape-flex-min and {LB}shape-flex-max" in event.message
    assert cluster.address("edge") is None
    right = {
        f"{LB}shape-flex-minimum": None,
        f"{LB}shape-flex-min": "10",
        f"{LB}shape-flex-max": "100",
    }
    cluster.client.patch(
        Service, "edge", {"metadata": {"annotations": right}}, patch_type=PatchType.MERGE
    )
    address(cluster, "edge")


def test_a_deleted_service_goes_and_its_address_is_free_again(cluster: Cluster) -> None:
    expose(cluster, "edge")
    freed = address(cluster, "edge")
    cluster.client.delete(Service, "edge")
    eventually("the service is gone", lambda: cluster.find(Service, "edge") is None)
    expose(cluster, "next")
    assert address(cluster, "next") == freed


def test_a_service_that_is_no_load_balancer_any_more_loses_its_address(cluster: Cluster) -> None:
    expose(cluster, "edge")
    address(cluster, "edge")
    cluster.client.patch(
        Service,
        "edge",
        {"spec": {"type": "ClusterIP"}},
        patch_type=PatchType.MERGE,
    )
    eventually("no address", lambda: cluster.address("edge") is None)
    eventually("no finalizer", lambda: not cluster.client.get(Service, "edge").metadata.finalizers)


def test_other_services_are_left_alone(cluster: Cluster) -> None:
    expose(cluster, "internal", type="ClusterIP")
    expose(cluster, "elsewhere", loadBalancerClass="example.com/other")
    expose(cluster, "edge")
    address(cluster, "edge")
    for name in ("internal", "elsewhere"):
        assert cluster.address(name) is None
        assert not cluster.client.get(Service, name).metadata.finalizers
        assert cluster.events(name) == []
