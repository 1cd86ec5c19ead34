"""Capacity reservations: every host or none, and no more than there are."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal import faults
from rehearsal.oci.facts.regions import FAULT_DOMAINS, HOSTS_PER_FAULT_DOMAIN
from rehearsal.standin.provider import CloudError, PartialFailure
from tests.rehearsal.oci.cloud import DOMAIN, RESERVATION, Cloud, configuration, reservation

ALL_HOSTS = HOSTS_PER_FAULT_DOMAIN * len(FAULT_DOMAINS)


async def test_seven_hosts_are_held(cloud: Cloud) -> None:
    made = await reservation(cloud)
    assert made.outputs["reservedInstanceCount"] == "7"
    assert made.outputs["usedInstanceCount"] == "0"


async def test_a_reservation_without_fault_domain_spreads(cloud: Cloud) -> None:
    await reservation(cloud, configuration(7))
    (kept,) = cloud.live(RESERVATION)
    (held,) = kept.private["holdings"]
    assert sorted(held["hosts"].values()) == [2, 2, 3]


async def test_the_hosts_are_finite(cloud: Cloud) -> None:
    with pytest.raises(CloudError, match=r"500-InternalError, Out of host capacity."):
        await reservation(cloud, configuration(ALL_HOSTS + 1))
    assert cloud.live() == []
    await reservation(cloud, configuration(ALL_HOSTS))


async def test_a_fault_domain_is_finite(cloud: Cloud) -> None:
    with pytest.raises(CloudError, match=r"Out of host capacity."):
        await reservation(cloud, configuration(HOSTS_PER_FAULT_DOMAIN + 1, "FAULT-DOMAIN-2"))


async def test_one_entry_that_cannot_be_had_gives_none(cloud: Cloud) -> None:
    entries = configuration(5, "FAULT-DOMAIN-1"), configuration(1, "FAULT-DOMAIN-1", ocpus=8)
    entries[1].pop("ocpus")
    with pytest.raises(CloudError, match=r"Out of host capacity."):
        await reservation(cloud, *entries)
    assert cloud.live() == []


async def test_two_reservations_share_what_there_is(cloud: Cloud) -> None:
    await reservation(cloud, configuration(ALL_HOSTS - 1))
    cloud.made["first"] = cloud.made.pop("reservation")
    with pytest.raises(CloudError, match=r"Out of host capacity."):
        await reservation(cloud, configuration(2))
    await cloud.delete("first")
    await reservation(cloud, configuration(2))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (configuration(1, instanceShape="VM.Standard.E9.Flex"), "not available"),
        (configuration(1, "FAULT-DOMAIN-4"), "FAULT-DOMAIN-4 does not exist"),
        (configuration(1, reservedCount="0"), "reservedCount '0'"),
        (configuration(1, reservedCount="some"), "reservedCount 'some'"),
        (configuration(1, instanceShapeConfig=None), "needs instanceShapeConfig"),
        (configuration(1, instanceShapeConfig={"ocpus": 65, "memoryInGbs": 128}), "1 to 64"),
        (configuration(1, instanceShapeConfig={"ocpus": 1, "memoryInGbs": 65}), "1 to 64"),
        (configuration(1, instanceShapeConfig={"ocpus": 64, "memoryInGbs": 1025}), "64 to 1024"),
    ],
)
async def test_entries_are_refused(cloud: Cloud, entry: dict[str, Any], words: str) -> None:
    with pytest.raises(CloudError, match=words) as refused:
        await reservation(cloud, entry)
    assert str(refused.value).startswith("400-InvalidParameter")


async def test_another_availability_domain_is_another_reservation(cloud: Cloud) -> None:
    await reservation(cloud)
    changes = (await cloud.diff("reservation", availabilityDomain="other")).changes
    assert [it.value for it in changes.values()] == ["update_replace"]
    assert DOMAIN.endswith(":ME-JEDDAH-1-AD-1")


async def test_growing_takes_hosts_and_shrinking_gives_them_back(cloud: Cloud) -> None:
    await reservation(cloud, configuration(2))
    grown = await cloud.update("reservation", instanceReservationConfigs=[configuration(ALL_HOSTS)])
    assert grown.outputs["reservedInstanceCount"] == str(ALL_HOSTS)
    with pytest.raises(PartialFailure, match=r"Out of host capacity."):
        await cloud.update("reservation", instanceReservationConfigs=[configuration(ALL_HOSTS + 1)])
    kept = await cloud.read("reservation")
    assert kept is not None
    assert kept.outputs["reservedInstanceCount"] == str(ALL_HOSTS)
    await cloud.update("reservation", instanceReservationConfigs=[configuration(1)])


async def test_fewer_hosts_than_asked_for_give_none(cloud: Cloud) -> None:
    faults.arm(cloud.paths, [faults.parse("out-of-host-capacity")])
    for _ in range(2):
        with pytest.raises(CloudError) as refused:
            await reservation(cloud)
        assert str(refused.value).startswith("500-InternalError, Out of host capacity.\n")
    assert cloud.live() == []
    assert faults.struck(cloud.paths) == [faults.parse("out-of-host-capacity")]
    faults.disarm(cloud.paths)
    await reservation(cloud)
    assert faults.struck(cloud.paths) == [faults.parse("out-of-host-capacity")]


async def test_the_fault_lets_a_held_reservation_be(cloud: Cloud) -> None:
    await reservation(cloud)
    faults.arm(cloud.paths, [faults.parse("out-of-host-capacity:2")])
    await cloud.update("reservation", displayName="renamed")
    assert faults.struck(cloud.paths) == []
    kept = await cloud.read("reservation")
    assert kept is not None
    assert kept.outputs["reservedInstanceCount"] == "7"
