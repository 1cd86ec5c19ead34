"""The namespace of Open edX and what may be in it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as kubernetes

OPENEDX = "openedx"
"""Tutor's own default for ``K8S_NAMESPACE``."""

EDGE_LABEL: Mapping[str, str] = {"openedx-large/edge": "true"}
"""Label of the namespaces whose pods bring learners' requests in."""

POD_SECURITY: Mapping[str, str] = {
    "pod-security.kubernetes.io/enforce": "baseline",
    "pod-security.kubernetes.io/warn": "restricted",
    "pod-security.kubernetes.io/audit": "restricted",
}
"""Tutor's pods keep to ``baseline``; several run as root, which ``restricted`` refuses: it is
reported, not enforced. https://kubernetes.io/docs/concepts/security/pod-security-standards/"""


def create_namespace(
    name: str, *, protect: bool, opts: pulumi.ResourceOptions
) -> kubernetes.core.v1.Namespace:
    """The namespace ``openedx``.

    Whoever deletes it deletes every claim in it, so it is protected like the volumes.
    """
    return kubernetes.core.v1.Namespace(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=OPENEDX, labels=POD_SECURITY),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=protect)),
    )
