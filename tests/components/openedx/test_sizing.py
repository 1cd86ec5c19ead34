"""Sizing says honestly what the seven nodes are used for."""

from __future__ import annotations

from components.capacity import NOTHING, Resources, requested, unplaced
from components.openedx import sizing
from components.openedx.demand import (
    GENERAL,
    LMS,
    demands,
    general_demands,
    job,
    lms_demand,
    lms_pod,
    workload,
)
from components.system_pods import SYSTEM_PODS
from tests.components.openedx.facts import pool, spec


def test_five_workers_use_a_twelfth_of_their_node_and_say_so() -> None:
    found = sizing.uwsgi(spec(), pool())
    assert found.workers_per_pod == 5
    assert found.concurrent_requests == 25
    assert found.cpu_share_percent == 8.4
    assert "25 on the whole site" in found.note
    assert "5 of the 59 CPUs" in found.note
    assert "uwsgi_workers: auto" in found.note


def test_auto_fills_the_pod_and_stays_within_the_database() -> None:
    found = sizing.uwsgi(spec(uwsgi_workers="auto"), pool())
    pod = lms_pod(spec(), pool())
    assert found.workers_per_pod == (pod.cpu_millicores - 1000) // 1000 == 57
    assert found.workers_per_pod * sizing.PROCESS_MEMORY_MIB <= pod.memory_mib
    assert found.cpu_share_percent > 95
    assert "auto" not in found.note


def test_auto_asks_for_no_more_connections_than_mysql_has() -> None:
    settings = spec(uwsgi_workers="auto", mysql_max_connections=151)
    workers = sizing.lms_workers(settings, pool())
    assert workers == (151 - sizing.other_connections(settings)) // 5
    assert workers * 5 + sizing.other_connections(settings) <= 151


def test_workers_are_bound_by_the_scarcer_of_cpu_and_memory() -> None:
    assert sizing.workers_that_fit(Resources(9000, 100_000)) == 8
    assert sizing.workers_that_fit(Resources(90_000, 4096)) == 4
    assert sizing.workers_that_fit(Resources(500, 256)) == 1


def test_celery_follows_the_pod_and_not_the_node() -> None:
    assert sizing.celery_concurrency(workload(spec(), "lms-worker")) == 4
    assert sizing.celery_concurrency(Resources(60_000, 4096)) == 3
    assert sizing.celery_concurrency(Resources(100, 100)) == 1


def test_an_lms_pod_fills_its_node_but_for_the_margin() -> None:
    pod = lms_pod(spec(), pool())
    free = pool().largest_pod - pod
    assert free == Resources(500, 1024)
    assert not (pod * 2).fits_in(pool().largest_pod)
    assert lms_demand(spec(), pool()).replicas == 5
    assert unplaced(pool(), [lms_demand(spec(), pool())]) == {}


def test_the_loss_of_one_general_node_leaves_room_for_all() -> None:
    general = pool(GENERAL)
    everything = (*SYSTEM_PODS["oci"].deployments, *general_demands(spec()))
    assert NOTHING.fits_in(general.largest_pod - requested(everything))
    assert general.nodes == 2


def test_a_job_is_counted_with_the_rest() -> None:
    asked = demands(spec(), lms_pool=pool())
    assert job(spec()) in asked[GENERAL]
    assert job(spec()).each.memory_mib >= 4096
    assert [demand.name for demand in asked[LMS]] == ["lms"]
    assert sum(demand.replicas for demand in asked[GENERAL]) == 17
