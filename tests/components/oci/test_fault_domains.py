"""Hosts dealt over fault domains."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.oci.fault_domains import in_any_fault_domain, spread_over_fault_domains

DOMAINS = ("FD-1", "FD-2", "FD-3")


def test_seven_hosts_are_two_three_two() -> None:
    allocation = spread_over_fault_domains({"lms": 5, "general": 2}, DOMAINS)
    assert allocation == {
        "lms": {"FD-1": 2, "FD-2": 2, "FD-3": 1},
        "general": {"FD-3": 1, "FD-2": 1},
    }
    # The order is the order that OKE deals in: the general pool starts at FD-3.
    assert list(allocation["general"]) == ["FD-3", "FD-2"]


def test_no_fault_domain_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault domain"):
        spread_over_fault_domains({"lms": 1}, ())


def test_any_fault_domain_is_the_clouds_choice() -> None:
    assert in_any_fault_domain({"lms": 5, "general": 2}) == {"lms": {None: 5}, "general": {None: 2}}


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 40), min_size=1),
    st.integers(1, 5),
)
def test_nobody_is_lost_and_everything_is_even(hosts: dict[str, int], domains: int) -> None:
    names = [f"FD-{number}" for number in range(domains)]
    allocation = spread_over_fault_domains(hosts, names)
    assert {pool: sum(dealt.values()) for pool, dealt in allocation.items()} == hosts
    together: Counter[str | None] = Counter(dict.fromkeys(names, 0))
    for pool, dealt in allocation.items():
        together.update(dealt)
        counts = [dealt.get(name, 0) for name in names]
        assert max(counts) - min(counts) <= 1, pool
    pairs = (len(hosts) + 1) // 2
    assert max(together.values()) - min(together.values()) <= pairs


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 5))
def test_a_pools_hosts_do_not_depend_on_the_others(
    first: int, other: int, second: int, domains: int
) -> None:
    """Or a pool that shrinks would take hosts from under the nodes of the next."""
    names = [f"FD-{number}" for number in range(domains)]
    before = spread_over_fault_domains({"a": first, "b": second}, names)
    assert before["b"] == spread_over_fault_domains({"a": other, "b": second}, names)["b"]


@given(st.integers(1, 40), st.integers(0, 40), st.booleans(), st.integers(1, 5))
def test_round_robin_puts_each_node_on_a_host_however_many_are_spare(
    nodes: int, spare: int, is_second: bool, domains: int
) -> None:
    """What OKE is taken to do with each pool's list of fault domains."""
    names = [f"FD-{number}" for number in range(domains)]
    hosts = {"a": 1, "b": nodes + spare} if is_second else {"b": nodes + spare}
    dealt = spread_over_fault_domains(hosts, names)["b"]
    order = list(dealt)
    launched = Counter(order[turn % len(order)] for turn in range(nodes))
    assert launched <= Counter(dealt)
    if not spare:
        assert launched == dealt
