"""The ground that Open edX stands on in any cluster."""

from __future__ import annotations

import pulumi

from components.cluster import Cluster
from components.ground.calico.engine import CalicoPolicyEngine
from components.ground.namespaces import create_namespace
from components.ground.network_policies import create_network_policies
from components.ground.priority_classes import create_priority_classes


class Ground(pulumi.ComponentResource):
    """Namespace, network policies with the engine that enforces them, priority classes."""

    namespace: pulumi.Output[str]
    """The namespace of Open edX."""

    def __init__(
        self,
        name: str,
        *,
        cluster: Cluster,
        protect: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Prepare ``cluster``."""
        options = pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(provider=cluster.provider)
        )
        super().__init__("openedx-large:index:Ground", name, None, options)
        child = pulumi.ResourceOptions(parent=self)
        nodes = [pool.resource for pool in cluster.pools]
        namespace = create_namespace(
            f"{name}-namespace",
            protect=protect,
            # So that it goes before them: pods end and volumes are detached while nodes are there.
            opts=pulumi.ResourceOptions(parent=self, depends_on=nodes),
        )
        self.namespace = namespace.metadata.name
        create_priority_classes(f"{name}-priority", opts=child)
        create_network_policies(
            f"{name}-policy",
            self.namespace,
            private_cidrs=cluster.private_cidrs,
            opts=child,
        )
        if cluster.pod_interface_prefix is not None:
            CalicoPolicyEngine(
                f"{name}-calico",
                pod_interface_prefix=cluster.pod_interface_prefix,
                nodes=nodes,
                opts=child,
            )
        self.register_outputs({"namespace": self.namespace})
