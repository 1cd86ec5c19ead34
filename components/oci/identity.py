"""The dynamic group and the policies, in the tenancy's home region."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_oci as oci

from components.oci import statements
from components.oci.scope import OciScope
from components.oci.statements import Statement


class Identity(pulumi.ComponentResource):
    """Who may do what: least rights for OKE, its node pools, volumes and log agents.

    OCI takes identity changes in the home region only, so this component has to be given a
    provider for that region in its options.
    """

    nodes_group_id: pulumi.Output[str]
    """The dynamic group of the compartment's instances: the worker nodes."""
    policies: Sequence[pulumi.Resource]
    """What must be in force before the cluster and its node pools are made."""

    def __init__(
        self,
        name: str,
        scope: OciScope,
        *,
        key_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Make the group and the policies; ``opts`` must carry the home region's provider."""
        super().__init__("openedx-large:index:Identity", name, None, opts)
        self._name = name
        self._scope = scope
        group_name = scope.display_name("nodes")
        group = oci.identity.DynamicGroup(
            f"{name}-nodes",
            # Dynamic groups live in the root compartment, wherever their instances are.
            compartment_id=scope.tenancy_id,
            name=group_name,
            description=f"Worker nodes of {scope.name}: they may write their logs",
            matching_rule=f"ALL {{instance.compartment.id = '{scope.compartment_id}'}}",
            freeform_tags=scope.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.nodes_group_id = group.id
        local = scope.compartment_id
        self.policies = (
            self._policy(
                "key",
                local,
                pulumi.Output.from_input(key_id).apply(
                    lambda key: _texts(statements.for_key(local, key))
                ),
                "use of the customer-managed key",
            ),
            self._policy(
                "capacity",
                # "in tenancy" can only be said in the root compartment.
                scope.tenancy_id,
                _texts(statements.for_capacity_reservations()),
                "launches on reserved capacity",
            ),
            self._policy(
                "pod-networking",
                local,
                _texts(statements.for_pod_networking(local)),
                "VCN-native pod networking",
            ),
            self._policy(
                "logging",
                local,
                group.name.apply(lambda made: _texts(statements.for_log_agents(local, made))),
                "node and container logs",
            ),
        )
        self.register_outputs({"nodes_group_id": self.nodes_group_id})

    def _policy(
        self, topic: str, compartment_id: str, texts: pulumi.Input[Sequence[str]], purpose: str
    ) -> oci.identity.Policy:
        return oci.identity.Policy(
            f"{self._name}-policy-{topic}",
            compartment_id=compartment_id,
            name=self._scope.display_name(topic),
            description=f"openedx-large, stack {self._scope.name}: {purpose}",
            statements=texts,
            freeform_tags=self._scope.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _texts(wanted: Sequence[Statement]) -> list[str]:
    return [statement.text for statement in wanted]
