"""The control plane: private, encrypted with the customer's key, reachable by its own token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pulumi
import pytest

from components.oci import remedies
from tests.components.conftest import KUBECONFIG, Recording
from tests.components.oci.test_capacity_reservation import failure

CLUSTER = "oci:ContainerEngine/cluster:Cluster"
NOT_AUTHORIZED = "404-NotAuthorizedOrNotFound, Authorization failed or requested resource not found"


def test_cluster_is_enhanced_and_of_the_stack_files_version(recording: Recording) -> None:
    inputs = recording.one(CLUSTER).inputs
    assert inputs["type"] == "ENHANCED_CLUSTER"
    assert inputs["kubernetesVersion"] == "v1.34.1"
    assert inputs["clusterPodNetworkOptions"] == [{"cniType": "OCI_VCN_IP_NATIVE"}]
    network = inputs["options"]["kubernetesNetworkConfig"]
    assert network["servicesCidr"] == "10.96.0.0/16"


def test_endpoint_is_private(recording: Recording) -> None:
    endpoint = recording.one(CLUSTER).inputs["endpointConfig"]
    assert endpoint["isPublicIpEnabled"] is False
    assert endpoint["subnetId"] == "oci-network-subnet-api-endpoint-id"
    assert endpoint["nsgIds"] == ["oci-network-nsg-api-endpoint-id"]


def test_secrets_are_encrypted_with_the_customers_key(recording: Recording) -> None:
    assert recording.one(CLUSTER).inputs["kmsKeyId"] == "oci-keys-key-id"
    key = recording.one("oci:Kms/key:Key").inputs
    assert key["protectionMode"] == "HSM"
    assert key["keyShape"] == {"algorithm": "AES", "length": 32}


def test_cluster_waits_for_rights_routes_and_rules(recording: Recording) -> None:
    dependencies = recording.one(CLUSTER).dependencies
    assert "oci-identity-policy-key" in dependencies
    assert "oci-network-routes-private" in dependencies
    rules = [name for name in dependencies if name.startswith("oci-network-nsg-nodes-ingress")]
    assert rules


def test_a_new_kubernetes_version_has_time(recording: Recording) -> None:
    assert recording.one(CLUSTER).timeouts["update"] == "3h"


def test_kubeconfig_is_asked_for_the_private_endpoint(recording: Recording) -> None:
    (asked,) = [args for token, args in recording.invokes if "getClusterKubeConfig" in token]
    assert asked == {
        "clusterId": "oci-oke-cluster-id",
        "endpoint": "PRIVATE_ENDPOINT",
        "tokenVersion": "2.0.0",
    }


def test_kubernetes_provider_survives_a_new_kubeconfig(recording: Recording) -> None:
    provider = recording.one("pulumi:providers:kubernetes")
    assert provider.inputs["clusterIdentifier"] == "oci/me-jeddah-1/oci-jeddah"
    assert provider.inputs["kubeconfig"] == KUBECONFIG
    assert "kubeconfig" in provider.secret_inputs


def answer(recording: Recording, args: pulumi.ErrorHookArgs) -> bool:
    (hook,) = recording.one(CLUSTER).error_hooks
    waiting = recording.hooks[hook](args)
    assert isinstance(waiting, Awaitable)

    async def wait() -> bool:
        return await waiting

    return asyncio.run(wait())


def test_a_policy_that_is_not_in_force_yet_is_waited_for(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remedies, "POLICY_PROPAGATION_WAIT_SECONDS", 0)
    assert answer(recording, failure(NOT_AUTHORIZED))


def test_the_wait_for_a_policy_ends(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    tries = [NOT_AUTHORIZED] * remedies.POLICY_PROPAGATION_TRIES
    assert not answer(recording, failure(*tries))
    assert "policies of this stack" in said[0]


def test_an_update_is_not_repeated(recording: Recording) -> None:
    assert not answer(recording, failure(NOT_AUTHORIZED, operation="update"))
