"""What a security rule may say, in a network security group or a security list.

https://docs.oracle.com/iaas/Content/Network/Concepts/securityrules.htm and the API's
``AddSecurityRuleDetails``.
"""

from __future__ import annotations

from typing import Any

from rehearsal.oci import cidr
from rehearsal.oci.model import Call, Values
from rehearsal.oci.tokens import NETWORK_SECURITY_GROUP

MAX_DESCRIPTION = 255
MAX_PORT = 65535

#: Options by the protocol they are valid for.
_OPTIONS = {"tcpOptions": ("6",), "udpOptions": ("17",), "icmpOptions": ("1", "58")}


def check_group_rule(call: Call, vcn_id: str, rule: Values) -> None:
    """A rule of a network security group. Raises CloudError (400) when OCI would."""
    ingress = rule["direction"] == "INGRESS"
    given, other = ("source", "destination") if ingress else ("destination", "source")
    peer, kind = rule.get(given), rule.get(f"{given}Type")
    if peer is None or kind is None:
        raise call.refuse(f"{rule['direction']} rules need {given} and {given}Type")
    if rule.get(other) is not None:
        raise call.refuse(f"{rule['direction']} rules have no {other}")
    _check_common(call, rule)
    for options in ("tcpOptions", "udpOptions"):
        for side in ("sourcePortRange", "destinationPortRange"):
            _check_ports(call, (rule.get(options) or {}).get(side))
    if kind == "NETWORK_SECURITY_GROUP":
        group = call.need(peer, NETWORK_SECURITY_GROUP)
        if group.properties["vcnId"] != vcn_id:
            raise call.refuse(f"{group.id} is in another VCN")
    else:
        _check_peer(call, peer, kind)


def check_list_rule(call: Call, direction: str, rule: Values) -> None:
    """A rule of a security list. Raises CloudError (400) when OCI would."""
    side = "source" if direction == "INGRESS" else "destination"
    _check_common(call, rule)
    for options in ("tcpOptions", "udpOptions"):
        _check_ports(call, rule.get(options))
        _check_ports(call, (rule.get(options) or {}).get("sourcePortRange"))
    _check_peer(call, rule.get(side), rule.get(f"{side}Type") or "CIDR_BLOCK")


def _check_common(call: Call, rule: Values) -> None:
    protocol = rule["protocol"]
    number = protocol.isdigit() and 0 <= int(protocol) <= 255
    if protocol != "all" and not number:
        raise call.refuse(
            f"protocol {protocol!r} is neither 'all' nor a protocol number such as 6 for TCP"
        )
    for name, protocols in _OPTIONS.items():
        if rule.get(name) is not None and protocol not in protocols:
            raise call.refuse(f"{name} is not valid for protocol {protocol}")
    icmp = rule.get("icmpOptions") or {}
    for name in ("type", "code"):
        if not 0 <= icmp.get(name, 0) <= 255:
            raise call.refuse(f"icmpOptions.{name} {icmp[name]} is not within 0 to 255")
    if len(rule.get("description") or "") > MAX_DESCRIPTION:
        raise call.refuse(f"description is longer than {MAX_DESCRIPTION} characters")


def _check_ports(call: Call, ports: Values | None) -> None:
    if not ports or ports.get("min") is None:
        return
    low, high = ports["min"], ports["max"]
    if not 1 <= low <= high <= MAX_PORT:
        raise call.refuse(f"the port range {low} to {high} is not within 1 to {MAX_PORT}")


def _check_peer(call: Call, peer: Any, kind: str) -> None:
    if kind == "SERVICE_CIDR_BLOCK":
        labels = [service.cidr_block for service in call.region.services]
        if peer not in labels:
            raise call.refuse(f"{peer} is no service of this region: {', '.join(labels)}")
    elif cidr.parse(peer) is None:
        raise call.refuse(f"{peer} is not a CIDR")
