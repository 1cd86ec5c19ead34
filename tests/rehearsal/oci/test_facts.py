"""The simulated cloud's own figures against published ones."""

from __future__ import annotations

import re

import pytest

from rehearsal.oci.facts import machine, oke
from rehearsal.oci.facts.regions import REGIONS, short_domain
from rehearsal.oci.facts.shapes import SHAPES


def test_both_regions_of_the_kingdom_have_one_availability_domain() -> None:
    for name in ("me-jeddah-1", "me-riyadh-1"):
        (domain,) = REGIONS[name].availability_domains
        assert short_domain(domain) == f"{name.upper()}-AD-1"


def test_the_label_of_all_services_is_made_of_the_regions_key() -> None:
    assert [it.cidr_block for it in REGIONS["me-jeddah-1"].services] == [
        "oci-jed-objectstorage",
        "all-jed-services-in-oracle-services-network",
    ]


def test_image_names_are_okes() -> None:
    names = [image.name for image in oke.images("me-jeddah-1")]
    assert len(set(names)) == len(names)
    assert "Oracle-Linux-8.10-2025.09.16-0-OKE-1.34.1-1330" in names
    for name in names:
        assert re.fullmatch(
            r"Oracle-Linux-8\.10(-aarch64|-Gen2-GPU)?-\d{4}\.\d\d\.\d\d-0-OKE-1\.3\d\.\d+-\d+", name
        )
    assert {image.id for image in oke.images("me-riyadh-1")}.isdisjoint(
        image.id for image in oke.images("me-jeddah-1")
    )


@pytest.mark.parametrize(
    ("ocpus", "memory_gb", "fits"),
    [
        (1, 1, True),
        (30, 128, True),
        (64, 1024, True),
        (1, 64, True),
        (65, 128, False),
        (0, 1, False),
        (1, 65, False),
        (64, 1025, False),
        (30, 29, False),
    ],
)
def test_e4_flex_is_what_oracle_says(ocpus: int, memory_gb: int, fits: bool) -> None:
    assert (SHAPES["VM.Standard.E4.Flex"].refusal(ocpus, memory_gb) is None) is fits


def test_the_kernel_shows_less_memory_than_the_shape_has() -> None:
    nominal = 128 * 1024
    visible = machine.visible_memory_mib(128)
    assert 0.975 * nominal < visible < 0.985 * nominal


def test_the_root_file_system_is_small_until_it_is_grown() -> None:
    assert machine.root_file_system_mib(80, grown=False) == 35.5 * 1024
    assert machine.root_file_system_mib(80, grown=True) == 68.5 * 1024
    assert machine.root_file_system_mib(47, grown=True) == 35.5 * 1024


def test_interfaces_follow_the_ocpus() -> None:
    shape = SHAPES["VM.Standard.E4.Flex"]
    assert [shape.max_vnics(it) for it in (1, 2, 8, 24, 64)] == [2, 2, 8, 24, 24]
