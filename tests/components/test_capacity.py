"""Capacity against published numbers, and the arithmetic's own laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.capacity import (
    NOTHING,
    PodDemand,
    PoolCapacity,
    Resources,
    SystemPods,
    allocatable,
    eks_reserved,
    kernel_visible,
    machine,
    requested,
    unplaced,
)
from components.oci.shapes import SHAPES, pod_subnet_addresses

OKE_RESERVED = Resources(500, 1024) + Resources(100, 100)
E4 = SHAPES["VM.Standard.E4.Flex"]


def a_pool(
    largest: Resources, *, nodes: int = 2, max_pods: int = 110, daemonset_pods: int = 0
) -> PoolCapacity:
    return PoolCapacity(
        name="general",
        nodes=nodes,
        max_pods=max_pods,
        allocatable=largest,
        daemonsets=NOTHING,
        daemonset_pods=daemonset_pods,
    )


def test_eks_keeps_230_millicores_of_64_vcpus() -> None:
    assert eks_reserved(vcpus=64, max_pods=110).cpu_millicores == 230
    node = allocatable(
        machine(vcpus=64, memory_gib=128),
        reserved=eks_reserved(vcpus=64, max_pods=110),
        eviction_memory_mib=100,
    )
    assert node.cpu_millicores == 63_770


def test_eks_keeps_1465_mebibytes_for_110_pods() -> None:
    assert eks_reserved(vcpus=64, max_pods=110).memory_mib == 1465


@pytest.mark.parametrize(("vcpus", "millicores"), [(1, 60), (2, 70), (4, 80), (8, 90), (16, 110)])
def test_eks_reserves_less_of_each_further_core(vcpus: int, millicores: int) -> None:
    assert eks_reserved(vcpus=vcpus, max_pods=0).cpu_millicores == millicores


def test_oke_offers_59400_millicores_of_30_ocpus() -> None:
    nominal = E4.nominal(ocpus=30, memory_gb=128)
    assert nominal == Resources(60_000, 131_072)
    assert allocatable(nominal, reserved=OKE_RESERVED, eviction_memory_mib=100) == Resources(
        59_400, 131_072 - 1124 - 100
    )


def test_the_kernels_share_is_of_memory_only() -> None:
    visible = kernel_visible(Resources(60_000, 131_072), memory_overhead_percent=2.5)
    assert visible == Resources(60_000, 127_795)


def test_no_overhead_is_exact() -> None:
    assert kernel_visible(Resources(1, 131_071), memory_overhead_percent=0) == Resources(1, 131_071)


def test_the_largest_pod_leaves_room_for_the_daemonsets() -> None:
    system = SystemPods(
        daemonsets=(PodDemand("cni", 1, Resources(250, 0)), PodDemand("csi", 2, Resources(30, 70)))
    )
    pool = PoolCapacity(
        name="lms",
        nodes=5,
        max_pods=110,
        allocatable=Resources(59_400, 126_571),
        daemonsets=system.on_each_node,
        daemonset_pods=system.daemonset_pods,
    )
    assert pool.largest_pod == Resources(59_090, 126_431)
    assert pool.pods_per_node == 107
    assert pool.headroom(pool.largest_pod * 5) == NOTHING
    assert pool.headroom(NOTHING) == Resources(5 * 59_090, 5 * 126_431)


def test_everything_placed_is_nothing_left_over() -> None:
    pool = a_pool(Resources(1000, 1000))
    assert unplaced(pool, [PodDemand("half", 4, Resources(500, 500))]) == {}


def test_a_pod_larger_than_a_node_finds_none_though_the_pool_has_the_sum() -> None:
    pool = a_pool(Resources(1000, 1000))
    assert unplaced(pool, [PodDemand("wide", 1, Resources(1001, 1))]) == {"wide": 1}


def test_large_pods_are_placed_before_small_ones() -> None:
    pool = a_pool(Resources(1000, 1000))
    demands = [
        PodDemand("small", 4, Resources(250, 10)),
        PodDemand("large", 1, Resources(1000, 10)),
    ]
    assert unplaced(pool, demands) == {}


def test_a_nodes_number_of_pods_is_a_limit_too() -> None:
    pool = a_pool(Resources(1000, 1000), max_pods=4, daemonset_pods=1)
    assert unplaced(pool, [PodDemand("tiny", 7, Resources(1, 1))]) == {"tiny": 1}


def test_ocpus_carry_the_addresses_of_pods() -> None:
    assert E4.most_pods(1) == 31
    assert E4.most_pods(4) == 93
    assert E4.most_pods(30) == 110


def test_memory_of_a_shape_follows_its_ocpus() -> None:
    assert (E4.least_memory_gb(30), E4.most_memory_gb(30)) == (30, 1024)
    assert E4.most_memory_gb(2) == 128


def test_a_pod_network_interface_takes_all_its_addresses() -> None:
    assert pod_subnet_addresses(nodes=7, max_pods=110) == 7 * 4 * 32
    assert pod_subnet_addresses(nodes=1, max_pods=31) == 32


sizes = st.builds(Resources, st.integers(0, 2000), st.integers(0, 2000))


@given(st.lists(st.builds(PodDemand, st.uuids().map(str), st.integers(0, 9), sizes), max_size=6))
def test_what_is_placed_never_exceeds_the_pool(demands: list[PodDemand]) -> None:
    pool = a_pool(Resources(1500, 1500), nodes=3)
    left_over = unplaced(pool, demands)
    placed = requested(
        PodDemand(d.name, d.replicas - left_over.get(d.name, 0), d.each) for d in demands
    )
    assert placed.fits_in(pool.largest_pod * pool.nodes)
    assert all(0 < count <= 9 for count in left_over.values())
