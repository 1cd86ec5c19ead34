"""Hosts are reserved by kind and fault domain, and held in full before any pool is made."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable

import pulumi
import pytest

from components.oci.capacity_reservation import granted, hosts_by_kind
from components.settings.platform import NodePoolSettings
from tests.components.conftest import AVAILABILITY_DOMAIN, CloudFacts, Recording
from tests.components.oci.conftest import cloud

RESERVATION = "oci:Core/computeCapacityReservation:ComputeCapacityReservation"
POOL = "oci:ContainerEngine/nodePool:NodePool"


TOO_FEW = (
    "409-IncorrectState, The reserved count cannot be less than the number of instances in use"
)


def pool(nodes: int, ocpus: int = 30) -> NodePoolSettings:
    return NodePoolSettings(
        nodes=nodes,
        shape="VM.Standard.E4.Flex",
        ocpus=ocpus,
        memory_gb=128,
        boot_volume_gb=80,
        max_pods=110,
    )


def failure(*errors: str, operation: str = "create") -> pulumi.ErrorHookArgs:
    return pulumi.ErrorHookArgs(
        urn="urn", id="", name="thing", type="", failed_operation=operation, errors=list(errors)
    )


def ask(recording: Recording, hook: str, args: pulumi.ErrorHookArgs) -> bool:
    answer = recording.hooks[hook](args)
    if isinstance(answer, Awaitable):

        async def wait() -> bool:
            return await answer

        return asyncio.run(wait())
    return answer


def test_equal_hosts_are_counted_together_over_all_pools() -> None:
    hosts = hosts_by_kind(
        {"lms": pool(5), "general": pool(2)},
        {"lms": {"FD-1": 2, "FD-2": 2, "FD-3": 1}, "general": {"FD-3": 1, "FD-1": 1}},
    )
    size = ("VM.Standard.E4.Flex", 30, 128)
    assert hosts == {(*size, "FD-1"): 3, (*size, "FD-2"): 2, (*size, "FD-3"): 2}


def test_different_hosts_are_reserved_apart() -> None:
    hosts = hosts_by_kind(
        {"lms": pool(1), "general": pool(1, ocpus=16)},
        {"lms": {"FD-1": 1}, "general": {"FD-1": 1}},
    )
    assert list(hosts.values()) == [1, 1]


def test_hosts_anywhere_are_reserved_without_a_fault_domain() -> None:
    pools = {"lms": pool(5), "general": pool(2)}
    hosts = hosts_by_kind(pools, {"lms": {None: 5}, "general": {None: 2}})
    assert hosts == {("VM.Standard.E4.Flex", 30, 128, None): 7}


def reserved(recording: Recording) -> int:
    configurations = recording.one(RESERVATION).inputs["instanceReservationConfigs"]
    return sum(int(kind["reservedCount"]) for kind in configurations)


def sizes(recording: Recording) -> dict[str, int]:
    return {
        made.inputs["name"]: int(made.inputs["nodeConfigDetails"]["size"])
        for made in recording.of_type(POOL)
    }


def test_a_smaller_pool_leaves_the_reservation_alone_until_it_is_told(recording: Recording) -> None:
    first = cloud(node_pools={"lms": {"nodes": 4, "reserved": 5}})
    assert sizes(first) == {"lms": 4, "general": 2}
    assert first.one(RESERVATION).inputs == recording.one(RESERVATION).inputs
    placements = [
        {made.name: made.inputs["nodeConfigDetails"]["placementConfigs"] for made in pools}
        for pools in (first.of_type(POOL), recording.of_type(POOL))
    ]
    assert placements[0] == placements[1]
    second = cloud(node_pools={"lms": {"nodes": 4}})
    assert sizes(second) == {"lms": 4, "general": 2}
    assert reserved(second) == 6


def test_a_spare_host_is_reserved_and_has_no_node() -> None:
    spare = cloud(node_pools={"general": {"nodes": 2, "reserved": 3}})
    assert reserved(spare) == 8
    assert sizes(spare) == {"lms": 5, "general": 2}


def test_hosts_in_any_fault_domain() -> None:
    anywhere = cloud(capacity={"fault_domains": "any"})
    (kind,) = anywhere.one(RESERVATION).inputs["instanceReservationConfigs"]
    assert kind["reservedCount"] == "7"
    assert "faultDomain" not in kind
    for made in anywhere.of_type(POOL):
        (placement,) = made.inputs["nodeConfigDetails"]["placementConfigs"]
        assert "faultDomains" not in placement
        assert placement["capacityReservationId"] == "oci-capacity-reservation-id"


def test_one_reservation_for_all_pools(recording: Recording) -> None:
    inputs = recording.one(RESERVATION).inputs
    assert inputs["availabilityDomain"] == AVAILABILITY_DOMAIN
    assert inputs["isDefaultReservation"] is False
    for kind in inputs["instanceReservationConfigs"]:
        assert kind["instanceShape"] == "VM.Standard.E4.Flex"
        assert kind["instanceShapeConfig"] == {"ocpus": 30, "memoryInGbs": 128}


def test_reserved_hosts_are_those_that_the_pools_will_launch(recording: Recording) -> None:
    reserved = {
        kind["faultDomain"]: int(kind["reservedCount"])
        for kind in recording.one(RESERVATION).inputs["instanceReservationConfigs"]
    }
    launched: Counter[str] = Counter()
    for made in recording.of_type(POOL):
        config = made.inputs["nodeConfigDetails"]
        (placement,) = config["placementConfigs"]
        order = placement["faultDomains"]
        launched.update(order[turn % len(order)] for turn in range(int(config["size"])))
    assert launched == reserved
    assert sorted(reserved.values()) == [2, 2, 3]


def test_pools_launch_in_the_reservation_and_after_it(recording: Recording) -> None:
    for made in recording.of_type(POOL):
        (placement,) = made.inputs["nodeConfigDetails"]["placementConfigs"]
        assert placement["capacityReservationId"] == "oci-capacity-reservation-id"
        assert placement["availabilityDomain"] == AVAILABILITY_DOMAIN
        assert "oci-capacity-reservation" in made.dependencies


def test_no_pool_without_every_host() -> None:
    recording = cloud(facts=CloudFacts(reserved_instance_count=6), refused=True)
    assert "holds 6 of 7 hosts" in recording.error
    assert "`pulumi refresh`" in recording.error
    assert recording.of_type(RESERVATION)
    assert not recording.of_type(POOL)


@pytest.mark.parametrize("reserved", ["7", 7, 8])
def test_a_full_reservation_is_granted(reserved: str | int) -> None:
    assert granted("ocid1.reservation", reserved, 7) == "ocid1.reservation"


def test_the_remedy_follows_ocis_words_without_a_retry(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    hooks = recording.one(RESERVATION).error_hooks
    assert hooks == ("oci-capacity-remedies",)
    assert not ask(recording, hooks[0], failure("500-InternalError, Out of host capacity."))
    assert "Run `pulumi up` again" in said[0]
    assert "As long as no node pool stands" in said[0]
    assert "capacity.fault_domains" in said[0]


def test_hosts_in_use_are_explained_by_the_two_steps(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    (hook,) = recording.one(RESERVATION).error_hooks
    assert not ask(recording, hook, failure(TOO_FEW, operation="update"))
    (remedy,) = said
    assert "first lower node_pools.<pool>.nodes" in remedy
    assert "Another shape, ocpus or memory_gb" in remedy
    # A reservation that cannot be deleted is another matter.
    assert not ask(recording, hook, failure(TOO_FEW, operation="delete"))
    assert len(said) == 1


def test_other_failures_are_left_to_speak_for_themselves(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    for resource in recording.resources:
        for hook in resource.error_hooks:
            assert not ask(recording, hook, failure("400-InvalidParameter"))
    assert not said


def test_each_pool_has_a_remedy_of_its_own(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    for made in recording.of_type(POOL):
        (hook,) = made.error_hooks
        assert not ask(recording, hook, failure("(500, InternalError) Out of host capacity."))
    assert len(said) == 2
    assert all("A node could not be launched" in remedy for remedy in said)
    assert all("capacity.fault_domains" in remedy for remedy in said)


def test_a_placement_that_cannot_change_while_nodes_are_renewed_is_explained(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    (hook,) = recording.named("oci-pool-lms-nodes").error_hooks
    answer = (
        "409-Conflict, Cannot perform nodepool cycling and nodepool Placement Configuration change "
        "simultaneously."
    )
    assert not ask(recording, hook, failure(answer, operation="update"))
    (remedy,) = said
    assert "node_pools.<pool>.cycling to none" in remedy


@pytest.mark.parametrize(
    "answer",
    [
        "timeout while waiting for state to become 'SUCCEEDED' (last state: 'IN_PROGRESS')",
        "work request did not succeed: failed to drain node 10.0.4.7",
        "work request did not succeed: Node eviction of 10.0.4.7 failed",
    ],
)
def test_nodes_that_are_not_renewed_are_explained(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    (hook,) = recording.named("oci-pool-lms-nodes").error_hooks
    assert not ask(recording, hook, failure(answer, operation="update"))
    (remedy,) = said
    assert "work requests" in remedy
    assert "kubectl get pdb -n openedx" in remedy
