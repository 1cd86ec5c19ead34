"""Compute capacity reservations."""

from __future__ import annotations

from collections import Counter

from rehearsal.cloud.store import Record
from rehearsal.oci import errors, hosts
from rehearsal.oci.facts.durations import RESERVATION
from rehearsal.oci.facts.regions import FAULT_DOMAINS
from rehearsal.oci.facts.shapes import SHAPES
from rehearsal.oci.hosts import Held, Size
from rehearsal.oci.model import Call, ResourceType, Values, in_use
from rehearsal.oci.tokens import CAPACITY_RESERVATION, NODE_POOL


class ComputeCapacityReservation(ResourceType):
    """Hosts held in one availability domain: all of them, or the request fails."""

    token = CAPACITY_RESERVATION
    sdk_class = "core.ComputeCapacityReservation"
    ocid_kind = "capacityreservation"
    durations = RESERVATION
    active_state = "ACTIVE"
    deleted_state = "DELETED"
    sets = ("instanceReservationConfigs",)

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Win every host at once, or none."""
        if inputs["availabilityDomain"] not in call.region.availability_domains:
            raise call.refuse(f"Availability domain {inputs['availabilityDomain']} does not exist")
        outputs = self._hold(call, identity, inputs)
        return outputs | {
            "displayName": inputs.get("displayName") or f"capacityreservation{identity[-8:]}",
            "isDefaultReservation": bool(inputs.get("isDefaultReservation")),
        }

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Hold more or fewer; never fewer than run on it."""
        return self._hold(call, record.id, inputs)

    def delete(self, call: Call, record: Record) -> None:
        """Refused while instances run on it or a node pool is placed in it."""
        users = hosts.used(call, record.id)
        pool = in_use(call, record.id, NODE_POOL)
        if users or pool is not None:
            raise errors.incorrect_state(
                f"The capacity reservation {record.id} is in use by "
                f"{pool.id if pool else users[0].id}",
                call.type,
            )

    def _hold(self, call: Call, identity: str, inputs: Values) -> Values:
        domain = inputs["availabilityDomain"]
        left = hosts.free(call, domain, except_for=identity)
        before = _total(hosts.holdings(_record(call, identity)))
        running = hosts.used(call, identity)
        holdings = []
        for config in inputs["instanceReservationConfigs"]:
            held = _take(call, config, left, running)
            left.subtract(held.hosts)
            holdings.append(held)
        if _total(holdings) > before and call.shortage.refuses():
            raise errors.out_of_host_capacity(call.type)
        self._check_running(call, holdings, running)
        call.transaction.update(
            identity, private={"holdings": [held.to_json() for held in holdings]}
        )
        return {
            "instanceReservationConfigs": [
                {**config, "usedCount": str(_used(held, running))}
                for config, held in zip(inputs["instanceReservationConfigs"], holdings, strict=True)
            ],
            "reservedInstanceCount": str(_total(holdings)),
            "usedInstanceCount": str(len(running)),
            "timeUpdated": call.time,
        }

    def _check_running(self, call: Call, holdings: list[Held], running: list[Record]) -> None:
        kept: Counter[tuple[Size, str]] = Counter()
        for held in holdings:
            for fault_domain, count in held.hosts.items():
                kept[(held.size, fault_domain)] += count
        for instance in running:
            kept[(Size(**instance.private["size"]), instance.private["fault_domain"])] -= 1
        if min(kept.values(), default=0) < 0:
            raise errors.incorrect_state(
                "The reserved count cannot be less than the number of instances in use", call.type
            )


def note_usage(call: Call, reservation_id: str) -> None:
    """Bring the reservation's own figures up to date after launches and terminations."""
    reservation = call.need(reservation_id, CAPACITY_RESERVATION)
    running = hosts.used(call, reservation_id)
    configs = [
        {**config, "usedCount": str(_used(held, running))}
        for config, held in zip(
            reservation.properties["instanceReservationConfigs"],
            hosts.holdings(reservation),
            strict=True,
        )
    ]
    call.transaction.update(
        reservation_id,
        properties={
            **reservation.properties,
            "instanceReservationConfigs": configs,
            "usedInstanceCount": str(len(running)),
        },
    )


def _take(call: Call, config: Values, left: Counter[str], running: list[Record]) -> Held:
    """Hosts for one entry: where it names no fault domain, first those that run on it already."""
    size = _size(call, config)
    count = config["reservedCount"]
    if not (count.isascii() and count.isdigit() and int(count) > 0):
        raise call.refuse(f"reservedCount {count!r} is not a whole number of 1 or more")
    wanted = config.get("faultDomain")
    if wanted is not None and wanted not in FAULT_DOMAINS:
        raise call.refuse(f"Fault domain {wanted} does not exist; there are {FAULT_DOMAINS}")
    taken: Counter[str] = Counter()
    below = Counter(
        instance.private["fault_domain"]
        for instance in running
        if Size(**instance.private["size"]) == size
    )
    for _ in range(int(count)):
        choice = wanted or max(
            FAULT_DOMAINS,
            key=lambda domain: (below[domain] > taken[domain], left[domain] - taken[domain]),
        )
        if left[choice] - taken[choice] <= 0:
            raise errors.out_of_host_capacity(call.type)
        taken[choice] += 1
    return Held(size, wanted, dict(taken))


def _size(call: Call, config: Values) -> Size:
    shape = SHAPES.get(config["instanceShape"])
    if shape is None:
        raise call.refuse(f"Shape {config['instanceShape']} is not available")
    chosen = config.get("instanceShapeConfig") or {}
    if not shape.flexible:
        return Size(shape.name, shape.max_ocpus, shape.max_memory_gb)
    if chosen.get("ocpus") is None or chosen.get("memoryInGbs") is None:
        raise call.refuse(f"{shape.name} needs instanceShapeConfig with ocpus and memoryInGbs")
    refusal = shape.refusal(chosen["ocpus"], chosen["memoryInGbs"])
    if refusal:
        raise call.refuse(f"Invalid instanceShapeConfig: {refusal}")
    return Size(shape.name, chosen["ocpus"], chosen["memoryInGbs"])


def _total(holdings: list[Held]) -> int:
    return sum(sum(held.hosts.values()) for held in holdings)


def _used(held: Held, running: list[Record]) -> int:
    return sum(
        Size(**instance.private["size"]) == held.size
        and held.fault_domain in {None, instance.private["fault_domain"]}
        for instance in running
    )


def _record(call: Call, identity: str) -> Record:
    return call.need(identity, CAPACITY_RESERVATION)
