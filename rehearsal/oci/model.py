"""What a simulated resource type is made of, and what it sees of a call."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from rehearsal.cloud.store import Record, Store, Transaction
from rehearsal.oci import errors, ocid
from rehearsal.oci.facts.durations import Durations
from rehearsal.oci.facts.regions import Region
from rehearsal.oci.inputs import Enumerations
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import CheckFailure, CloudError
from rehearsal.standin.values import Properties, Unknown, Value

#: JSON values under wire names, as the store keeps them.
Values = dict[str, Any]


@dataclass
class Shortage:
    """Hosts that the cloud has fewer than it is asked for (a fault)."""

    hosts: int = 0
    felt: bool = False
    """Whether a request was turned down for it."""

    def refuses(self) -> bool:
        """Whether one more host, which is there otherwise, is refused."""
        self.felt = self.felt or self.hosts > 0
        return self.hosts > 0


@dataclass(frozen=True)
class Call:
    """One create, update or delete, inside the transaction that makes it real."""

    type: str
    """Type token of the resource that the call is about."""
    urn: str
    region: Region
    """Where the provider instance sends its requests."""
    home_region: Region
    transaction: Transaction
    at: float
    """When the operation ends, simulated seconds since the epoch."""
    shortage: Shortage = field(default_factory=Shortage)
    launch_fails: bool = False
    """Whether the launch that this call asks for runs out of hosts (a fault)."""

    @property
    def time(self) -> str:
        """``at`` as the API writes times."""
        return timestamp(self.at)

    def need(self, identity: object, kind: str | None = None) -> Record:
        """The live thing in this region that an input names.

        Raises:
            CloudError: there is none: 404, as OCI answers whether it is gone or forbidden.
        """
        record = self.transaction.get(identity) if isinstance(identity, str) else None
        wrong_kind = kind is not None and record is not None and record.type != kind
        if record is None or wrong_kind or record.region not in {self.region.name, ""}:
            raise errors.not_found(self.type)
        return record

    def add(self, record: Record) -> Record:
        """Insert something that the resource brings with it."""
        self.transaction.insert(record)
        return record

    def new_ocid(self, kind: str, *, regional: bool = True, parts: str = "") -> str:
        """An identifier for the next record."""
        region = self.region.name if regional else ""
        return ocid.new(kind, region, self.transaction.next_sequence(), parts=parts)

    def refuse(self, message: str) -> CloudError:
        """400 InvalidParameter about this resource."""
        return errors.invalid_parameter(message, self.type)


@dataclass(frozen=True)
class Site:
    """Where the simulated cloud of a stack keeps its things."""

    paths: StackPaths
    store: Store


class ResourceType:
    """One simulated type. Subclasses say what the cloud does with it.

    :meth:`create` and :meth:`update` return the outputs beside the inputs. Both run inside a
    transaction: whatever they raise leaves nothing behind. :meth:`settle` and :meth:`clear` run
    after it and may take their time.
    """

    token: ClassVar[str]
    sdk_class: ClassVar[str]
    """``core.Vcn``: package and class in pulumi_oci."""
    ocid_kind: ClassVar[str]
    durations: ClassVar[Durations]
    enumerations: ClassVar[Enumerations] = {}
    sets: ClassVar[Collection[str]] = ()
    """List inputs whose order means nothing, by name (``TypeSet`` in terraform-provider-oci)."""
    all_updatable: ClassVar[bool] = False
    """For types whose documentation marks nothing: the inputs can change in place, but for those
    in :attr:`replacing`."""
    replacing: ClassVar[Collection[str]] = ()
    global_: ClassVar[bool] = False
    """Whether it belongs to the tenancy rather than to a region."""
    autonamed: ClassVar[bool] = False
    """Whether pulumi-oci makes up ``name`` when it is not given."""
    launches: ClassVar[bool] = False
    """Whether its creation launches instances, which may run out of hosts half way."""
    active_state: ClassVar[str] = "AVAILABLE"
    deleted_state: ClassVar[str] = "TERMINATED"
    unmodelled: ClassVar[frozenset[str]] = frozenset()
    """Outputs that the SDK promises and this simulation does not give."""

    def check(self, inputs: Properties) -> Sequence[CheckFailure]:
        """What is wrong with the inputs beyond names, types and enumerations."""
        return ()

    def compartment(self, call: Call, inputs: Values) -> str:
        """The compartment that holds the resource."""
        return compartment_of(call, inputs["compartmentId"])

    def display_name(self, inputs: Values) -> str:
        """The name by which the console shows it."""
        return str(inputs.get("displayName") or inputs.get("name") or "")

    def identity(self, call: Call, inputs: Values) -> str:
        """The resource's OCID-to-be, which is also Pulumi's id."""
        return call.new_ocid(self.ocid_kind, regional=not self.global_)

    def adopted(self, call: Call, inputs: Values) -> Record | None:
        """What exists already and is taken over rather than made."""
        return None

    def waits_for(self, transaction: Transaction, inputs: Values) -> list[str]:
        """The ids of what must have settled before an operation with these inputs starts."""
        return ocid.mentioned(inputs)

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Make it; returns the outputs beside the inputs."""
        return {}

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Change it to ``inputs``, the old values merged in; returns changed outputs."""
        return {}

    def delete(self, call: Call, record: Record) -> None:
        """Refuse, or undo what :meth:`create` did beside the record itself."""

    def failure(self, record: Record) -> CloudError | None:
        """Why the work request that a create or an update started has failed, if it has."""
        return None

    def settle(self, site: Site, record: Record) -> None:
        """What happens outside the store after a create or an update."""

    def clear(self, site: Site, record: Record) -> None:
        """What happens outside the store after a delete."""


def timestamp(at: float) -> str:
    """Simulated seconds since the epoch as RFC 3339, milliseconds and all."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def compartment_of(call: Call, identity: object) -> str:
    """A compartment's OCID, or the tenancy's, which is the root compartment.

    Any well-formed OCID is taken for a compartment that exists: the rehearsal does not know the
    user's tenancy.

    Raises:
        CloudError: it is not a compartment's OCID.
    """
    if not isinstance(identity, str) or ocid.kind_of(identity) not in {"compartment", "tenancy"}:
        raise call.refuse(f"Invalid compartmentId: {identity}")
    return identity


def known(value: Value) -> bool:
    """Whether an input is given and known already."""
    return value is not None and not isinstance(value, Unknown)


def nested(value: Value, *path: str) -> Value:
    """A value inside objects; None where any of them is missing or unknown."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def in_use(call: Call, identity: str, *type_tokens: str) -> Record | None:
    """The first live thing of one of these types that names ``identity``."""
    for token in type_tokens:
        users = call.transaction.referring_to(identity, type_token=token)
        if users:
            return users[0]
    return None
