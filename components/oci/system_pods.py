"""What OKE itself runs on the worker nodes; free of Pulumi, for the arithmetic on settings."""

from __future__ import annotations

from components.capacity import PodDemand, Resources, SystemPods

OKE_SYSTEM_PODS = SystemPods(
    daemonsets=(
        PodDemand("csi-oci-node", 1, Resources(30, 70)),
        PodDemand("kube-proxy", 1, Resources(0, 0)),
        PodDemand("proxymux-client", 1, Resources(50, 64)),
        PodDemand("vcn-native-ip-cni", 1, Resources(0, 0)),
    ),
    deployments=(
        PodDemand("coredns", 3, Resources(100, 70)),
        PodDemand("kube-dns-autoscaler", 1, Resources(20, 10)),
    ),
)
"""A cluster with VCN-native pod networking.

Oracle does not publish the requests, and OKE updates its add-ons by itself. These are what
``kubectl describe node`` shows on OKE 1.31 (kubernetes-sigs/kueue issue 5039, April 2025),
unverified on later versions: compare them with your own nodes. ``kube-dns-autoscaler`` decides
how many ``coredns`` there are; a small cluster has two or three.
"""
