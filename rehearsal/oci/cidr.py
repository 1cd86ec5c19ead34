"""IPv4 ranges as OCI's networking service accepts them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Any

from rehearsal.oci.model import Call

#: OCI allows VCNs and subnets of /16 to /30
#: (https://docs.oracle.com/iaas/Content/Network/Tasks/Overview_of_VCNs_and_Subnets.htm).
LARGEST_PREFIX = 16
SMALLEST_PREFIX = 30

#: The first two addresses of a subnet and the last are not for use (same page).
RESERVED_ADDRESSES = 3


def parse(text: Any) -> IPv4Network | None:
    """The range, or None when it is not written as one (host bits must be zero)."""
    try:
        return IPv4Network(text)
    except ValueError:
        return None


def network(call: Call, text: Any) -> IPv4Network:
    """The range of a VCN or a subnet.

    Raises:
        CloudError: 400, it is no CIDR or not of a size that OCI allows.
    """
    parsed = parse(text)
    if parsed is None or not LARGEST_PREFIX <= parsed.prefixlen <= SMALLEST_PREFIX:
        raise call.refuse(
            f"The requested CIDR {text} is invalid: must be an IPv4 network between "
            f"/{LARGEST_PREFIX} and /{SMALLEST_PREFIX}"
        )
    return parsed


def usable(of: IPv4Network) -> int:
    """How many addresses of a subnet can be given out."""
    return of.num_addresses - RESERVED_ADDRESSES


def router(of: IPv4Network) -> IPv4Address:
    """The address of a subnet's virtual router: the first after the network's own."""
    return of[1]


def address(of: IPv4Network, taken: set[str]) -> str | None:
    """The lowest free address of a subnet; None when it is full."""
    for candidate in range(2, of.num_addresses - 1):
        text = str(of[candidate])
        if text not in taken:
            return text
    return None
