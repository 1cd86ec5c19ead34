"""How many hosts of each pool go to each fault domain: pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Allocation = Mapping[str, Mapping[str | None, int]]
"""Hosts by pool and fault domain, None for wherever the region has them; a pool's fault domains
stand in the order OKE is given them."""


def spread_over_fault_domains(
    hosts_by_pool: Mapping[str, int], fault_domains: Sequence[str]
) -> Allocation:
    """Deal the hosts of each pool out over the fault domains.

    The first pool is dealt from the first fault domain on, the second one backwards from the
    last, and so in turn. Where a pool starts does not depend on the size of another, so that a
    pool that shrinks leaves the others' hosts where they are; and the sum over two pools differs
    by one at most all the same (five and two hosts on three fault domains: 2, 3, 2).
    Within its pool OKE is taken to deal round-robin in the order of the placement's list, so the
    nodes are on the first of the hosts dealt (docs/decisions/0071-fault-domains.md).

    Raises:
        ValueError: There is no fault domain to deal to.
    """
    if not fault_domains:
        raise ValueError("no fault domain to place nodes in")
    allocation: dict[str, dict[str | None, int]] = {}
    for place, (pool, hosts) in enumerate(hosts_by_pool.items()):
        order = list(reversed(fault_domains)) if place % 2 else list(fault_domains)
        dealt: dict[str | None, int] = {}
        for turn in range(hosts):
            fault_domain = order[turn % len(order)]
            dealt[fault_domain] = dealt.get(fault_domain, 0) + 1
        allocation[pool] = dealt
    return allocation


def in_any_fault_domain(hosts_by_pool: Mapping[str, int]) -> Allocation:
    """Leave the choice to the cloud."""
    return {pool: {None: hosts} for pool, hosts in hosts_by_pool.items()}
