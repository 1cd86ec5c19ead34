"""What OKE's cloud controller makes of a Service's annotations, and what it refuses.

Read from ``pkg/cloudprovider/providers/oci/load_balancer_spec.go`` of
oracle/oci-cloud-controller-manager.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from lightkube.resources.core_v1 import Service

OKE: Final = "oci.oraclecloud.com/"
LB: Final = "service.beta.kubernetes.io/oci-load-balancer-"
NLB: Final = "oci-network-load-balancer.oraclecloud.com/"

PREFIXES = (OKE, "service.beta.kubernetes.io/oci", NLB)
"""Whose annotations are OCI's; a misspelled key below them is refused."""

Check = Callable[[str], str | None]
"""What would be right instead of a value, or None if it is right."""


def _any(_: str) -> str | None:
    return None


def _one_of(*values: str) -> Check:
    def check(value: str) -> str | None:
        return None if value in values else f"one of {', '.join(values)}"

    return check


def _whole(low: int, high: int | None = None) -> Check:
    def check(value: str) -> str | None:
        if value.isdigit() and low <= int(value) and (high is None or int(value) <= high):
            return None
        return f"a whole number from {low}" + (f" to {high}" if high is not None else "")

    return check


def _at_most_five(value: str) -> str | None:
    ids = [item.strip() for item in value.split(",")]
    return None if all(ids) and len(set(ids)) <= 5 else "one to five OCIDs, separated by commas"


# Go's strconv.ParseBool.
_bool = _one_of("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")
_LIST_MODE = _one_of("All", "Frontend", "None")

ANNOTATIONS: Mapping[str, Check] = {
    f"{OKE}compartment-id": _any,
    f"{OKE}ingress-ip-mode": _one_of("Proxy", "proxy", "VIP", "vip"),
    f"{OKE}initial-defined-tags-override": _any,
    f"{OKE}initial-freeform-tags-override": _any,
    f"{OKE}load-balancer-type": _one_of("lb", "nlb"),
    f"{OKE}loadbalancer-policy": _one_of("ROUND_ROBIN", "LEAST_CONNECTIONS", "IP_HASH"),
    f"{OKE}node-label-selector": _any,
    f"{OKE}oci-backend-network-security-group": _any,
    f"{OKE}oci-load-balancer-backendset-ssl-config": _any,
    f"{OKE}oci-load-balancer-listener-ssl-config": _any,
    f"{OKE}oci-load-balancer-rule-sets": _any,
    f"{OKE}oci-network-security-groups": _at_most_five,
    f"{OKE}security-rule-management-mode": _one_of("NSG", "SL-All", "SL-Frontend", "None"),
    f"{OKE}workload-service-account": _any,
    f"{LB}backend-protocol": _one_of("TCP", "HTTP", "GRPC"),
    f"{LB}connection-idle-timeout": _whole(1),
    f"{LB}connection-proxy-protocol-version": _one_of("1", "2"),
    f"{LB}health-check-interval": _whole(1000, 1_800_000),
    f"{LB}health-check-retries": _whole(1),
    f"{LB}health-check-timeout": _whole(1),
    f"{LB}internal": _bool,
    f"{LB}security-list-management-mode": _LIST_MODE,
    f"{LB}shape": _one_of("flexible", "100Mbps", "400Mbps", "8000Mbps"),
    f"{LB}shape-flex-max": _whole(1),
    f"{LB}shape-flex-min": _whole(1),
    f"{LB}ssl-ports": _any,
    f"{LB}subnet1": _any,
    f"{LB}subnet2": _any,
    f"{LB}tls-backendset-secret": _any,
    f"{LB}tls-secret": _any,
    f"{NLB}assigned-ipv6": _any,
    f"{NLB}assigned-private-ipv4": _any,
    f"{NLB}backend-policy": _one_of("TWO_TUPLE", "THREE_TUPLE", "FIVE_TUPLE"),
    f"{NLB}external-ip-only": _bool,
    f"{NLB}health-check-interval": _whole(10_000, 1_800_000),
    f"{NLB}health-check-retries": _whole(1),
    f"{NLB}health-check-timeout": _whole(1),
    f"{NLB}initial-defined-tags-override": _any,
    f"{NLB}initial-freeform-tags-override": _any,
    f"{NLB}internal": _bool,
    f"{NLB}is-ppv2-enabled": _bool,
    f"{NLB}is-preserve-source": _bool,
    f"{NLB}node-label-selector": _any,
    f"{NLB}oci-network-security-groups": _at_most_five,
    f"{NLB}security-list-management-mode": _LIST_MODE,
    f"{NLB}subnet": _any,
}
"""Every key, with what its value may be."""


def refusals(service: Service) -> list[str]:
    """Why the Service gets no load balancer; empty if it gets one."""
    metadata, spec = service.metadata, service.spec
    annotations = dict((metadata.annotations if metadata else None) or {})
    problems = list(_annotation_problems(annotations))
    network = annotations.get(f"{OKE}load-balancer-type") == "nlb"
    if annotations.get(f"{LB}shape") == "flexible" and not network:
        missing = [
            key for key in (f"{LB}shape-flex-min", f"{LB}shape-flex-max") if key not in annotations
        ]
        if missing:
            problems.append(f"{LB}shape: flexible also needs {' and '.join(missing)}")
    if spec is not None:
        protocols = {port.protocol or "TCP" for port in spec.ports or []}
        if not protocols <= ({"TCP", "UDP"} if network else {"TCP"}):
            problems.append(
                f"spec.ports: protocol {', '.join(sorted(protocols))};"
                " a load balancer of type lb carries TCP only, a network load balancer TCP and UDP"
            )
        if (spec.sessionAffinity or "None") != "None":
            problems.append(f"spec.sessionAffinity: {spec.sessionAffinity}; OCI has only None")
    return problems


def ip_mode(service: Service) -> str:
    """The ``ipMode`` of the address: VIP unless the annotation asks for Proxy."""
    annotations = (service.metadata.annotations if service.metadata else None) or {}
    proxy = annotations.get(f"{OKE}ingress-ip-mode", "").lower() == "proxy"
    return "Proxy" if proxy else "VIP"


def _annotation_problems(annotations: Mapping[str, str]) -> Iterator[str]:
    for key, value in sorted(annotations.items()):
        if not key.startswith(PREFIXES):
            continue
        # The real controller passes over keys it does not know, and the load balancer silently
        # lacks what was meant. A rehearsal is where a typing error must show.
        check = ANNOTATIONS.get(key)
        if check is None:
            yield f"{key}: OKE's cloud controller knows no such annotation"
        elif (right := check(value)) is not None:
            yield f"{key}: {value!r} is not {right}"
