"""One stack, composed from the rooms: the only place that knows them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pulumi

from components.capacity import PoolCapacity
from components.charts import CALICO_NODE_IMAGE
from components.cluster import Cluster
from components.ground import priority_classes
from components.ground.ground import Ground
from components.oci.cloud import OciCloud
from components.oci.home_region import Credentials
from components.openedx import tutor
from components.openedx.demand import GENERAL, LMS, demands
from components.openedx.open_edx import OpenEdx
from components.openedx.placement import PriorityClasses
from components.openedx.secrets import OpenEdxSecrets
from components.pool_report import pool_report
from components.settings.platform import PlatformSettings
from components.settings.pools import pool_capacity
from components.system_pods import SYSTEM_PODS


class Cloud(Protocol):
    """What every cloud's room ends in."""

    cluster: Cluster


class MakeCloud(Protocol):
    """How a cloud's room is made."""

    def __call__(
        self,
        name: str,
        spec: PlatformSettings,
        *,
        stack: str,
        sign_in: Credentials,
        opts: pulumi.ResourceOptions | None = None,
    ) -> Cloud:
        """Make everything of a stack that is in this cloud."""


CLOUDS: Mapping[str, MakeCloud] = {"oci": OciCloud}
"""By ``cloud.provider``."""


class Platform(pulumi.ComponentResource):
    """Open edX's cluster, what it stands on, and what Tutor needs to know of both."""

    cluster: Cluster
    outputs: Mapping[str, pulumi.Input[object]]
    """The stack's outputs: the program's interface."""

    def __init__(
        self,
        name: str,
        spec: PlatformSettings,
        *,
        stack: str,
        sign_in: Credentials,
        smtp_password: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the platform that ``spec`` describes.

        Args:
            name: Logical name.
            spec: The settings of the stack file.
            stack: The stack's name: the start of every name that the cloud shows.
            sign_in: How a provider made in the program signs in to the cloud.
            smtp_password: The secret that ``openedx.smtp`` names; needed if the settings have it.
            opts: Resource options.
        """
        super().__init__("openedx-large:index:Platform", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # They need nothing from the cloud: first, they are made while its SDK is still loading.
        secrets = OpenEdxSecrets(
            "openedx",
            spec.openedx,
            protect=spec.protection,
            smtp_password=smtp_password,
            opts=child,
        )
        cloud = CLOUDS[spec.cloud.provider](
            spec.cloud.provider, spec, stack=stack, sign_in=sign_in, opts=child
        )
        self.cluster = cloud.cluster
        Ground("ground", cluster=self.cluster, protect=spec.protection, opts=child)
        capacities = _capacities(spec, self.cluster)
        openedx = OpenEdx(
            "openedx",
            spec.openedx,
            secrets=secrets,
            lms_pool=capacities[LMS],
            general_pool=capacities[GENERAL],
            beside=SYSTEM_PODS[self.cluster.cloud].deployments,
            storage_class=self.cluster.storage_classes.block,
            priority_classes=PriorityClasses(
                lms=priority_classes.LMS.name,
                data=priority_classes.DATA.name,
                default=priority_classes.DEFAULT.name,
            ),
            opts=child,
        )
        self.outputs = {
            "kubeconfig": self.cluster.kubeconfig,
            "cluster": _cluster_report(self.cluster),
            "node_pools": _node_pools(spec, self.cluster, capacities),
            "endpoints": tutor.endpoints(spec.openedx),
            "datastores": tutor.datastores(),
            "tutor": openedx.tutor,
            "tutor_secrets": openedx.tutor_secrets,
            "versions": _versions(self.cluster),
        }
        self.register_outputs({})


def _cluster_report(cluster: Cluster) -> Mapping[str, pulumi.Input[object]]:
    return {
        "name": cluster.name,
        "id": cluster.id,
        "provider": cluster.cloud,
        "region": cluster.region,
        "kubernetes": cluster.kubernetes_version,
        "endpoint": cluster.endpoint,
    }


def _capacities(spec: PlatformSettings, cluster: Cluster) -> Mapping[str, PoolCapacity]:
    system = SYSTEM_PODS[cluster.cloud]
    return {
        pool.name: pool_capacity(pool.name, pool.spec, spec.cluster.kubelet, system_pods=system)
        for pool in cluster.pools
    }


def _node_pools(
    spec: PlatformSettings, cluster: Cluster, capacities: Mapping[str, PoolCapacity]
) -> Mapping[str, object]:
    system = SYSTEM_PODS[cluster.cloud]
    asked = demands(spec.openedx, lms_pool=capacities[LMS])
    return {
        pool.name: pool_report(
            pool,
            capacities[pool.name],
            (
                *asked.get(pool.name, ()),
                # They tolerate no taint.
                *(() if pool.spec.dedicated else system.deployments),
            ),
        )
        for pool in cluster.pools
    }


def _versions(cluster: Cluster) -> Mapping[str, object]:
    return {
        "kubernetes": cluster.kubernetes_version,
        "node_image": cluster.node_image,
        "tutor": tutor.VERSION,
        "charts": {},
        "images": {"calico-node": CALICO_NODE_IMAGE},
    }
