"""Faults at the API: what they answer, how often, and what is left behind."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal import faults
from rehearsal.cloud import operations
from rehearsal.cloud.audit import audit
from rehearsal.standin.provider import CloudError, PartialFailure, State
from tests.rehearsal.oci.cloud import COMPARTMENT, Cloud, network

VCN = "oci:Core/vcn:Vcn"


def arm(cloud: Cloud, *texts: str) -> None:
    faults.arm(cloud.paths, [faults.parse(text) for text in texts])


async def vcn(cloud: Cloud, name: str = "vcn", **changes: Any) -> State:
    inputs = {"compartmentId": COMPARTMENT, "cidrBlocks": ["10.0.0.0/16"], "displayName": "vcn"}
    return await cloud.create(VCN, name, **{**inputs, **changes})


@pytest.mark.parametrize(
    ("fault", "words", "seconds"),
    [
        ("throttled", "429-TooManyRequests, Too many requests for the user\n", 600),
        ("internal-error", "500-InternalError, ", 120),
    ],
)
async def test_a_refusal_leaves_nothing_and_took_the_providers_retries(
    cloud: Cloud, fault: str, words: str, seconds: float
) -> None:
    arm(cloud, fault)
    with pytest.raises(CloudError) as refused:
        await vcn(cloud)
    assert str(refused.value).startswith(words)
    assert "Suggestion: " in str(refused.value)
    assert cloud.live() == []
    (entry,) = operations.operations(cloud.store)
    assert entry.seconds == seconds
    assert entry.error == str(refused.value)


async def test_a_fault_strikes_as_often_as_it_says(cloud: Cloud) -> None:
    arm(cloud, "throttled:2")
    for _ in range(2):
        with pytest.raises(CloudError, match="429"):
            await vcn(cloud)
    await vcn(cloud)


async def test_a_fault_of_a_type_waits_for_it(cloud: Cloud) -> None:
    arm(cloud, "internal-error:oci:Core/subnet:Subnet")
    await vcn(cloud)
    subnet = {"compartmentId": COMPARTMENT, "vcnId": cloud.id("vcn"), "cidrBlock": "10.0.0.0/24"}
    with pytest.raises(CloudError, match="500-InternalError"):
        await cloud.create("oci:Core/subnet:Subnet", "subnet", **subnet)
    await cloud.create("oci:Core/subnet:Subnet", "subnet", **subnet)


async def test_uses_are_counted_across_processes(cloud: Cloud) -> None:
    arm(cloud, "throttled")
    with pytest.raises(CloudError, match="429"):
        await vcn(cloud)
    other = await Cloud.at(cloud.paths.directory)
    await vcn(other)


async def test_a_lost_answer_leaves_an_orphan(cloud: Cloud) -> None:
    arm(cloud, "timeout-after-success")
    with pytest.raises(CloudError, match=r"Client.Timeout exceeded"):
        await vcn(cloud)
    found = audit(cloud.store, cloud.exported())
    assert [it.type for it in found.orphans if it.owner is None] == [VCN]
    await vcn(cloud)
    found = audit(cloud.store, cloud.exported())
    assert [len(group) for group in found.duplicates] == [2]


async def test_a_lost_answer_to_a_deletion_does_no_harm(cloud: Cloud) -> None:
    await vcn(cloud)
    arm(cloud, "timeout-after-success")
    with pytest.raises(CloudError, match=r"Client.Timeout exceeded"):
        await cloud.delete("vcn")
    assert cloud.live() == []
    await cloud.delete("vcn")


async def test_a_failed_update_keeps_the_id_and_can_be_repeated(cloud: Cloud) -> None:
    await vcn(cloud)
    for fault in ("throttled", "internal-error", "timeout-after-success"):
        arm(cloud, fault)
        with pytest.raises(PartialFailure) as failed:
            await cloud.update("vcn", displayName=fault)
        assert failed.value.state.id == cloud.id("vcn")
        assert failed.value.reasons[0].startswith("updating urn:")
        updated = await cloud.update("vcn", displayName=fault)
        assert updated.outputs["displayName"] == fault


async def test_a_failed_deletion_keeps_the_thing(cloud: Cloud) -> None:
    await vcn(cloud)
    arm(cloud, "internal-error")
    with pytest.raises(CloudError, match="500"):
        await cloud.delete("vcn")
    assert len(cloud.live(VCN)) == 1


async def test_refusals_are_logged_with_their_text(cloud: Cloud) -> None:
    await network(cloud)
    with pytest.raises(CloudError):
        await cloud.delete("vcn")
    last = operations.operations(cloud.store)[-1]
    assert last.verb == "delete"
    assert last.error is not None
    assert "409-Conflict" in last.error
