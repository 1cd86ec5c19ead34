"""The OKE control plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.oci.network import Network, SubnetRole
from components.oci.remedies import wait_for_policies
from components.oci.scope import OciScope
from components.oci.security_rules import Group

POD_NETWORKING = "OCI_VCN_IP_NATIVE"
TIMEOUTS = pulumi.CustomTimeouts(create="1h", update="3h", delete="1h")
"""An update of the control plane to a new Kubernetes version takes longest."""
TOKEN_VERSION = "2.0.0"  # noqa: S105 - the version of the kubeconfig's format


@dataclass(frozen=True)
class ControlPlane:
    """What a cluster is made of; everything but the version is decided for good."""

    kubernetes: str
    """Version, e.g. ``1.34.1``."""
    services_cidr: str
    key_id: pulumi.Output[str]
    """The key that Kubernetes secrets are encrypted with."""


class OkeCluster(pulumi.ComponentResource):
    """An enhanced OKE cluster with a private endpoint and VCN-native pod networking.

    Enhanced, because only those can cycle nodes in place. Nothing about it is ignored: whatever
    differs from the stack file is shown, and a change that would replace it is refused while it
    is protected. What OKE's API servers are asked stands in OCI Audit without further ado.
    """

    id: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]
    """Secret."""

    def __init__(
        self,
        name: str,
        spec: ControlPlane,
        *,
        scope: OciScope,
        network: Network,
        policies: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the cluster in ``network`` once ``policies`` are in force."""
        super().__init__("openedx-large:index:OkeCluster", name, None, opts)
        cluster = oci.containerengine.Cluster(
            f"{name}-cluster",
            compartment_id=scope.compartment_id,
            name=scope.name,
            type="ENHANCED_CLUSTER",
            kubernetes_version=f"v{spec.kubernetes}",
            vcn_id=network.vcn_id,
            kms_key_id=spec.key_id,
            endpoint_config=oci.containerengine.ClusterEndpointConfigArgs(
                subnet_id=network.subnet_ids[SubnetRole.API_ENDPOINT],
                is_public_ip_enabled=False,
                nsg_ids=[network.security_group_ids[Group.API_ENDPOINT]],
            ),
            cluster_pod_network_options=[
                oci.containerengine.ClusterClusterPodNetworkOptionArgs(cni_type=POD_NETWORKING)
            ],
            options=_options(spec, scope, network),
            freeform_tags=scope.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=scope.protect,
                # Nodes cannot register before the routes and the security rules are there.
                depends_on=[network, *policies],
                custom_timeouts=TIMEOUTS,
                hooks=pulumi.ResourceHookBinding(
                    on_error=[wait_for_policies(f"{name}-wait-for-policies")]
                ),
            ),
        )
        self.id = cluster.id
        self.endpoint = cluster.endpoints.apply(
            lambda endpoints: (endpoints[0].private_endpoint if endpoints else None) or ""
        )
        self.kubeconfig = pulumi.Output.secret(
            oci.containerengine.get_cluster_kube_config_output(
                cluster_id=cluster.id,
                endpoint="PRIVATE_ENDPOINT",
                token_version=TOKEN_VERSION,
                opts=pulumi.InvokeOutputOptions(parent=self),
            ).content
        )
        self.register_outputs({"id": self.id, "endpoint": self.endpoint})


def _options(
    spec: ControlPlane, scope: OciScope, network: Network
) -> oci.containerengine.ClusterOptionsArgs:
    tags = scope.tags
    return oci.containerengine.ClusterOptionsArgs(
        kubernetes_network_config=oci.containerengine.ClusterOptionsKubernetesNetworkConfigArgs(
            services_cidr=spec.services_cidr
        ),
        service_lb_subnet_ids=[network.subnet_ids[SubnetRole.LOAD_BALANCERS]],
        service_lb_config=oci.containerengine.ClusterOptionsServiceLbConfigArgs(freeform_tags=tags),
        persistent_volume_config=oci.containerengine.ClusterOptionsPersistentVolumeConfigArgs(
            freeform_tags=tags
        ),
        add_ons=oci.containerengine.ClusterOptionsAddOnsArgs(
            is_kubernetes_dashboard_enabled=False, is_tiller_enabled=False
        ),
    )
