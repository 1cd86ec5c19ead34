"""Address blocks: inside the VCN, apart from each other, and large enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from itertools import combinations
from typing import Final

from components.oci.shapes import pod_subnet_addresses
from components.settings.errors import Path
from components.settings.platform import PlatformSettings
from components.settings.rules import Broken, Surroundings
from components.settings.values import ipv4_network

VCN_PREFIXES: Final = (16, 30)
"""OCI: a VCN is a /16 to a /30."""

LONGEST_SUBNET_PREFIX: Final = 30
"""OCI: the smallest subnet is a /30."""

ADDRESSES_TAKEN_BY_OCI: Final = 3
"""In every subnet: the first two and the last."""

LOAD_BALANCER_ADDRESSES: Final = 8
"""Room for the edge's load balancer: OCI takes two addresses for each, and more to replace it."""

_VCN: Final = "vcn_cidr"
_SERVICES: Final = "services_cidr"
_SUBNETS: Final = (
    "api_endpoint_cidr",
    "load_balancers_cidr",
    "nodes_cidr",
    "databases_cidr",
    "pods_cidr",
)


def sizes(settings: PlatformSettings, _: Surroundings) -> Iterator[Broken]:
    """The VCN and its subnets have sizes that OCI makes."""
    smallest, largest = VCN_PREFIXES[1], VCN_PREFIXES[0]
    vcn = ipv4_network(settings.network.vcn_cidr)
    if not largest <= vcn.prefixlen <= smallest:
        yield Broken(_path(_VCN), f"OCI makes networks from /{largest} to /{smallest}")
    for name, block in _subnets(settings).items():
        if block.prefixlen > LONGEST_SUBNET_PREFIX:
            yield Broken(_path(name), f"OCI's smallest subnet is a /{LONGEST_SUBNET_PREFIX}")


def subnets_inside(settings: PlatformSettings, _: Surroundings) -> Iterator[Broken]:
    """Every subnet lies in the VCN."""
    vcn = ipv4_network(settings.network.vcn_cidr)
    for name, block in _subnets(settings).items():
        if not block.subnet_of(vcn):
            yield Broken(_path(name), f"a block inside {_VCN}, {vcn}", (_path(_VCN),))


def no_overlaps(settings: PlatformSettings, _: Surroundings) -> Iterator[Broken]:
    """No two subnets share addresses, and Services have none of the VCN's."""
    for (first, block), (second, other) in combinations(_subnets(settings).items(), 2):
        if block.overlaps(other):
            yield Broken(
                _path(second), f"a block that does not overlap {first}, {block}", (_path(first),)
            )
    vcn = ipv4_network(settings.network.vcn_cidr)
    if ipv4_network(settings.network.services_cidr).overlaps(vcn):
        yield Broken(
            _path(_SERVICES), f"a block that does not overlap {_VCN}, {vcn}", (_path(_VCN),)
        )


def room(settings: PlatformSettings, _: Surroundings) -> Iterator[Broken]:
    """The subnets have addresses for what stands in them."""
    pools = settings.node_pools.values()
    nodes = sum(pool.nodes for pool in pools)
    pods = sum(pod_subnet_addresses(nodes=pool.nodes, max_pods=pool.max_pods) for pool in pools)
    wanted = {
        "load_balancers_cidr": (LOAD_BALANCER_ADDRESSES, "load balancers"),
        "nodes_cidr": (nodes, f"{nodes} nodes"),
        "pods_cidr": (pods, f"the pods of {nodes} nodes"),
    }
    for name, block in _subnets(settings).items():
        addresses, what = wanted.get(name, (1, "one address"))
        usable = block.num_addresses - ADDRESSES_TAKEN_BY_OCI
        if usable < addresses:
            prefix = 32 - (addresses + ADDRESSES_TAKEN_BY_OCI - 1).bit_length()
            yield Broken(
                _path(name),
                f"too small: {addresses} addresses for {what} need a /{prefix} or larger",
                (("node_pools",),) if name in {"nodes_cidr", "pods_cidr"} else (),
            )


def _subnets(settings: PlatformSettings) -> Mapping[str, IPv4Network]:
    return {name: ipv4_network(getattr(settings.network, name)) for name in _SUBNETS}


def _path(name: str) -> Path:
    return ("network", name)
