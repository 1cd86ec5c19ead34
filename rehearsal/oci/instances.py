"""The instances that a node pool launches, as the store keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import count
from typing import Any

from rehearsal.cloud.store import Record
from rehearsal.oci import cidr, hosts, ocid
from rehearsal.oci.compute import note_usage
from rehearsal.oci.facts.regions import FAULT_DOMAINS
from rehearsal.oci.hosts import Size, Wanted
from rehearsal.oci.model import Call, Values
from rehearsal.oci.tokens import INSTANCE, SUBNET

#: What a pool's nodes take over when they are made, and again when their boot volume is replaced.
SOFTWARE = ("kubernetes_version", "image_id", "boot_volume_gb", "metadata")


def of_pool(call: Call, pool_id: str) -> list[Record]:
    """A pool's instances, oldest first."""
    return call.transaction.live(INSTANCE, owner=pool_id)


def launch(call: Call, pool: Values, snapshot: Mapping[str, Any], wanted: int) -> int:
    """Launch until the pool has ``wanted`` instances; returns how many could not be.

    Instances go to the placement configurations in turn, and within one to its fault domains in
    the order of its list. A fault domain that has no host left is not made up for by another.
    """
    present = {it.private["position"] for it in of_pool(call, snapshot["pool_id"])}
    missing = 0
    for position, (placement, fault_domain) in enumerate(_slots(pool)):
        if position >= wanted:
            break
        if position in present:
            continue
        size = Size(**snapshot["size"])
        slot = Wanted(
            size,
            placement["availabilityDomain"],
            fault_domain,
            placement.get("capacityReservationId"),
        )
        if hosts.can_launch(call, slot):
            _add(call, placement, slot, {**snapshot, "position": position})
        else:
            missing += 1
    _note_usage(call, pool)
    return missing


def terminate(call: Call, instances: Sequence[Record], pool: Values) -> None:
    """Give the hosts of these instances back."""
    for instance in instances:
        call.transaction.delete(instance.id, at=call.at, state="TERMINATED")
    _note_usage(call, pool)


def replace_boot_volume(call: Call, instance: Record, snapshot: Mapping[str, Any]) -> None:
    """New software on the same host, under the same address."""
    renewed = {name: snapshot[name] for name in SOFTWARE}
    generation = instance.private["generation"] + 1
    call.transaction.update(
        instance.id, private={**instance.private, **renewed, "generation": generation}
    )


def shown(call: Call, pool_id: str) -> list[Values]:
    """The pool's ``nodes`` output."""
    return [
        {
            "availabilityDomain": instance.properties["availabilityDomain"],
            "faultDomain": instance.private["fault_domain"],
            "id": instance.id,
            "kubernetesVersion": instance.private["kubernetes_version"],
            "lifecycleDetails": "",
            "name": instance.name,
            "nodePoolId": pool_id,
            "privateIp": instance.private["private_ip"],
            "publicIp": "",
            "state": "ACTIVE",
            "subnetId": instance.properties["subnetId"],
        }
        for instance in of_pool(call, pool_id)
    ]


def _slots(pool: Values) -> Iterator[tuple[Values, str]]:
    placements = pool["nodeConfigDetails"]["placementConfigs"]
    for position in count():
        placement = placements[position % len(placements)]
        fault_domains = placement.get("faultDomains") or FAULT_DOMAINS
        yield placement, fault_domains[position // len(placements) % len(fault_domains)]


def _add(call: Call, placement: Values, slot: Wanted, snapshot: Mapping[str, Any]) -> None:
    subnet = call.need(placement["subnetId"], SUBNET)
    identity = call.new_ocid("instance")
    name = "-".join(
        (
            "oke",
            f"c{ocid.tail(snapshot['cluster_id'], 10)}",
            f"n{ocid.tail(snapshot['pool_id'], 10)}",
            f"s{ocid.tail(subnet.id, 10)}",
            str(snapshot["position"]),
        )
    )
    call.add(
        Record(
            id=identity,
            type=INSTANCE,
            name=name,
            scope=snapshot["compartment_id"],
            region=call.region.name,
            owner=snapshot["pool_id"],
            state="RUNNING",
            properties={
                "availabilityDomain": slot.availability_domain,
                "subnetId": subnet.id,
                "nsgIds": snapshot["nsg_ids"],
            },
            private={
                **snapshot,
                "fault_domain": slot.fault_domain,
                "reservation_id": slot.reservation_id,
                "private_ip": _address(call, subnet),
                "size": asdict(slot.size),
                "vnic": call.new_ocid("vnic"),
                "generation": 1,
            },
            created_at=call.at,
        )
    )


def _address(call: Call, subnet: Record) -> str:
    taken = {
        instance.private["private_ip"]
        for instance in call.transaction.referring_to(subnet.id, type_token=INSTANCE)
    }
    block = cidr.network(call, subnet.properties["cidrBlock"])
    address = cidr.address(block, taken)
    if address is None:
        raise call.refuse(f"Subnet {subnet.id} ({block}) has no free address left")
    return address


def _note_usage(call: Call, pool: Values) -> None:
    for placement in pool["nodeConfigDetails"]["placementConfigs"]:
        if placement.get("capacityReservationId") is not None:
            note_usage(call, placement["capacityReservationId"])
