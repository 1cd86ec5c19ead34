"""The instances that a node pool launches, as the store keeps them."""

from __future__ import annotations

from collections import Counter
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
SOFTWARE = (
    "kubernetes_version",
    "image_id",
    "boot_volume_gb",
    "metadata",
    "ssh_public_key",
    "kms_key_id",
)

#: What they take over only when they are made, with OKE's name for it.
LAUNCHED_WITH: Mapping[str, str] = {
    "size": "nodeShape, nodeShapeConfig",
    "labels": "initialNodeLabels",
    "nsg_ids": "nodeConfigDetails.nsgIds",
    "pod_network": "nodeConfigDetails.nodePoolPodNetworkOptionDetails",
    "encrypted_in_transit": "nodeConfigDetails.isPvEncryptionInTransitEnabled",
    "tags": "nodeConfigDetails.definedTags, freeformTags",
}


def of_pool(call: Call, pool_id: str) -> list[Record]:
    """A pool's instances, oldest first."""
    return call.transaction.live(INSTANCE, owner=pool_id)


def launch(call: Call, pool: Values, snapshot: Mapping[str, Any], wanted: int) -> int:
    """Launch until the pool has ``wanted`` instances; returns how many could not be.

    Instances go to the placement configurations in turn, and within one to its fault domains in
    the order of its list. A fault domain that has no host left is not made up for by another,
    unless the list leaves the choice to the cloud.
    """
    present = {it.private["position"] for it in of_pool(call, snapshot["pool_id"])}
    missing = 0
    for position, (placement, listed) in enumerate(_slots(pool)):
        if position >= wanted:
            break
        if position in present:
            continue
        size = Size(**snapshot["size"])
        choice = (
            Wanted(
                size,
                placement["availabilityDomain"],
                fault_domain,
                placement.get("capacityReservationId"),
            )
            for fault_domain in ([listed] if listed else _emptiest_first(call, placement))
        )
        slot = next((slot for slot in choice if hosts.can_launch(call, slot)), None)
        if slot is None:
            missing += 1
        else:
            _add(call, placement, slot, {**snapshot, "position": position})
    _note_usage(call, pool)
    return missing


def launch_instead(
    call: Call, pool: Values, snapshot: Mapping[str, Any], old: Sequence[Record]
) -> list[Record]:
    """Launch an instance of now for each old one, in its fault domain; the ones to be had."""
    placements = pool["nodeConfigDetails"]["placementConfigs"]
    launched = []
    for instance in old:
        position = instance.private["position"]
        placement = placements[position % len(placements)]
        slot = Wanted(
            Size(**snapshot["size"]),
            instance.properties["availabilityDomain"],
            instance.private["fault_domain"],
            placement.get("capacityReservationId"),
        )
        if hosts.can_launch(call, slot):
            launched.append(_add(call, placement, slot, {**snapshot, "position": position}))
    _note_usage(call, pool)
    return launched


def misplaced(call: Call, pool_id: str, pool: Values) -> list[Record]:
    """The instances that are in none of the places that the pool names."""
    placements = pool["nodeConfigDetails"]["placementConfigs"]
    return [
        instance
        for instance in of_pool(call, pool_id)
        if not any(_lies_in(instance, placement) for placement in placements)
    ]


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


def _slots(pool: Values) -> Iterator[tuple[Values, str | None]]:
    """Placement and fault domain of each position; None where the placement lists none."""
    placements = pool["nodeConfigDetails"]["placementConfigs"]
    for position in count():
        placement = placements[position % len(placements)]
        fault_domains = placement.get("faultDomains") or [None]
        yield placement, fault_domains[position // len(placements) % len(fault_domains)]


def _emptiest_first(call: Call, placement: Values) -> list[str]:
    """The fault domains of an availability domain, those with the fewest instances first."""
    running = Counter(
        instance.private["fault_domain"]
        for instance in call.transaction.live(INSTANCE)
        if instance.properties["availabilityDomain"] == placement["availabilityDomain"]
    )
    return sorted(FAULT_DOMAINS, key=lambda fault_domain: running[fault_domain])


def _lies_in(instance: Record, placement: Values) -> bool:
    return (
        instance.properties["availabilityDomain"] == placement["availabilityDomain"]
        and instance.properties["subnetId"] == placement["subnetId"]
        and instance.private["fault_domain"] in (placement.get("faultDomains") or FAULT_DOMAINS)
    )


def _add(call: Call, placement: Values, slot: Wanted, snapshot: Mapping[str, Any]) -> Record:
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
    return call.add(
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
