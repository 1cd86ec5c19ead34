"""The program itself: a good stack file stands up, a bad one says why and registers nothing."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import set_all_config

from tests.components.conftest import Recording, record, stack_file

PROGRAM = Path(__file__).parents[2] / "__main__.py"


@pytest.fixture(autouse=True)
def no_configuration_left() -> Iterator[None]:
    yield
    set_all_config({})


def run(platform: Any, *, secret: bool = False, region: str = "me-jeddah-1") -> Recording:
    key = "openedx-large:platform"
    set_all_config({"oci:region": region, key: json.dumps(platform)}, [key] if secret else None)

    def program() -> None:
        runpy.run_path(str(PROGRAM), run_name="__main__")

    return record(program, refused=True)


def made(recording: Recording) -> list[str]:
    """What was registered beside the stack itself."""
    return [r.name for r in recording.resources if r.type != "pulumi:pulumi:Stack"]


def test_the_committed_stack_file_stands_up() -> None:
    recording = run(stack_file())
    assert not recording.error
    assert recording.one("oci:ContainerEngine/cluster:Cluster")
    assert len(recording.of_type("oci:ContainerEngine/nodePool:NodePool")) == 2


def test_all_errors_are_said_at_once_and_nothing_is_registered() -> None:
    bad = stack_file()
    bad["cluster"]["kubernetis"] = "1.34.1"
    bad["node_pools"] = {"lms": {"ocpus": 300}}
    recording = run(bad)
    lines = recording.error.splitlines()
    place = "stacks/Pulumi.oci-jeddah.yaml: platform."
    assert [line for line in lines if line.startswith(f"{place}cluster.kubernetis: ")]
    assert [line for line in lines if line.startswith(f"{place}node_pools.lms.ocpus: 300 — ")]
    assert not made(recording)
    assert not recording.invokes


def test_more_pods_than_fit_is_an_error_before_anything_is_registered() -> None:
    bad = stack_file()
    bad["node_pools"] = {"general": {"nodes": 1, "ocpus": 2, "memory_gb": 16}}
    recording = run(bad)
    assert "platform." in recording.error
    assert not made(recording)


def test_provider_of_another_region_is_an_error() -> None:
    recording = run(stack_file(), region="eu-frankfurt-1")
    assert "platform.cloud.region" in recording.error
    assert not made(recording)


def test_a_secret_inside_the_platform_is_an_error_that_does_not_show_it() -> None:
    leaky = stack_file()
    leaky["openedx"]["platform_name"] = "hunter2"
    recording = run(leaky, secret=True)
    assert recording.error
    assert "hunter2" not in recording.error
    assert not made(recording)


@pytest.mark.parametrize("nothing", [None, [], "text"])
def test_a_platform_that_is_no_mapping_is_an_error(nothing: object) -> None:
    recording = run(nothing)
    assert "platform" in recording.error
    assert not made(recording)
