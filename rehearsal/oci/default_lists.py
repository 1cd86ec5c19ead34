"""What OCI puts into a new VCN: a security list, a route table and DHCP options.

https://docs.oracle.com/iaas/Content/Network/Concepts/securitylists.htm#Default
"""

from __future__ import annotations

from typing import Any

from rehearsal.cloud.store import Record
from rehearsal.oci.model import Call, Values
from rehearsal.oci.tokens import (
    DEFAULT_DHCP_OPTIONS,
    DEFAULT_ROUTE_TABLE,
    DEFAULT_SECURITY_LIST,
)

DEFAULT_INGRESS: tuple[dict[str, Any], ...] = (
    {
        "protocol": "6",
        "source": "0.0.0.0/0",
        "sourceType": "CIDR_BLOCK",
        "stateless": False,
        "tcpOptions": {"min": 22, "max": 22},
    },
    {
        "protocol": "1",
        "source": "0.0.0.0/0",
        "sourceType": "CIDR_BLOCK",
        "stateless": False,
        "icmpOptions": {"type": 3, "code": 4},
    },
)
DEFAULT_EGRESS: tuple[dict[str, Any], ...] = (
    {
        "protocol": "all",
        "destination": "0.0.0.0/0",
        "destinationType": "CIDR_BLOCK",
        "stateless": False,
    },
)

_DEFAULTS: dict[str, tuple[str, str, str, Values]] = {
    "defaultRouteTableId": ("routetable", DEFAULT_ROUTE_TABLE, "Route Table", {"routeRules": []}),
    "defaultSecurityListId": (
        "securitylist",
        DEFAULT_SECURITY_LIST,
        "Security List",
        {
            "ingressSecurityRules": list(DEFAULT_INGRESS),
            "egressSecurityRules": list(DEFAULT_EGRESS),
        },
    ),
    "defaultDhcpOptionsId": ("dhcpoptions", DEFAULT_DHCP_OPTIONS, "DHCP Options", {}),
}


def add_defaults(call: Call, vcn_id: str, name: str, compartment_id: str) -> Values:
    """Add them to a VCN; returns their ids under the VCN's output names."""
    outputs = {}
    for output, (kind, token, title, content) in _DEFAULTS.items():
        made = Record(
            id=call.new_ocid(kind),
            type=token,
            name=f"Default {title} for {name}",
            scope=compartment_id,
            region=call.region.name,
            owner=vcn_id,
            properties={
                **content,
                "compartmentId": compartment_id,
                "displayName": f"Default {title} for {name}",
                "timeCreated": call.time,
                "vcnId": vcn_id,
            },
            created_at=call.at,
        )
        outputs[output] = call.add(made).id
    return outputs
