"""Nodes dealt over fault domains."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.oci.fault_domains import spread_over_fault_domains

DOMAINS = ("FD-1", "FD-2", "FD-3")


def test_seven_nodes_are_three_two_two() -> None:
    allocation = spread_over_fault_domains({"lms": 5, "general": 2}, DOMAINS)
    assert allocation == {
        "lms": {"FD-1": 2, "FD-2": 2, "FD-3": 1},
        "general": {"FD-3": 1, "FD-1": 1},
    }
    # The order is the order that OKE deals in: the general pool starts at FD-3.
    assert list(allocation["general"]) == ["FD-3", "FD-1"]


def test_no_fault_domain_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault domain"):
        spread_over_fault_domains({"lms": 1}, ())


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 40), min_size=1),
    st.integers(1, 5),
)
def test_nobody_is_lost_and_everything_is_even(nodes: dict[str, int], domains: int) -> None:
    names = [f"FD-{number}" for number in range(domains)]
    allocation = spread_over_fault_domains(nodes, names)
    assert {pool: sum(dealt.values()) for pool, dealt in allocation.items()} == nodes
    together: Counter[str] = Counter(dict.fromkeys(names, 0))
    for pool, dealt in allocation.items():
        together.update(dealt)
        counts = [dealt.get(name, 0) for name in names]
        assert max(counts) - min(counts) <= 1, pool
    assert max(together.values()) - min(together.values()) <= 1


@given(st.integers(1, 40), st.integers(0, 40), st.integers(1, 5))
def test_round_robin_in_the_given_order_gives_the_same(
    first: int, second: int, domains: int
) -> None:
    """What OKE is taken to do with each pool's list of fault domains."""
    names = [f"FD-{number}" for number in range(domains)]
    allocation = spread_over_fault_domains({"a": first, "b": second}, names)
    for dealt in allocation.values():
        order = list(dealt)
        nodes = sum(dealt.values())
        assert dealt == Counter(order[turn % len(order)] for turn in range(nodes))
