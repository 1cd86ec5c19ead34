"""Network security groups and their rules."""

from __future__ import annotations

import json
from typing import ClassVar

from rehearsal.cloud.store import Record
from rehearsal.oci import errors, rules
from rehearsal.oci.facts.durations import NETWORK
from rehearsal.oci.inputs import Enumerations
from rehearsal.oci.model import Call, ResourceType, Values, in_use
from rehearsal.oci.tokens import (
    CLUSTER,
    INSTANCE,
    NETWORK_SECURITY_GROUP,
    NODE_POOL,
    SECURITY_RULE,
    VCN,
)

#: https://docs.oracle.com/iaas/Content/General/Concepts/servicelimits.htm#nsg_limits
MAX_RULES_PER_GROUP = 120

_PEER_TYPES = ("CIDR_BLOCK", "SERVICE_CIDR_BLOCK", "NETWORK_SECURITY_GROUP")

#: The inputs that make one rule differ from another.
_SAID = (
    "direction",
    "protocol",
    "source",
    "destination",
    "tcpOptions",
    "udpOptions",
    "icmpOptions",
    "stateless",
)


class NetworkSecurityGroup(ResourceType):
    """A set of VNICs that share rules."""

    token = NETWORK_SECURITY_GROUP
    sdk_class = "core.NetworkSecurityGroup"
    ocid_kind = "networksecuritygroup"
    durations = NETWORK

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Make it in an existing VCN."""
        call.need(inputs["vcnId"], VCN)
        return {"displayName": inputs.get("displayName") or f"nsg{identity[-8:]}"}

    def delete(self, call: Call, record: Record) -> None:
        """Refused while a VNIC is in it; its rules go with it, rules that name it turn invalid."""
        user = in_use(call, record.id, INSTANCE, NODE_POOL, CLUSTER)
        if user is not None:
            raise errors.conflict(
                f"The NetworkSecurityGroup {record.id} has VNICs of {user.id}. You must remove "
                "them to proceed with this operation.",
                call.type,
            )
        for rule in call.transaction.referring_to(record.id, type_token=SECURITY_RULE):
            if rule.scope == record.id:
                call.transaction.delete(rule.id, at=call.at)
            else:
                invalid = {**rule.properties, "isValid": False}
                call.transaction.update(rule.id, properties=invalid)


class NetworkSecurityGroupSecurityRule(ResourceType):
    """One rule; nothing of it can change."""

    token = SECURITY_RULE
    sdk_class = "core.NetworkSecurityGroupSecurityRule"
    ocid_kind = "securityrule"
    durations = NETWORK
    enumerations: ClassVar[Enumerations] = {
        "direction": ("INGRESS", "EGRESS"),
        "sourceType": _PEER_TYPES,
        "destinationType": _PEER_TYPES,
    }

    def compartment(self, call: Call, inputs: Values) -> str:
        """Rules live in their group."""
        return str(inputs["networkSecurityGroupId"])

    def display_name(self, inputs: Values) -> str:
        """Rules have no name: what one says stands for it, so that doubles show."""
        return json.dumps({name: inputs[name] for name in _SAID if inputs.get(name)})

    def identity(self, call: Call, inputs: Values) -> str:
        """Rules have short hexadecimal ids."""
        return f"{call.transaction.next_sequence():06X}"

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Add it to its group."""
        group = call.need(inputs["networkSecurityGroupId"], NETWORK_SECURITY_GROUP)
        present = [rule for rule in call.transaction.live(SECURITY_RULE) if rule.scope == group.id]
        if len(present) > MAX_RULES_PER_GROUP:
            raise errors.limit_exceeded("security-rules-per-nsg-count", call.type)
        rules.check_group_rule(call, group.properties["vcnId"], inputs)
        return {
            "isValid": True,
            "stateless": bool(inputs.get("stateless")),
            **{
                name: inputs.get(name) or ""
                for name in (
                    "description",
                    "source",
                    "sourceType",
                    "destination",
                    "destinationType",
                )
            },
        }
