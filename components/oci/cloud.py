"""Everything of a stack that is in OCI, from the VCN to a cluster with its nodes."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.cluster import Cluster, NodePool, kubernetes_provider
from components.oci.availability import Availability, discover_availability
from components.oci.capacity_reservation import CapacityReservation, hosts_by_kind
from components.oci.fault_domains import (
    Allocation,
    in_any_fault_domain,
    spread_over_fault_domains,
)
from components.oci.home_region import Credentials, home_region_provider
from components.oci.identity import Identity
from components.oci.images import node_image_id, node_image_name
from components.oci.network import Network
from components.oci.node_pool import NodeHome, OkeNodePool, PoolPlan
from components.oci.observability import Observability
from components.oci.oke_cluster import ControlPlane, OkeCluster
from components.oci.scope import OciScope
from components.oci.storage_classes import BlockStorage
from components.oci.vault import Vault
from components.settings.platform import PlatformSettings

POD_INTERFACE_PREFIX = "oci"
"""How OCI's CNI plugin names the host's ends of pod interfaces (Oracle, "Installing Calico
alongside the OCI VCN-Native Pod Networking CNI plugin")."""


class OciCloud(pulumi.ComponentResource):
    """Network, keys, rights, reserved hosts, OKE cluster, node pools, logs, storage classes."""

    cluster: Cluster

    def __init__(
        self,
        name: str,
        spec: PlatformSettings,
        *,
        stack: str,
        sign_in: Credentials,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the OCI part of ``spec``.

        Args:
            name: Logical name, and the start of its children's.
            spec: The platform's settings.
            stack: The stack's name: the start of every display name.
            sign_in: How a provider made in the program signs in.
            opts: Resource options.
        """
        super().__init__("openedx-large:index:OciCloud", name, None, opts)
        self._name = name
        self._spec = spec
        self._scope = OciScope(
            name=stack,
            compartment_id=spec.cloud.compartment_id,
            tenancy_id=spec.cloud.tenancy_id,
            region=spec.cloud.region,
            protect=spec.protection,
        )
        availability = discover_availability(spec.cloud.tenancy_id)
        image = node_image_name(spec.cluster.kubernetes, spec.cluster.node_image)
        image_id = node_image_id(image, spec.cloud.compartment_id)
        allocation = _allocate(spec, availability)
        network = Network(f"{name}-network", spec.network, scope=self._scope, opts=self._child)
        vault = Vault(f"{name}-keys", self._scope, opts=self._child)
        identity = self._create_identity(vault, sign_in)
        reservation = CapacityReservation(
            f"{name}-capacity",
            hosts_by_kind(spec.node_pools, allocation),
            scope=self._scope,
            availability_domain=availability.availability_domain,
            opts=self._child,
        )
        oke = OkeCluster(
            f"{name}-oke",
            ControlPlane(spec.cluster.kubernetes, spec.network.services_cidr, vault.key_id),
            scope=self._scope,
            network=network,
            policies=identity.policies,
            opts=self._child,
        )
        home = NodeHome(
            cluster_id=oke.id,
            kubernetes=spec.cluster.kubernetes,
            image_id=image_id,
            kubelet=spec.cluster.kubelet,
            key_id=vault.key_id,
            availability_domain=availability.availability_domain,
            reservation_id=reservation.granted_id,
        )
        pools = self._create_pools(home, network, allocation)
        Observability(
            f"{name}-logs",
            self._scope,
            cluster=oke,
            nodes_group_id=identity.nodes_group_id,
            opts=self._child,
        )
        self.cluster = self._offer(oke, image, vault, _offered(pools, availability))
        self.register_outputs({"cluster_id": oke.id})

    @property
    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _create_identity(self, vault: Vault, sign_in: Credentials) -> Identity:
        home = home_region_provider(
            f"{self._name}-home-region",
            self._spec.cloud.home_region,
            sign_in=sign_in,
            opts=self._child,
        )
        return Identity(
            f"{self._name}-identity",
            self._scope,
            key_id=vault.key_id,
            opts=pulumi.ResourceOptions(parent=self, provider=home),
        )

    def _create_pools(
        self, home: NodeHome, network: Network, allocation: Allocation
    ) -> Sequence[OkeNodePool]:
        """One after the other, so that two pools never renew their nodes at once.

        What everybody uses comes first: a dedicated pool is of no use without the others.
        """
        made: dict[str, OkeNodePool] = {}
        before: OkeNodePool | None = None
        wanted = self._spec.node_pools
        for pool in sorted(wanted, key=lambda name: wanted[name].dedicated):
            before = made[pool] = OkeNodePool(
                f"{self._name}-pool-{pool}",
                PoolPlan(pool, wanted[pool], tuple(filter(None, allocation[pool]))),
                home=home,
                network=network,
                scope=self._scope,
                opts=pulumi.ResourceOptions(
                    parent=self, depends_on=[before.pool] if before else None
                ),
            )
        return [made[pool] for pool in wanted]

    def _offer(
        self,
        oke: OkeCluster,
        image: str,
        vault: Vault,
        pools: Sequence[NodePool],
    ) -> Cluster:
        spec, scope = self._spec, self._scope
        provider = kubernetes_provider(
            f"{self._name}-kubernetes",
            identifier=f"oci/{scope.region}/{scope.name}",
            kubeconfig=oke.kubeconfig,
            opts=self._child,
        )
        storage = BlockStorage(
            f"{self._name}-storage",
            vault.key_id,
            retain=scope.protect,
            opts=pulumi.ResourceOptions(parent=self, provider=provider),
        )
        return Cluster(
            name=scope.name,
            id=oke.id,
            cloud="oci",
            region=scope.region,
            kubernetes_version=spec.cluster.kubernetes,
            node_image=image,
            endpoint=oke.endpoint,
            kubeconfig=oke.kubeconfig,
            provider=provider,
            pools=pools,
            storage_classes=storage.names,
            private_cidrs=(spec.network.vcn_cidr, spec.network.services_cidr),
            pod_interface_prefix=POD_INTERFACE_PREFIX,
        )


def _allocate(spec: PlatformSettings, availability: Availability) -> Allocation:
    hosts = {pool: settings.hosts for pool, settings in spec.node_pools.items()}
    if spec.capacity.fault_domains == "any":
        return in_any_fault_domain(hosts)
    return spread_over_fault_domains(hosts, availability.fault_domains)


def _offered(pools: Sequence[OkeNodePool], availability: Availability) -> list[NodePool]:
    return [
        NodePool(
            made.plan.name,
            made.plan.spec,
            made.plan.fault_domains or availability.fault_domains,
            made.pool,
        )
        for made in pools
    ]
