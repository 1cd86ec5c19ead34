"""One whole stack under mocks: what is there, and what must not be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import pulumi
import pytest

from components.platform import Platform
from tests.components.conftest import (
    FAULT_DOMAINS,
    IMAGE,
    KUBECONFIG,
    STACK,
    Recording,
    record,
    settings,
)

PROTECTED = {
    "kubernetes:core/v1:Namespace",
    "oci:ContainerEngine/cluster:Cluster",
    "oci:Core/computeCapacityReservation:ComputeCapacityReservation",
    "oci:Kms/key:Key",
    "oci:Kms/vault:Vault",
}

OUTPUTS = {
    "cluster",
    "datastores",
    "endpoints",
    "kubeconfig",
    "node_pools",
    "tutor",
    "tutor_secrets",
    "versions",
}

Stack = tuple[Recording, Mapping[str, Any], set[str]]
"""What was registered, the stack's outputs, and which of them are secret."""


def platform(**differences: Any) -> Stack:
    outputs: dict[str, Any] = {}
    secrecy: dict[str, asyncio.Future[bool]] = {}

    def program() -> None:
        made = Platform("platform", settings(**differences), stack=STACK, sign_in={})
        for name, value in made.outputs.items():
            output: pulumi.Output[Any] = pulumi.Output.from_input(value)
            output.apply(partial(outputs.setdefault, name))
            secrecy[name] = asyncio.ensure_future(output.is_secret())

    recording = record(program)
    return recording, outputs, {name for name, secret in secrecy.items() if secret.result()}


@pytest.fixture(scope="module")
def stack() -> Stack:
    return platform()


@pytest.fixture(scope="module")
def recording(stack: Stack) -> Recording:
    return stack[0]


@pytest.fixture(scope="module")
def outputs(stack: Stack) -> Mapping[str, Any]:
    return stack[1]


def test_two_runs_register_the_same(recording: Recording) -> None:
    again, _, _ = platform()
    assert again.in_order() == recording.in_order()


def test_every_name_is_said_once(recording: Recording) -> None:
    names = [(resource.type, resource.name) for resource in recording.resources]
    assert len(set(names)) == len(names)


def test_everything_has_a_parent(recording: Recording) -> None:
    orphans = [resource.name for resource in recording.resources if not resource.parent]
    assert orphans == ["openedx-large-oci-jeddah", "platform"]


def test_every_component_says_its_type_without_its_folder(recording: Recording) -> None:
    ours = {r.type for r in recording.resources if r.type.startswith("openedx-large:")}
    assert ours
    assert all(type_.startswith("openedx-large:index:") for type_ in ours)


def test_no_change_is_ignored_but_how_a_secret_was_made(recording: Recording) -> None:
    ignoring = {r.type.partition(":")[0] for r in recording.resources if r.ignore_changes}
    assert ignoring <= {"random", "tls"}


def test_nothing_scales_nodes(recording: Recording) -> None:
    text = "\n".join(map(repr, recording.resources)).lower()
    assert "autoscal" not in text
    assert not recording.of_type("oci:ContainerEngine/addon:Addon")
    assert not recording.of_type("kubernetes:helm.sh/v3:Release")


def test_every_kubernetes_object_has_a_name_of_its_own(recording: Recording) -> None:
    objects = [r for r in recording.resources if r.type.startswith("kubernetes:")]
    assert objects
    assert all(r.inputs["metadata"].get("name") for r in objects)


def test_every_kubernetes_object_is_in_the_stacks_own_cluster(recording: Recording) -> None:
    objects = [r for r in recording.resources if r.type.startswith("kubernetes:")]
    assert {r.provider for r in objects} == {"oci-kubernetes"}


def test_oci_resources_carry_who_made_them(recording: Recording) -> None:
    untagged = {
        r.type
        for r in recording.resources
        if r.type.startswith("oci:") and r.inputs.get("freeformTags", {}).get("stack") != STACK
    }
    # Rules have no tags in OCI.
    assert untagged == {
        "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
    }


