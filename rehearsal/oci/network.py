"""VCNs and subnets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from rehearsal.cloud.store import Record
from rehearsal.oci import cidr, errors
from rehearsal.oci.default_lists import add_defaults
from rehearsal.oci.facts.durations import NETWORK
from rehearsal.oci.model import Call, ResourceType, Values, in_use
from rehearsal.oci.tokens import (
    CLUSTER,
    GATEWAYS,
    INSTANCE,
    NETWORK_SECURITY_GROUP,
    NODE_POOL,
    ROUTE_TABLE,
    SECURITY_LIST,
    SUBNET,
    VCN,
)

#: https://docs.oracle.com/iaas/Content/General/Concepts/servicelimits.htm#vcn
MAX_CIDRS_PER_VCN = 5
MAX_SECURITY_LISTS_PER_SUBNET = 5

_DNS_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,14}")


class Vcn(ResourceType):
    """A virtual cloud network with the defaults that OCI makes in it."""

    token = VCN
    sdk_class = "core.Vcn"
    ocid_kind = "vcn"
    durations = NETWORK

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Check ranges and label; add default route table, security list and DHCP options."""
        blocks = _blocks(call, inputs)
        label = dns_label(call, inputs)
        name = inputs.get("displayName") or f"vcn{identity[-8:]}"
        return {
            "byoipv6cidrBlocks": [],
            "byoipv6cidrDetails": [],
            "cidrBlock": blocks[0],
            "cidrBlocks": blocks,
            "displayName": name,
            "dnsLabel": label,
            "ipv6cidrBlocks": [],
            "ipv6privateCidrBlocks": [],
            "isIpv6enabled": False,
            "isOracleGuaAllocationEnabled": True,
            "securityAttributes": {},
            "vcnDomainName": f"{label}.oraclevcn.com" if label else "",
            **_given(inputs, "isIpv6enabled", "securityAttributes"),
            **add_defaults(call, identity, name, inputs["compartmentId"]),
        }

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Change ranges as long as every subnet still lies in one."""
        blocks = _blocks(call, {**inputs, "cidrBlock": None})
        networks = [cidr.network(call, block) for block in blocks]
        for subnet in call.transaction.referring_to(record.id, type_token=SUBNET):
            inside = cidr.network(call, subnet.properties["cidrBlock"])
            if not any(inside.subnet_of(block) for block in networks):
                raise errors.conflict(
                    f"The Vcn {record.id} references the Subnet {subnet.id}. You must remove the "
                    "reference to proceed with this operation.",
                    call.type,
                )
        return {"cidrBlock": blocks[0]}

    def delete(self, call: Call, record: Record) -> None:
        """Refused while anything is in it."""
        gateway = in_use(call, record.id, *GATEWAYS)
        if gateway is not None:
            raise errors.incorrect_state(
                f"{record.id} is associated with Gateway that is in use", call.type
            )
        content = in_use(
            call,
            record.id,
            CLUSTER,
            SUBNET,
            ROUTE_TABLE,
            SECURITY_LIST,
            NETWORK_SECURITY_GROUP,
        )
        if content is not None:
            raise references(call, record, content)


class Subnet(ResourceType):
    """A subnet of a VCN, in the whole region unless an availability domain is given."""

    token = SUBNET
    sdk_class = "core.Subnet"
    ocid_kind = "subnet"
    durations = NETWORK
    sets = ("securityListIds",)

    unmodelled: ClassVar[frozenset[str]] = frozenset({"ipv6virtualRouterIp"})

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Check range, label, route table and security lists against the VCN."""
        vcn = call.need(inputs["vcnId"], VCN)
        block = self._block(call, vcn, inputs)
        label = dns_label(call, inputs)
        self._check_label(call, vcn, label)
        domain = inputs.get("availabilityDomain")
        if domain is not None and domain not in call.region.availability_domains:
            raise call.refuse(f"Availability domain {domain} does not exist")
        outputs = {
            "dhcpOptionsId": vcn.properties["defaultDhcpOptionsId"],
            "routeTableId": vcn.properties["defaultRouteTableId"],
            "securityListIds": [vcn.properties["defaultSecurityListId"]],
            "prohibitInternetIngress": bool(inputs.get("prohibitPublicIpOnVnic")),
            "prohibitPublicIpOnVnic": bool(inputs.get("prohibitInternetIngress")),
            "displayName": f"subnet{identity[-8:]}",
            **_given(
                inputs,
                "dhcpOptionsId",
                "routeTableId",
                "securityListIds",
                "prohibitInternetIngress",
                "prohibitPublicIpOnVnic",
                "displayName",
            ),
        }
        _check_attachments(call, vcn, outputs)
        domain_name = vcn.properties["vcnDomainName"]
        return outputs | {
            "availabilityDomain": domain,
            "dnsLabel": label,
            "cidrBlock": str(block),
            "ipv4cidrBlocks": [str(block)],
            "ipv6cidrBlock": "",
            "ipv6cidrBlocks": [],
            "subnetDomainName": f"{label}.{domain_name}" if label else "",
            "virtualRouterIp": str(cidr.router(block)),
            "virtualRouterMac": "00:00:17:"
            + ":".join(f"{item:02X}" for item in block[1].packed[1:]),
        }

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Check what it is attached to; its range can only grow around what is in it."""
        vcn = call.need(inputs["vcnId"], VCN)
        _check_attachments(call, vcn, inputs)
        if inputs["cidrBlock"] != record.properties["cidrBlock"]:
            self._block(call, vcn, inputs, own=record.id)
            user = _resident(call, record)
            if user is not None:
                raise references(call, record, user)
        return {}

    def delete(self, call: Call, record: Record) -> None:
        """Refused while a VNIC is in it."""
        user = _resident(call, record)
        if user is not None:
            raise vnic_in_use(call, record, user)

    def _block(self, call: Call, vcn: Record, inputs: Values, own: str | None = None) -> Any:
        block = cidr.network(call, inputs.get("cidrBlock"))
        if not any(block.subnet_of(cidr.network(call, it)) for it in vcn.properties["cidrBlocks"]):
            raise call.refuse(
                f"The requested CIDR {block} is invalid: it is not within the CIDR blocks "
                f"{', '.join(vcn.properties['cidrBlocks'])} of VCN {vcn.id}"
            )
        for other in call.transaction.referring_to(vcn.id, type_token=SUBNET):
            taken = other.properties.get("cidrBlock")
            if other.id != own and taken and block.overlaps(cidr.network(call, taken)):
                raise call.refuse(
                    f"The requested CIDR {block} is invalid: subnet {other.id} with CIDR {taken} "
                    "overlaps with this CIDR."
                )
        return block

    def _check_label(self, call: Call, vcn: Record, label: str | None) -> None:
        if label is None:
            return
        if not vcn.properties["dnsLabel"]:
            raise call.refuse(f"dnsLabel {label} needs a VCN with a dnsLabel: {vcn.id} has none")
        for other in call.transaction.referring_to(vcn.id, type_token=SUBNET):
            if other.properties.get("dnsLabel") == label and "cidrBlock" in other.properties:
                raise call.refuse(f"The dnsLabel {label} is already in use in VCN {vcn.id}")


def dns_label(call: Call, inputs: Values) -> str | None:
    """The DNS label: a letter, then letters and digits, 15 in all at most."""
    label = inputs.get("dnsLabel")
    if label is not None and not _DNS_LABEL.fullmatch(label):
        raise call.refuse(
            f"dnsLabel {label!r} must be an alphanumeric string that begins with a letter, "
            "of 15 characters at most"
        )
    return label if isinstance(label, str) else None


def references(call: Call, record: Record, user: Record) -> Exception:
    """409: something lies in it or points to it."""
    return errors.conflict(
        f"The {_kind(record)} {record.id} references the {_kind(user)} {user.id}. You must remove "
        "the reference to proceed with this operation.",
        call.type,
    )


def vnic_in_use(call: Call, record: Record, user: Record) -> Exception:
    """409: a network interface still lies in it."""
    vnic = user.private.get("vnic", user.id)
    kind = "VNIC" if user.type == INSTANCE else "service VNIC"
    return errors.conflict(
        f"The {_kind(record)} {record.id} references the {kind} {vnic}. You must remove the "
        "reference to proceed with this operation.",
        call.type,
    )


def _blocks(call: Call, inputs: Values) -> list[str]:
    blocks = inputs.get("cidrBlocks") or []
    single = inputs.get("cidrBlock")
    if bool(blocks) == bool(single):
        raise call.refuse("Exactly one of cidrBlock and cidrBlocks must be given")
    texts = list(blocks) or [single]
    if len(texts) > MAX_CIDRS_PER_VCN:
        raise errors.limit_exceeded("vcn-cidr-count", call.type)
    networks = [cidr.network(call, text) for text in texts]
    for index, block in enumerate(networks):
        if any(block.overlaps(other) for other in networks[:index]):
            raise call.refuse(f"The requested CIDR {block} is invalid: it overlaps with another")
    return [str(block) for block in networks]


def _check_attachments(call: Call, vcn: Record, values: Mapping[str, Any]) -> None:
    lists = values["securityListIds"]
    if len(lists) > MAX_SECURITY_LISTS_PER_SUBNET:
        raise errors.limit_exceeded("security-lists-per-subnet-count", call.type)
    for identity in (values["routeTableId"], values["dhcpOptionsId"], *lists):
        attached = call.need(identity)
        if attached.properties.get("vcnId") != vcn.id:
            raise call.refuse(f"{identity} does not belong to VCN {vcn.id}")


def _resident(call: Call, subnet: Record) -> Record | None:
    return in_use(call, subnet.id, INSTANCE, NODE_POOL, CLUSTER)


def _kind(record: Record) -> str:
    return record.type.rpartition(":")[2]


def _given(inputs: Values, *names: str) -> Values:
    return {name: inputs[name] for name in names if inputs.get(name) is not None}
