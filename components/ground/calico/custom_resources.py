"""The custom resource definitions that Calico's node agent reads.

Felix starts a watch on each of them and enforces nothing until all of them answer, so they all
have to exist, used or not. Their schemas are open: this platform writes Kubernetes network policies
only, and whoever writes Calico's own resources should validate them with ``calicoctl``
(docs/decisions/0075-network-policy-engine.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

CALICO_GROUP = "crd.projectcalico.org"
POLICY_GROUP = "policy.networking.k8s.io"


@dataclass(frozen=True)
class CustomResource:
    """One kind, with the names it goes by."""

    kind: str
    plural: str
    group: str = CALICO_GROUP
    version: str = "v1"
    namespaced: bool = False

    @property
    def name(self) -> str:
        """The name of the definition."""
        return f"{self.plural}.{self.group}"


CUSTOM_RESOURCES: tuple[CustomResource, ...] = (
    CustomResource("BGPConfiguration", "bgpconfigurations"),
    CustomResource("BGPFilter", "bgpfilters"),
    CustomResource("BGPPeer", "bgppeers"),
    CustomResource("BlockAffinity", "blockaffinities"),
    CustomResource("CalicoNodeStatus", "caliconodestatuses"),
    CustomResource("ClusterInformation", "clusterinformations"),
    CustomResource("FelixConfiguration", "felixconfigurations"),
    CustomResource("GlobalNetworkPolicy", "globalnetworkpolicies"),
    CustomResource("GlobalNetworkSet", "globalnetworksets"),
    CustomResource("HostEndpoint", "hostendpoints"),
    CustomResource("IPAMBlock", "ipamblocks"),
    CustomResource("IPAMConfig", "ipamconfigs"),
    CustomResource("IPAMHandle", "ipamhandles"),
    CustomResource("IPPool", "ippools"),
    CustomResource("IPReservation", "ipreservations"),
    CustomResource("KubeControllersConfiguration", "kubecontrollersconfigurations"),
    CustomResource("NetworkPolicy", "networkpolicies", namespaced=True),
    CustomResource("NetworkSet", "networksets", namespaced=True),
    CustomResource("StagedGlobalNetworkPolicy", "stagedglobalnetworkpolicies"),
    CustomResource(
        "StagedKubernetesNetworkPolicy", "stagedkubernetesnetworkpolicies", namespaced=True
    ),
    CustomResource("StagedNetworkPolicy", "stagednetworkpolicies", namespaced=True),
    CustomResource("Tier", "tiers"),
    CustomResource("AdminNetworkPolicy", "adminnetworkpolicies", POLICY_GROUP, "v1alpha1"),
    CustomResource(
        "BaselineAdminNetworkPolicy", "baselineadminnetworkpolicies", POLICY_GROUP, "v1alpha1"
    ),
)
"""Those of Calico 3.30, with the two of the Kubernetes network policy group that it follows."""


def define_custom_resources(
    name: str, *, opts: pulumi.ResourceOptions
) -> Sequence[kubernetes.apiextensions.v1.CustomResourceDefinition]:
    """Register every definition of the table."""
    return [_define(f"{name}-{resource.plural}", resource, opts) for resource in CUSTOM_RESOURCES]


def _define(
    name: str, resource: CustomResource, opts: pulumi.ResourceOptions
) -> kubernetes.apiextensions.v1.CustomResourceDefinition:
    return kubernetes.apiextensions.v1.CustomResourceDefinition(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            name=resource.name, annotations=_approval(resource)
        ),
        spec=kubernetes.apiextensions.v1.CustomResourceDefinitionSpecArgs(
            group=resource.group,
            scope="Namespaced" if resource.namespaced else "Cluster",
            names=kubernetes.apiextensions.v1.CustomResourceDefinitionNamesArgs(
                kind=resource.kind,
                list_kind=f"{resource.kind}List",
                plural=resource.plural,
                singular=resource.kind.lower(),
            ),
            versions=[
                kubernetes.apiextensions.v1.CustomResourceDefinitionVersionArgs(
                    name=resource.version,
                    served=True,
                    storage=True,
                    schema=kubernetes.apiextensions.v1.CustomResourceValidationArgs(
                        open_apiv3_schema=kubernetes.apiextensions.v1.JSONSchemaPropsArgs(
                            type="object", x_kubernetes_preserve_unknown_fields=True
                        )
                    ),
                )
            ],
        ),
        opts=opts,
    )


def _approval(resource: CustomResource) -> dict[str, str] | None:
    """Groups under ``k8s.io`` are admitted only with the address of their API review."""
    if resource.group != POLICY_GROUP:
        return None
    return {
        "api-approved.kubernetes.io": (
            "https://github.com/kubernetes-sigs/network-policy-api/pull/30"
        )
    }
