"""Every network security rule of the platform, with its reason.

The table follows what Oracle documents for a cluster with VCN-native pod networking, a private
API endpoint and private worker nodes, and adds only what Open edX itself needs from the internet.
https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengnetworkconfigexample.htm
(docs/decisions/0072-network-rules.md)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

ANYWHERE = "0.0.0.0/0"


class Group(Enum):
    """The network security groups, by what is in them."""

    API_ENDPOINT = "api-endpoint"
    NODES = "nodes"
    PODS = "pods"
    LOAD_BALANCERS = "load-balancers"


class Peer(Enum):
    """Ends of a rule that are not groups of ours."""

    INTERNET = "internet"
    SERVICES = "services"
    """All services of the region in the Oracle Services Network."""
    BASTION = "bastion"
    """An OCI Bastion, whose sessions leave from an address in the API endpoint's subnet."""


class Direction(Enum):
    """As seen from the group that has the rule."""

    INGRESS = "INGRESS"
    EGRESS = "EGRESS"


@dataclass(frozen=True)
class Traffic:
    """A protocol, by its IANA number as OCI wants it, and the destination ports of TCP."""

    name: str
    protocol: str
    first_port: int | None = None
    last_port: int | None = None


@dataclass(frozen=True)
class Rule:
    """One stateful rule of ``group``."""

    group: Group
    direction: Direction
    peer: Group | Peer
    traffic: Traffic
    reason: str
    """Why the rule is there: the rule's description in the cloud (255 characters at most)."""

    @property
    def key(self) -> str:
        """A name that no other rule has."""
        return "-".join(
            (self.group.value, self.direction.value.lower(), self.peer.value, self.traffic.name)
        )


def tcp(first: int, last: int | None = None) -> Traffic:
    """TCP to one port, or to all of a range."""
    last = first if last is None else last
    name = f"tcp-{first}" if first == last else f"tcp-{first}-{last}"
    return Traffic(name, "6", first, last)


ALL = Traffic("all", "all")
ALL_TCP = Traffic("tcp", "6")
PATH_DISCOVERY = Traffic("path-discovery", "1")
"""ICMP type 3 code 4, fragmentation needed: without it large packets vanish."""

KUBERNETES_API = tcp(6443)
OKE_CONTROL_PLANE = tcp(12250)
KUBELET = tcp(10250)
NODE_PORTS = tcp(30000, 32767)
KUBE_PROXY_HEALTH = tcp(10256)
HTTP = tcp(80)
HTTPS = tcp(443)
SMTPS = tcp(465)
SUBMISSION = tcp(587)

_IN, _OUT = Direction.INGRESS, Direction.EGRESS
_API, _NODES, _PODS, _LB = Group.API_ENDPOINT, Group.NODES, Group.PODS, Group.LOAD_BALANCERS

RULES: tuple[Rule, ...] = (
    Rule(_API, _IN, _NODES, KUBERNETES_API, "Kubelets and kube-proxy reach the Kubernetes API"),
    Rule(_API, _IN, _NODES, OKE_CONTROL_PLANE, "Worker nodes register with OKE's control plane"),
    Rule(_API, _IN, _NODES, PATH_DISCOVERY, "Path MTU discovery with worker nodes"),
    Rule(_API, _IN, _PODS, KUBERNETES_API, "Controllers in pods reach the Kubernetes API"),
    Rule(_API, _IN, _PODS, OKE_CONTROL_PLANE, "OKE's agents in pods reach its control plane"),
    Rule(_API, _IN, Peer.BASTION, KUBERNETES_API, "Operators reach the API by a Bastion session"),
    Rule(_API, _OUT, Peer.SERVICES, ALL_TCP, "The API endpoint talks to OKE and to the vault"),
    Rule(_API, _OUT, Peer.SERVICES, PATH_DISCOVERY, "Path MTU discovery with OCI services"),
    Rule(_API, _OUT, _NODES, KUBELET, "Logs, exec and metrics from the kubelets"),
    Rule(_API, _OUT, _NODES, PATH_DISCOVERY, "Path MTU discovery with worker nodes"),
    Rule(_API, _OUT, _PODS, ALL, "Admission webhooks and aggregated APIs are served by pods"),
    Rule(_NODES, _IN, _API, KUBELET, "The Kubernetes API asks kubelets for logs and metrics"),
    Rule(_NODES, _IN, Peer.INTERNET, PATH_DISCOVERY, "Path MTU discovery for what nodes ask for"),
    Rule(_NODES, _IN, _LB, NODE_PORTS, "Load balancers hand requests to node ports"),
    Rule(_NODES, _IN, _LB, KUBE_PROXY_HEALTH, "Load balancers check the health of kube-proxy"),
    Rule(_NODES, _OUT, _API, KUBERNETES_API, "Kubelets and kube-proxy reach the Kubernetes API"),
    Rule(_NODES, _OUT, _API, OKE_CONTROL_PLANE, "Worker nodes register with OKE's control plane"),
    Rule(_NODES, _OUT, _PODS, ALL, "Kubelets probe pods, node ports lead to pods"),
    Rule(_NODES, _OUT, Peer.SERVICES, ALL_TCP, "OKE, the vault, logging and OCI's registry"),
    Rule(_NODES, _OUT, Peer.INTERNET, HTTPS, "Images are pulled from their registries, by NAT"),
    Rule(_NODES, _OUT, Peer.INTERNET, PATH_DISCOVERY, "Path MTU discovery for image pulls"),
    Rule(_PODS, _IN, _NODES, ALL, "Kubelets probe pods, node ports lead to pods"),
    Rule(_PODS, _IN, _API, ALL, "The Kubernetes API calls webhooks and aggregated APIs in pods"),
    Rule(_PODS, _IN, _PODS, ALL, "Pods talk to pods; network policies say which"),
    Rule(_PODS, _OUT, _PODS, ALL, "Pods talk to pods; network policies say which"),
    Rule(_PODS, _OUT, _API, KUBERNETES_API, "Controllers in pods reach the Kubernetes API"),
    Rule(_PODS, _OUT, _API, OKE_CONTROL_PLANE, "OKE's agents in pods reach its control plane"),
    Rule(_PODS, _OUT, Peer.SERVICES, ALL_TCP, "Object storage and other OCI services"),
    Rule(_PODS, _OUT, Peer.SERVICES, PATH_DISCOVERY, "Path MTU discovery with OCI services"),
    Rule(_PODS, _OUT, Peer.INTERNET, HTTPS, "Single sign-on, LTI tools, video hosts, webhooks"),
    Rule(_PODS, _OUT, Peer.INTERNET, SMTPS, "Mail to the SMTP relay, TLS from the start"),
    Rule(_PODS, _OUT, Peer.INTERNET, SUBMISSION, "Mail to the SMTP relay, STARTTLS"),
    Rule(_LB, _IN, Peer.INTERNET, HTTPS, "Learners and authors"),
    Rule(_LB, _IN, Peer.INTERNET, HTTP, "Redirected to HTTPS; ACME challenges"),
    Rule(_LB, _OUT, _NODES, NODE_PORTS, "Load balancers hand requests to node ports"),
    Rule(_LB, _OUT, _NODES, KUBE_PROXY_HEALTH, "Load balancers check the health of kube-proxy"),
)