def test_only_what_is_precious_is_protected(recording: Recording) -> None:
    protected = {r.type for r in recording.resources if r.protect}
    assert {type_ for type_ in protected if not type_.startswith(("random:", "tls:"))} == PROTECTED


def test_a_component_is_never_protected(recording: Recording) -> None:
    # Protection is inherited: everything in it would be protected too.
    assert not [r.name for r in recording.resources if r.protect and ":index:" in r.type]


def test_protection_off_protects_nothing() -> None:
    bare, _, _ = platform(protection=False)
    assert not [r.name for r in bare.resources if r.protect]


def test_outputs_are_the_interface(outputs: Mapping[str, Any]) -> None:
    assert set(outputs) == OUTPUTS


def test_secret_outputs_are_secret(stack: Stack) -> None:
    assert {"kubeconfig", "tutor_secrets"} <= stack[2]
    assert not stack[2] & {"cluster", "node_pools", "endpoints", "datastores", "versions"}


def test_kubeconfig_is_the_clouds_own(outputs: Mapping[str, Any]) -> None:
    assert outputs["kubeconfig"] == KUBECONFIG


def test_cluster_output(outputs: Mapping[str, Any]) -> None:
    assert outputs["cluster"] == {
        "name": STACK,
        "id": "oci-oke-cluster-id",
        "provider": "oci",
        "region": "me-jeddah-1",
        "kubernetes": "1.34.1",
        "endpoint": "10.0.0.2:6443",
    }


def test_versions_output_names_what_is_pinned(outputs: Mapping[str, Any]) -> None:
    versions = outputs["versions"]
    assert versions["kubernetes"] == "1.34.1"
    assert versions["node_image"] == IMAGE
    assert versions["images"]["calico-node"].startswith("quay.io/calico/node:v3.30.")


def test_lms_pool_output(outputs: Mapping[str, Any]) -> None:
    lms = outputs["node_pools"]["lms"]
    assert (lms["nodes"], lms["shape"], lms["ocpus"]) == (5, "VM.Standard.E4.Flex", 30)
    assert (lms["reserved"], lms["fault_domains"]) == (5, list(FAULT_DOMAINS))
    assert lms["labels"] == {"openedx-large/pool": "lms"}
    assert lms["taints"] == ["openedx-large/pool=lms:NoSchedule"]
    # 60 vCPU less kube-reserved 500 m and system-reserved 100 m.
    assert lms["allocatable"]["cpu_millicores"] == 59_400
    assert lms["allocatable"]["pods"] == 110
    # csi-oci-node 30 m, proxymux-client 50 m, calico-node 250 m.
    assert lms["daemonsets"]["cpu_millicores"] == 330


def test_pools_may_be_in_any_fault_domain() -> None:
    _, outputs, _ = platform(capacity={"fault_domains": "any"})
    for pool in outputs["node_pools"].values():
        assert pool["fault_domains"] == list(FAULT_DOMAINS)


def test_pools_have_room_left(outputs: Mapping[str, Any]) -> None:
    for name, pool in outputs["node_pools"].items():
        assert pool["headroom"]["cpu_millicores"] >= 0, name
        assert pool["headroom"]["memory_mib"] >= 0, name


def test_headroom_and_requests_add_up(outputs: Mapping[str, Any]) -> None:
    for pool in outputs["node_pools"].values():
        for resource in ("cpu_millicores", "memory_mib"):
            each = pool["allocatable"][resource] - pool["daemonsets"][resource]
            assert pool["requested"][resource] + pool["headroom"][resource] == each * pool["nodes"]


def test_clusters_own_pods_are_counted_on_the_pool_without_taints(
    outputs: Mapping[str, Any],
) -> None:
    # Five LMS pods and nothing else; coredns alone would make it uneven.
    assert outputs["node_pools"]["lms"]["requested"]["cpu_millicores"] % 5 == 0
    assert outputs["node_pools"]["general"]["taints"] == []
