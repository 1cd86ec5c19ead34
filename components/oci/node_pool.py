"""A pool of worker nodes on reserved hosts."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.cluster import pool_labels, pool_taints
from components.oci.cloud_init import node_metadata
from components.oci.network import Network, SubnetRole
from components.oci.oke_cluster import POD_NETWORKING
from components.oci.remedies import (
    NO_HOST_TO_LAUNCH,
    NODES_NOT_RENEWED,
    PLACED_WHILE_CYCLING,
    follow_with,
)
from components.oci.scope import OciScope
from components.oci.security_rules import Group
from components.settings.platform import KubeletSettings, NodePoolSettings

DRAIN_TIME = "PT30M"
"""Time for pods to leave a node; OKE allows an hour at most."""

CYCLE_MODES = {"boot-volume": "BOOT_VOLUME_REPLACE", "instance": "INSTANCE_REPLACE"}
"""By ``node_pools.<pool>.cycling``; with any other value nothing is renewed."""

LEAST_UPDATE_HOURS = 6
HOURS_FOR_A_NODE = 1
"""Half an hour to leave it, and a new boot volume or machine: nodes are renewed one by one, and
the provider would give up after fifty minutes."""


@dataclass(frozen=True)
class PoolPlan:
    """One pool, and where its nodes go."""

    name: str
    """As in the stack file and in the nodes' label."""
    spec: NodePoolSettings
    fault_domains: tuple[str, ...]
    """In the order to deal nodes to them; empty for wherever a reserved host is."""


@dataclass(frozen=True)
class NodeHome:
    """What all pools of a cluster share."""

    cluster_id: pulumi.Output[str]
    kubernetes: str
    image_id: str
    kubelet: KubeletSettings
    key_id: pulumi.Output[str]
    """The key that boot volumes are encrypted with."""
    availability_domain: str
    reservation_id: pulumi.Output[str]
    """To be had only once the reservation holds the hosts of every pool."""


class OkeNodePool(pulumi.ComponentResource):
    """A fixed number of equal nodes; nothing scales it.

    Nodes are renewed one at a time and on their own hosts, since there is no host beyond those
    reserved: by a new boot volume, or by a new machine where the stack file says so. A change
    that OCI can only make by replacing the pool deletes the old one first, for the same reason.
    """

    plan: PoolPlan
    pool: oci.containerengine.NodePool

    def __init__(
        self,
        name: str,
        plan: PoolPlan,
        *,
        home: NodeHome,
        network: Network,
        scope: OciScope,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the pool that ``plan`` describes, in ``home``.

        It waits for what ``opts`` says that it depends on, which a component's own options do
        not tell its children.
        """
        super().__init__("openedx-large:index:OkeNodePool", name, None, opts)
        self.plan = plan
        spec = plan.spec
        hook = follow_with(
            f"{name}-remedies", NO_HOST_TO_LAUNCH, PLACED_WHILE_CYCLING, NODES_NOT_RENEWED
        )
        self.pool = oci.containerengine.NodePool(
            f"{name}-nodes",
            compartment_id=scope.compartment_id,
            cluster_id=home.cluster_id,
            name=plan.name,
            kubernetes_version=f"v{home.kubernetes}",
            node_shape=spec.shape,
            node_shape_config=oci.containerengine.NodePoolNodeShapeConfigArgs(
                ocpus=spec.ocpus, memory_in_gbs=spec.memory_gb
            ),
            node_source_details=oci.containerengine.NodePoolNodeSourceDetailsArgs(
                source_type="IMAGE",
                image_id=home.image_id,
                boot_volume_size_in_gbs=str(spec.boot_volume_gb),
            ),
            node_config_details=_config(plan, home, network, scope),
            initial_node_labels=[
                oci.containerengine.NodePoolInitialNodeLabelArgs(key=key, value=value)
                for key, value in pool_labels(plan.name).items()
            ],
            node_metadata=node_metadata(
                home.kubelet, pool_taints(plan.name, spec), boot_volume_gb=spec.boot_volume_gb
            ),
            node_pool_cycling_details=_cycling(spec),
            node_eviction_node_pool_settings=(
                oci.containerengine.NodePoolNodeEvictionNodePoolSettingsArgs(
                    eviction_grace_duration=DRAIN_TIME,
                    is_force_action_after_grace_duration=False,
                    is_force_delete_after_grace_duration=False,
                )
            ),
            freeform_tags=scope.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=opts.depends_on if opts else None,
                delete_before_replace=True,
                custom_timeouts=_timeouts(spec.nodes),
                hooks=pulumi.ResourceHookBinding(on_error=[hook]),
            ),
        )
        self.register_outputs({"id": self.pool.id})


def _cycling(
    spec: NodePoolSettings,
) -> oci.containerengine.NodePoolNodePoolCyclingDetailsArgs:
    mode = CYCLE_MODES.get(spec.cycling)
    return oci.containerengine.NodePoolNodePoolCyclingDetailsArgs(
        is_node_cycling_enabled=mode is not None,
        cycle_modes=[mode] if mode else None,
        maximum_surge="0",
        maximum_unavailable="1",
    )


def _timeouts(nodes: int) -> pulumi.CustomTimeouts:
    update = max(LEAST_UPDATE_HOURS, nodes * HOURS_FOR_A_NODE)
    return pulumi.CustomTimeouts(create="2h", update=f"{update}h", delete="2h")


def _config(
    plan: PoolPlan, home: NodeHome, network: Network, scope: OciScope
) -> oci.containerengine.NodePoolNodeConfigDetailsArgs:
    pods = oci.containerengine.NodePoolNodeConfigDetailsNodePoolPodNetworkOptionDetailsArgs(
        cni_type=POD_NETWORKING,
        max_pods_per_node=plan.spec.max_pods,
        pod_subnet_ids=[network.subnet_ids[SubnetRole.PODS]],
        pod_nsg_ids=[network.security_group_ids[Group.PODS]],
    )
    return oci.containerengine.NodePoolNodeConfigDetailsArgs(
        size=plan.spec.nodes,
        placement_configs=[
            oci.containerengine.NodePoolNodeConfigDetailsPlacementConfigArgs(
                availability_domain=home.availability_domain,
                subnet_id=network.subnet_ids[SubnetRole.NODES],
                capacity_reservation_id=home.reservation_id,
                fault_domains=list(plan.fault_domains) or None,
            )
        ],
        nsg_ids=[network.security_group_ids[Group.NODES]],
        node_pool_pod_network_option_details=pods,
        is_pv_encryption_in_transit_enabled=True,
        kms_key_id=home.key_id,
        freeform_tags=scope.tags,
    )
