"""Which resource types the stand-in takes."""

from __future__ import annotations

import importlib

import pytest

from rehearsal.kubernetes.client import Cluster
from rehearsal.kubernetes.kinds import KINDS, Kind, parse
from rehearsal.kubernetes.kubeconfig import Selection, connection
from rehearsal.kubernetes.kubeconfig import parse as kubeconfig_file
from rehearsal.standin.provider import CloudError


def sdk_token(kind: Kind) -> str:
    """The type token under which the installed SDK registers a kind."""
    group = kind.group.split(".")[0] or "core"
    version = kind.api_version.rpartition("/")[2]
    module = importlib.import_module(f"pulumi_kubernetes.{group}.{version}")
    return str(getattr(module, kind.kind).pulumi_type)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: f"{kind.api_version}.{kind.kind}")
def test_every_kind_is_one_of_the_sdk(kind: Kind) -> None:
    assert parse(sdk_token(kind)).typed is kind


def test_a_custom_resource_is_looked_up_later() -> None:
    token = parse("kubernetes:operator.tigera.io/v1:Installation")
    assert (token.api_version, token.kind, token.typed) == (
        "operator.tigera.io/v1",
        "Installation",
        None,
    )


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("kubernetes:core/v1:Pod", "add it to rehearsal/kubernetes/kinds.py"),
        ("kubernetes:core/v1:ConfigMapPatch", "add it to rehearsal/kubernetes/kinds.py"),
        ("kubernetes:apps/v1beta1:Deployment", "add it to rehearsal/kubernetes/kinds.py"),
        (
            "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration",
            "add it to rehearsal/kubernetes/kinds.py",
        ),
        ("kubernetes:helm.sh/v4:Chart", "Release"),
        ("kubernetes:yaml/v2:ConfigGroup", "Release"),
        ("oci:Core/vcn:Vcn", "unrecognized resource type"),
        ("kubernetes:core:Namespace", "unrecognized resource type"),
    ],
)
def test_others_are_refused_by_name(token: str, told: str) -> None:
    with pytest.raises(CloudError) as refused:
        parse(token)
    assert token in str(refused.value)
    assert told in str(refused.value)


async def test_every_kind_is_served_where_the_table_says(kubeconfig: str) -> None:
    """The plural and the scope of each kind, by what a real API server tells of itself."""
    async with Cluster(connection(kubeconfig_file(kubeconfig), Selection())) as cluster:
        for kind in KINDS.values():
            (served,) = [
                resource
                for resource in await cluster.resources(kind.api_version)
                if resource["name"] == kind.plural
            ]
            assert (served["kind"], served["namespaced"]) == (kind.kind, kind.namespaced)
