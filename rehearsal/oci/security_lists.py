"""Security lists: rules for every VNIC of the subnets that name the list."""

from __future__ import annotations

from rehearsal.cloud.store import Record
from rehearsal.oci import rules
from rehearsal.oci.facts.durations import NETWORK
from rehearsal.oci.model import Call, ResourceType, Values, in_use
from rehearsal.oci.network import references
from rehearsal.oci.tokens import SECURITY_LIST, SUBNET, VCN


class SecurityList(ResourceType):
    """A list beside the VCN's default one."""

    token = SECURITY_LIST
    sdk_class = "core.SecurityList"
    ocid_kind = "securitylist"
    durations = NETWORK
    sets = ("ingressSecurityRules", "egressSecurityRules")

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Make it in an existing VCN."""
        call.need(inputs["vcnId"], VCN)
        name = inputs.get("displayName") or f"securitylist{identity[-8:]}"
        return {"displayName": name, **checked(call, inputs)}

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Change the rules."""
        return checked(call, inputs)

    def delete(self, call: Call, record: Record) -> None:
        """Refused while a subnet uses it."""
        user = in_use(call, record.id, SUBNET)
        if user is not None:
            raise references(call, record, user)


def checked(call: Call, inputs: Values) -> Values:
    """The rules of a list, none where none are given. Raises CloudError (400) when OCI would."""
    ingress = inputs.get("ingressSecurityRules") or []
    egress = inputs.get("egressSecurityRules") or []
    for direction, listed in (("INGRESS", ingress), ("EGRESS", egress)):
        for rule in listed:
            rules.check_list_rule(call, direction, rule)
    return {"ingressSecurityRules": ingress, "egressSecurityRules": egress}
