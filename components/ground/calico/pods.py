"""What Calico runs on the nodes; free of Pulumi, for the arithmetic on settings."""

from __future__ import annotations

from components.capacity import PodDemand, Resources, SystemPods

CALICO_NODE = PodDemand("calico-node", 1, Resources(250, 256))
"""CPU as in Calico's own manifests; they leave memory out, which would make ``calico-node`` one
of the first to be evicted. 256 MiB is ample for a cluster of tens of nodes (unverified under
load)."""

CALICO_SYSTEM_PODS = SystemPods(daemonsets=(CALICO_NODE,))
