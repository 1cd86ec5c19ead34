"""The security lists: empty for every subnet but the one with the way in for operators."""

from __future__ import annotations

import pulumi
import pulumi_oci as oci

from components.oci.scope import OciScope
from components.oci.security_rules import KUBERNETES_API

BASTION_REASON = "A Bastion, which cannot join a security group, reaches the Kubernetes API"


def closed_security_list(
    name: str, vcn: oci.core.Vcn, scope: OciScope, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """The OCID of the VCN's default security list, emptied."""
    made = oci.core.DefaultSecurityList(
        name,
        compartment_id=scope.compartment_id,
        manage_default_resource_id=vcn.default_security_list_id,
        display_name=scope.display_name("closed"),
        ingress_security_rules=[],
        egress_security_rules=[],
        freeform_tags=scope.tags,
        opts=opts,
    )
    return made.id


def bastion_security_list(
    name: str,
    vcn: oci.core.Vcn,
    scope: OciScope,
    *,
    api_endpoint_cidr: str,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """The OCID of the list that lets a Bastion out to the API endpoint, and nothing in.

    A Bastion's private endpoint is a VNIC that OCI makes in the subnet and that cannot be put
    into a network security group: the subnet's security list alone governs it
    (docs/decisions/0072-network-rules.md). Rules are stateful, so answers need no rule.
    """
    made = oci.core.SecurityList(
        name,
        compartment_id=scope.compartment_id,
        vcn_id=vcn.id,
        display_name=scope.display_name("bastion"),
        ingress_security_rules=[],
        egress_security_rules=[
            oci.core.SecurityListEgressSecurityRuleArgs(
                protocol=KUBERNETES_API.protocol,
                destination=api_endpoint_cidr,
                destination_type="CIDR_BLOCK",
                stateless=False,
                description=BASTION_REASON,
                tcp_options=oci.core.SecurityListEgressSecurityRuleTcpOptionsArgs(
                    min=KUBERNETES_API.first_port, max=KUBERNETES_API.last_port
                ),
            )
        ],
        freeform_tags=scope.tags,
        opts=opts,
    )
    return made.id
