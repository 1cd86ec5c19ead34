"""OCI Logging: what the control plane, the nodes and the pods say."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_oci as oci

from components.oci.oke_cluster import OkeCluster
from components.oci.scope import OciScope

RETENTION_DAYS = 90
"""OCI keeps logs for 30 to 180 days, in steps of 30."""

CONTROL_PLANE_SERVICE = "oke-k8s-cp-prod"
CONTROL_PLANE_CATEGORY = "all-service-logs"
"""API server, scheduler, controller manager (Deployments, nodes) and cloud controller manager.
Kubernetes API audit events are not among them: OCI Audit has those."""

NODE_LOGS = ("/var/log/messages", "/var/log/secure")
CONTAINER_LOGS = ("/var/log/containers/*.log",)


class Observability(pulumi.ComponentResource):
    """One log group with three logs: control plane, nodes, containers."""

    log_group_id: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        scope: OciScope,
        *,
        cluster: OkeCluster,
        nodes_group_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Collect the logs of ``cluster`` and of the instances in ``nodes_group_id``."""
        super().__init__("openedx-large:index:Observability", name, None, opts)
        self._name = name
        self._scope = scope
        self._cluster = cluster
        group = oci.logging.LogGroup(
            f"{name}-group",
            compartment_id=scope.compartment_id,
            display_name=scope.display_name("logs"),
            description=f"Control plane, nodes and containers of {scope.name}",
            freeform_tags=scope.tags,
            opts=self._child,
        )
        self.log_group_id = group.id
        oci.logging.Log(
            f"{name}-control-plane",
            display_name=scope.display_name("control-plane"),
            log_group_id=group.id,
            log_type="SERVICE",
            configuration=oci.logging.LogConfigurationArgs(
                compartment_id=scope.compartment_id,
                source=oci.logging.LogConfigurationSourceArgs(
                    source_type="OCISERVICE",
                    service=CONTROL_PLANE_SERVICE,
                    category=CONTROL_PLANE_CATEGORY,
                    resource=cluster.id,
                ),
            ),
            is_enabled=True,
            retention_duration=RETENTION_DAYS,
            freeform_tags=scope.tags,
            opts=self._child,
        )
        self._collect("nodes", NODE_LOGS, "NONE", nodes_group_id)
        self._collect("containers", CONTAINER_LOGS, "CRI", nodes_group_id)
        self.register_outputs({"log_group_id": self.log_group_id})

    @property
    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _collect(
        self, topic: str, paths: Sequence[str], parser: str, group_id: pulumi.Input[str]
    ) -> None:
        """A custom log, and the agents' configuration that fills it with ``paths``."""
        log = oci.logging.Log(
            f"{self._name}-{topic}",
            display_name=self._scope.display_name(topic),
            log_group_id=self.log_group_id,
            log_type="CUSTOM",
            is_enabled=True,
            retention_duration=RETENTION_DAYS,
            freeform_tags=self._scope.tags,
            opts=self._child,
        )
        configuration = oci.logging.UnifiedAgentConfigurationServiceConfigurationArgs(
            configuration_type="LOGGING",
            sources=[
                oci.logging.UnifiedAgentConfigurationServiceConfigurationSourceArgs(
                    source_type="LOG_TAIL",
                    name=topic,
                    paths=list(paths),
                    parser=(
                        oci.logging.UnifiedAgentConfigurationServiceConfigurationSourceParserArgs(
                            parser_type=parser
                        )
                    ),
                )
            ],
            destination=oci.logging.UnifiedAgentConfigurationServiceConfigurationDestinationArgs(
                log_object_id=log.id
            ),
        )
        oci.logging.UnifiedAgentConfiguration(
            f"{self._name}-agent-{topic}",
            compartment_id=self._scope.compartment_id,
            display_name=self._scope.display_name(f"agent-{topic}"),
            description=f"Sends {topic} logs of {self._scope.name} to OCI Logging",
            is_enabled=True,
            service_configuration=configuration,
            group_association=oci.logging.UnifiedAgentConfigurationGroupAssociationArgs(
                group_lists=[group_id]
            ),
            freeform_tags=self._scope.tags,
            # The group is made in the home region and is not known here at once; it is by the
            # time the control plane stands.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._cluster]),
        )
