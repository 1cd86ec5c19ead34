"""From a pool's settings to its capacity."""

from __future__ import annotations

from components.capacity import (
    PoolCapacity,
    Resources,
    SystemPods,
    allocatable,
    kernel_visible,
)
from components.oci.shapes import SHAPES
from components.settings.platform import KubeletSettings, NodePoolSettings, ReservedSettings


def pool_capacity(
    name: str, pool: NodePoolSettings, kubelet: KubeletSettings, *, system_pods: SystemPods
) -> PoolCapacity:
    """What ``pool`` offers.

    Raises:
        KeyError: the shape is not in :data:`components.oci.shapes.SHAPES`; settings that were
            loaded have passed that check.
    """
    nominal = SHAPES[pool.shape].nominal(ocpus=pool.ocpus, memory_gb=pool.memory_gb)
    visible = kernel_visible(nominal, memory_overhead_percent=kubelet.memory_overhead_percent)
    return PoolCapacity(
        name=name,
        nodes=pool.nodes,
        max_pods=pool.max_pods,
        allocatable=allocatable(
            visible,
            reserved=_resources(kubelet.kube_reserved) + _resources(kubelet.system_reserved),
            eviction_memory_mib=kubelet.eviction_memory_mib,
        ),
        daemonsets=system_pods.on_each_node,
        daemonset_pods=system_pods.daemonset_pods,
    )


def _resources(reserved: ReservedSettings) -> Resources:
    return Resources(reserved.cpu_millicores, reserved.memory_mib)
