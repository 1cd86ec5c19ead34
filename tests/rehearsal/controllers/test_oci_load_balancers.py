"""Which annotations OKE's cloud controller takes, and which it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from lightkube.models.core_v1 import ServicePort, ServiceSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Service

from rehearsal.controllers.oci_load_balancers import ANNOTATIONS, ip_mode, refusals

OKE = "oci.oraclecloud.com/"
LB = "service.beta.kubernetes.io/oci-load-balancer-"
NLB = "oci-network-load-balancer.oraclecloud.com/"


def service(annotations: dict[str, str] | None = None, **spec: Any) -> Service:
    ports = [ServicePort(name="https", port=443, protocol="TCP")]
    return Service(
        metadata=ObjectMeta(name="edge", annotations=annotations or {}),
        spec=ServiceSpec(**{"type": "LoadBalancer", "ports": ports, **spec}),
    )


def test_a_load_balancer_as_the_edge_needs_it_is_accepted() -> None:
    edge = service(
        {
            f"{OKE}load-balancer-type": "lb",
            f"{OKE}security-rule-management-mode": "NSG",
            f"{OKE}oci-network-security-groups": "ocid1.networksecuritygroup.oc1..a",
            f"{OKE}node-label-selector": "openedx-large/pool=general",
            f"{LB}shape": "flexible",
            f"{LB}shape-flex-min": "100",
            f"{LB}shape-flex-max": "8000",
            f"{LB}connection-proxy-protocol-version": "2",
            f"{LB}connection-idle-timeout": "600",
            "prometheus.io/scrape": "true",
        }
    )
    assert refusals(edge) == []


def test_a_service_without_annotations_is_accepted() -> None:
    assert refusals(service()) == []


@pytest.mark.parametrize(
    "key",
    [
        f"{OKE}loadbalancer-type",
        f"{OKE}load-balancer-shape",
        f"{LB}shape-flex-minimum",
        f"{LB}proxy-protocol-version",
        "service.beta.kubernetes.io/oci-loadbalancer-shape",
        f"{NLB}preserve-source",
    ],
)
def test_a_misspelled_annotation_is_refused(key: str) -> None:
    assert key not in ANNOTATIONS
    [problem] = refusals(service({key: "x"}))
    assert problem.startswith(f"{key}: ")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (f"{OKE}load-balancer-type", "alb"),
        (f"{OKE}security-rule-management-mode", "All"),
        (f"{OKE}loadbalancer-policy", "LEAST_CONNECTION"),
        (f"{OKE}oci-network-security-groups", ",".join("abcdef")),
        (f"{LB}shape", "10Gbps"),
        (f"{LB}connection-idle-timeout", "5m"),
        (f"{LB}connection-proxy-protocol-version", "v2"),
        (f"{LB}health-check-interval", "999"),
        (f"{LB}internal", "yes"),
        (f"{NLB}health-check-interval", "9999"),
    ],
)
def test_a_wrong_value_is_refused(key: str, value: str) -> None:
    [problem] = refusals(service({key: value}))
    assert problem.startswith(f"{key}: {value!r} is not ")


def test_the_flexible_shape_needs_both_bandwidths() -> None:
    [problem] = refusals(service({f"{LB}shape": "flexible", f"{LB}shape-flex-min": "10"}))
    assert f"{LB}shape-flex-max" in problem
    assert "flex-min" not in problem


@pytest.mark.parametrize(("kind", "accepted"), [("lb", False), ("nlb", True)])
def test_only_a_network_load_balancer_carries_udp(kind: str, accepted: bool) -> None:
    ports = [ServicePort(name="dns", port=53, protocol="UDP")]
    udp = service({f"{OKE}load-balancer-type": kind}, ports=ports)
    assert (refusals(udp) == []) is accepted


def test_session_affinity_is_refused() -> None:
    [problem] = refusals(service(sessionAffinity="ClientIP"))
    assert "ClientIP" in problem


def test_all_problems_are_reported_together() -> None:
    assert len(refusals(service({f"{OKE}a": "", f"{OKE}b": "", f"{LB}shape": "wide"}))) == 3


@pytest.mark.parametrize(
    ("annotation", "mode"), [(None, "VIP"), ("VIP", "VIP"), ("proxy", "Proxy"), ("Proxy", "Proxy")]
)
def test_ip_mode(annotation: str | None, mode: str) -> None:
    annotations = {f"{OKE}ingress-ip-mode": annotation} if annotation else {}
    assert ip_mode(service(annotations)) == mode
