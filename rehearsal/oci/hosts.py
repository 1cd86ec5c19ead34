"""Hosts: how many a fault domain has left, who holds them, and launches that draw on them.

An instance takes one host (:data:`~rehearsal.oci.facts.regions.HOSTS_PER_FAULT_DOMAIN` says why);
so does every instance that a capacity reservation is for, launched or not. A launch on a
reservation takes one of its instances, which must match in shape, OCPUs, memory and fault domain
(https://docs.oracle.com/iaas/Content/Compute/Tasks/reserve-capacity.htm), and never falls back on
the hosts outside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rehearsal.cloud.store import Record
from rehearsal.oci.facts.regions import FAULT_DOMAINS, HOSTS_PER_FAULT_DOMAIN
from rehearsal.oci.model import Call
from rehearsal.oci.tokens import CAPACITY_RESERVATION, INSTANCE


@dataclass(frozen=True)
class Size:
    """What a launch has to match: shape, OCPUs and GB of memory."""

    shape: str
    ocpus: float
    memory_gb: float


@dataclass(frozen=True)
class Held:
    """Hosts that a reservation holds: one entry of its configuration."""

    size: Size
    fault_domain: str | None
    """None: any of them."""
    hosts: Mapping[str, int]
    """By fault domain; they add up to the reserved count."""

    def to_json(self) -> dict[str, Any]:
        """For the store."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Held:
        """From the store."""
        return cls(Size(**value["size"]), value["fault_domain"], value["hosts"])


@dataclass(frozen=True)
class Wanted:
    """One host that is wanted in an availability domain, with a reservation or without."""

    size: Size
    availability_domain: str
    fault_domain: str
    reservation_id: str | None = None


def free(call: Call, availability_domain: str, *, except_for: str | None = None) -> Counter[str]:
    """The hosts by fault domain that no one holds; ``except_for`` counts as holding none."""
    left = Counter(dict.fromkeys(FAULT_DOMAINS, HOSTS_PER_FAULT_DOMAIN))
    for reservation in call.transaction.live(CAPACITY_RESERVATION):
        if reservation.id == except_for or not _in(reservation, call, availability_domain):
            continue
        for held in holdings(reservation):
            left.subtract(held.hosts)
    for instance in call.transaction.live(INSTANCE):
        outside = instance.private.get("reservation_id") is None
        if outside and _in(instance, call, availability_domain):
            left.subtract([instance.private["fault_domain"]])
    return left


def holdings(reservation: Record) -> list[Held]:
    """What a reservation holds."""
    return [Held.from_json(entry) for entry in reservation.private.get("holdings", [])]


def used(call: Call, reservation_id: str) -> list[Record]:
    """The instances that run on a reservation."""
    return [
        instance
        for instance in call.transaction.live(INSTANCE)
        if instance.private.get("reservation_id") == reservation_id
    ]


def can_launch(call: Call, wanted: Wanted) -> bool:
    """Whether the host is to be had, given what has been launched so far."""
    if wanted.reservation_id is None:
        left = free(call, wanted.availability_domain)[wanted.fault_domain]
        return left > 0 and not call.shortage.refuses()
    reservation = call.need(wanted.reservation_id, CAPACITY_RESERVATION)
    if reservation.properties["availabilityDomain"] != wanted.availability_domain:
        return False
    matching: int = sum(
        held.hosts.get(wanted.fault_domain, 0)
        for held in holdings(reservation)
        if held.size == wanted.size
    )
    running: int = sum(
        instance.private["fault_domain"] == wanted.fault_domain
        and Size(**instance.private["size"]) == wanted.size
        for instance in used(call, reservation.id)
    )
    return running < matching


def _in(record: Record, call: Call, availability_domain: str) -> bool:
    return (
        record.region == call.region.name
        and record.properties.get("availabilityDomain") == availability_domain
    )
