"""How many nodes of each pool go to each fault domain: pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Allocation = Mapping[str, Mapping[str, int]]
"""Nodes by pool and fault domain; a pool's fault domains stand in the order OKE is given them."""


def spread_over_fault_domains(
    nodes_by_pool: Mapping[str, int], fault_domains: Sequence[str]
) -> Allocation:
    """Deal the nodes of all pools out over the fault domains, one after the other.

    Each pool starts where the one before it stopped, so that the sum over all pools differs by
    one at most (seven nodes on three fault domains: 3, 2, 2), and so does each pool on its own.
    Within its pool OKE is taken to deal round-robin in the order of the placement's list
    (docs/decisions/0071-fault-domains.md).

    Raises:
        ValueError: There is no fault domain to deal to.
    """
    if not fault_domains:
        raise ValueError("no fault domain to place nodes in")
    allocation: dict[str, dict[str, int]] = {}
    start = 0
    for pool, nodes in nodes_by_pool.items():
        dealt: dict[str, int] = {}
        for turn in range(start, start + nodes):
            fault_domain = fault_domains[turn % len(fault_domains)]
            dealt[fault_domain] = dealt.get(fault_domain, 0) + 1
        allocation[pool] = dealt
        start += nodes
    return allocation
