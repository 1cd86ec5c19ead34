"""How the rest stops, and how soon data services leave a node that does not answer."""

from __future__ import annotations

import re

import pytest

from components.oci.node_pool import DRAIN_TIME
from components.openedx import serving, stops
from components.openedx.workloads import NAMES, WITH_VOLUME


@pytest.mark.parametrize("name", sorted(WITH_VOLUME))
def test_data_services_start_elsewhere_after_a_minute(name: str) -> None:
    tolerations = stops.pod(name)["tolerations"]
    assert {toleration["key"] for toleration in tolerations} == {
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    }
    for toleration in tolerations:
        assert toleration["effect"] == "NoExecute"
        assert toleration["operator"] == "Exists"
        assert toleration["tolerationSeconds"] == 60


def test_what_holds_no_data_waits_as_long_as_kubernetes_says() -> None:
    for name in NAMES - WITH_VOLUME:
        assert "tolerations" not in stops.pod(name)


def test_every_pod_is_gone_before_its_node_is_given_up() -> None:
    minutes = re.fullmatch(r"PT(\d+)M", DRAIN_TIME)
    assert minutes
    times = {name: stops.pod(name).get("terminationGracePeriodSeconds", 30) for name in NAMES}
    assert max(times.values()) < int(minutes[1]) * 60
    assert {times[name] for name in WITH_VOLUME} == {300}
    assert times["lms-worker"] == times["cms-worker"] == 900
    assert times["caddy"] == times["mfe"] == 60


def test_the_edge_stays_until_nobody_asks_it() -> None:
    for name, port in (("caddy", 80), ("mfe", 8002)):
        container = stops.container(name)
        wait = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert wait == serving.ENDPOINT_SECONDS
        assert wait < stops.EDGE_SECONDS
        assert container["readinessProbe"]["tcpSocket"] == {"port": port}


def test_nothing_else_is_probed_here() -> None:
    assert {name for name in NAMES if stops.container(name)} == {"caddy", "mfe"}
