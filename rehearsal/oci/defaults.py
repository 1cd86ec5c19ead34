"""What a VCN brings with it and a program takes over: its default lists and tables."""

from __future__ import annotations

from rehearsal.cloud.store import Record
from rehearsal.oci.default_lists import DEFAULT_EGRESS, DEFAULT_INGRESS
from rehearsal.oci.facts.durations import NETWORK
from rehearsal.oci.model import Call, ResourceType, Values
from rehearsal.oci.routing import check_rules
from rehearsal.oci.security_lists import checked
from rehearsal.oci.tokens import DEFAULT_ROUTE_TABLE, DEFAULT_SECURITY_LIST, VCN


class _Default(ResourceType):
    """Adopted from the VCN at creation, put back as it was at deletion."""

    durations = NETWORK
    all_updatable = True
    replacing = ("manageDefaultResourceId",)

    def compartment(self, call: Call, inputs: Values) -> str:
        """That of the VCN, unless it is moved."""
        given = inputs.get("compartmentId")
        return super().compartment(call, inputs) if given else self.adopted(call, inputs).scope

    def adopted(self, call: Call, inputs: Values) -> Record:
        """The default that the VCN came with."""
        return call.need(inputs["manageDefaultResourceId"], self.token)

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Take it over with the given content."""
        return self._content(call, inputs)

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Change the content."""
        return self._content(call, inputs)

    def _content(self, call: Call, inputs: Values) -> Values:
        raise NotImplementedError


class DefaultSecurityList(_Default):
    """The security list of every subnet that names no other."""

    token = DEFAULT_SECURITY_LIST
    sdk_class = "core.DefaultSecurityList"
    ocid_kind = "securitylist"
    sets = ("ingressSecurityRules", "egressSecurityRules")

    def _content(self, call: Call, inputs: Values) -> Values:
        return checked(call, inputs)

    def delete(self, call: Call, record: Record) -> None:
        """Give the list back to its VCN, with OCI's own rules."""
        content = {
            "ingressSecurityRules": list(DEFAULT_INGRESS),
            "egressSecurityRules": list(DEFAULT_EGRESS),
        }
        call.transaction.update(record.id, properties={**record.properties, **content})


class DefaultRouteTable(_Default):
    """The route table of every subnet that names no other."""

    token = DEFAULT_ROUTE_TABLE
    sdk_class = "core.DefaultRouteTable"
    ocid_kind = "routetable"
    sets = ("routeRules",)

    def _content(self, call: Call, inputs: Values) -> Values:
        vcn = call.need(inputs["vcnId"], VCN)
        return {"routeRules": check_rules(call, vcn, inputs.get("routeRules") or [])}

    def delete(self, call: Call, record: Record) -> None:
        """Give the table back to its VCN, empty."""
        properties = {**record.properties, "routeRules": []}
        call.transaction.update(record.id, properties=properties)
