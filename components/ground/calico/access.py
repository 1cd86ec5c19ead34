"""What Calico's node agent may do in the cluster, each right with its reason."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from components.ground.calico.custom_resources import CALICO_GROUP, CUSTOM_RESOURCES, POLICY_GROUP

NAMESPACE = "kube-system"
"""Where node agents live: pods with the node's own network are not admitted elsewhere."""
ACCOUNT = "calico-node"


def _rules() -> Sequence[kubernetes.rbac.v1.PolicyRuleArgs]:
    rule = kubernetes.rbac.v1.PolicyRuleArgs
    watched = [kind.plural for kind in CUSTOM_RESOURCES if kind.group == CALICO_GROUP]
    return [
        # What the policies select.
        rule(
            api_groups=[""],
            resources=["namespaces", "nodes", "pods", "serviceaccounts"],
            verbs=["get", "list", "watch"],
        ),
        rule(api_groups=[""], resources=["endpoints", "services"], verbs=["get", "list", "watch"]),
        rule(
            api_groups=["discovery.k8s.io"],
            resources=["endpointslices"],
            verbs=["list", "watch"],
        ),
        # The policies.
        rule(
            api_groups=["networking.k8s.io"],
            resources=["networkpolicies"],
            verbs=["list", "watch"],
        ),
        rule(
            api_groups=[POLICY_GROUP],
            resources=["adminnetworkpolicies", "baselineadminnetworkpolicies"],
            verbs=["list", "watch"],
        ),
        rule(api_groups=[CALICO_GROUP], resources=watched, verbs=["get", "list", "watch"]),
        # Its defaults, which it writes when it starts for the first time.
        rule(
            api_groups=[CALICO_GROUP],
            resources=["clusterinformations", "felixconfigurations", "ippools", "tiers"],
            verbs=["create", "update"],
        ),
        rule(api_groups=[CALICO_GROUP], resources=["caliconodestatuses"], verbs=["update"]),
        # Its notes about a node stand in the node's annotations.
        rule(api_groups=[""], resources=["nodes/status"], verbs=["patch", "update"]),
    ]


def grant_access(name: str, *, opts: pulumi.ResourceOptions) -> Sequence[pulumi.Resource]:
    """The service account, its role and their binding."""
    account = kubernetes.core.v1.ServiceAccount(
        f"{name}-account",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=ACCOUNT, namespace=NAMESPACE),
        opts=opts,
    )
    role = kubernetes.rbac.v1.ClusterRole(
        f"{name}-role",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=ACCOUNT),
        rules=_rules(),
        opts=opts,
    )
    binding = kubernetes.rbac.v1.ClusterRoleBinding(
        f"{name}-binding",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=ACCOUNT),
        role_ref=kubernetes.rbac.v1.RoleRefArgs(
            api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=ACCOUNT
        ),
        subjects=[
            kubernetes.rbac.v1.SubjectArgs(kind="ServiceAccount", name=ACCOUNT, namespace=NAMESPACE)
        ],
        # A binding's role cannot be changed, and its name is fixed.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True)),
    )
    return account, role, binding
