"""What may talk to what in the namespace of Open edX: nothing, but for these openings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_kubernetes.networking.v1 as net

from components.ground.namespaces import EDGE_LABEL

METADATA_SERVICE = "169.254.0.0/16"
"""Link-local: a pod that reads the instance metadata has the node's rights."""

REASON_ANNOTATION = "openedx-large/reason"


@dataclass(frozen=True)
class Door:
    """Traffic with ``peers`` on ``ports``; no peers is anybody, no ports is every port."""

    peers: Sequence[net.NetworkPolicyPeerArgs] = ()
    ports: Sequence[tuple[str, int]] = ()
    """Protocol and port."""


@dataclass(frozen=True)
class Opening:
    """One network policy: for the pods with these labels (none: all), these doors."""

    name: str
    reason: str
    pods: Mapping[str, str] = field(default_factory=dict)
    ingress: Door | None = None
    egress: Door | None = None


DEFAULT_DENY = "default-deny"


def openings(private_cidrs: Sequence[str]) -> tuple[Opening, ...]:
    """The openings that Open edX needs; ``private_cidrs`` is all that is not the internet."""
    same_namespace = Door(
        peers=[net.NetworkPolicyPeerArgs(pod_selector=kubernetes.meta.v1.LabelSelectorArgs())]
    )
    return (
        Opening(
            name="dns",
            reason="names of services and of hosts on the internet are resolved by kube-dns",
            egress=Door(peers=[_kube_dns()], ports=[("UDP", 53), ("TCP", 53)]),
        ),
        Opening(
            name="same-namespace",
            reason="LMS, Studio, workers, micro-frontends and their data services are one system",
            ingress=same_namespace,
            egress=same_namespace,
        ),
        Opening(
            name="from-edge",
            reason="learners' requests come from the edge and enter by Caddy",
            pods={"app.kubernetes.io/name": "caddy"},
            ingress=Door(
                peers=[
                    net.NetworkPolicyPeerArgs(
                        namespace_selector=kubernetes.meta.v1.LabelSelectorArgs(
                            match_labels=EDGE_LABEL
                        )
                    )
                ],
                ports=[("TCP", 80)],
            ),
        ),
        Opening(
            name="internet",
            reason="single sign-on, LTI tools, video hosts and webhooks by HTTPS; mail to a relay",
            egress=Door(
                peers=[
                    net.NetworkPolicyPeerArgs(
                        ip_block=net.IPBlockArgs(
                            cidr="0.0.0.0/0", except_=[*private_cidrs, METADATA_SERVICE]
                        )
                    )
                ],
                ports=[("TCP", 443), ("TCP", 465), ("TCP", 587)],
            ),
        ),
    )


def create_network_policies(
    name: str,
    namespace: pulumi.Input[str],
    *,
    private_cidrs: Sequence[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Deny everything in ``namespace``, in and out, and open what Open edX needs."""
    net.NetworkPolicy(
        f"{name}-{DEFAULT_DENY}",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=DEFAULT_DENY, namespace=namespace),
        spec=net.NetworkPolicySpecArgs(
            pod_selector=kubernetes.meta.v1.LabelSelectorArgs(),
            policy_types=["Ingress", "Egress"],
        ),
        opts=opts,
    )
    for opening in openings(private_cidrs):
        _create_opening(name, namespace, opening, opts)


def _create_opening(
    name: str, namespace: pulumi.Input[str], opening: Opening, opts: pulumi.ResourceOptions
) -> None:
    ingress, egress = opening.ingress, opening.egress
    types = [kind for kind, door in (("Ingress", ingress), ("Egress", egress)) if door]
    net.NetworkPolicy(
        f"{name}-{opening.name}",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            name=opening.name,
            namespace=namespace,
            annotations={REASON_ANNOTATION: opening.reason},
        ),
        spec=net.NetworkPolicySpecArgs(
            pod_selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=opening.pods or None),
            policy_types=types,
            ingress=None
            if ingress is None
            else [
                net.NetworkPolicyIngressRuleArgs(
                    from_=list(ingress.peers) or None, ports=_ports(ingress)
                )
            ],
            egress=None
            if egress is None
            else [
                net.NetworkPolicyEgressRuleArgs(to=list(egress.peers) or None, ports=_ports(egress))
            ],
        ),
        opts=opts,
    )


def _ports(door: Door) -> list[net.NetworkPolicyPortArgs] | None:
    return [
        net.NetworkPolicyPortArgs(protocol=protocol, port=port) for protocol, port in door.ports
    ] or None


def _kube_dns() -> net.NetworkPolicyPeerArgs:
    return net.NetworkPolicyPeerArgs(
        namespace_selector=kubernetes.meta.v1.LabelSelectorArgs(
            match_labels={"kubernetes.io/metadata.name": "kube-system"}
        ),
        pod_selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels={"k8s-app": "kube-dns"}),
    )
