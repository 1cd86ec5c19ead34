"""Node pools and hosts: which they take, what happens when there are none, what is given back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from rehearsal import faults
from rehearsal.cloud.audit import audit
from rehearsal.oci.facts.regions import HOSTS_PER_FAULT_DOMAIN
from rehearsal.standin.provider import CloudError, PartialFailure
from tests.rehearsal.oci.cloud import (
    CLUSTER,
    NODE_POOL,
    RESERVATION,
    Cloud,
    cluster_inputs,
    configuration,
    instances,
    node_config,
    placement,
    pool,
    pool_inputs,
    reservation,
    used,
)

pytestmark = pytest.mark.usefixtures("no_control_plane")


def fault_domains(cloud: Cloud) -> list[str]:
    return [it.private["fault_domain"][-1] for it in instances(cloud)]


async def test_nodes_are_dealt_to_the_fault_domains_in_turn(ready: Cloud) -> None:
    made = await pool(ready, 5)
    assert fault_domains(ready) == ["1", "2", "3", "1", "2"]
    shown: Any = made.outputs["nodes"]
    assert [it["faultDomain"][-1] for it in shown] == ["1", "2", "3", "1", "2"]
    assert await used(ready) == "5"


async def test_the_list_says_where_the_dealing_starts(ready: Cloud) -> None:
    ordered = [placement(ready, faultDomains=["FAULT-DOMAIN-3", "FAULT-DOMAIN-1"])]
    await pool(ready, nodeConfigDetails=node_config(ready, 3, placementConfigs=ordered))
    assert fault_domains(ready) == ["3", "1", "3"]


async def test_two_pools_fill_the_reservation(ready: Cloud) -> None:
    await pool(ready, 5)
    ordered = [placement(ready, faultDomains=["FAULT-DOMAIN-3", "FAULT-DOMAIN-1"])]
    await pool(
        ready, name="general", nodeConfigDetails=node_config(ready, 2, placementConfigs=ordered)
    )
    assert Counter(fault_domains(ready)) == {"1": 3, "2": 2, "3": 2}
    assert await used(ready) == "7"
    assert len({it.private["private_ip"] for it in instances(ready)}) == 7


async def test_a_launch_takes_a_reserved_host_that_matches_or_none(ready: Cloud) -> None:
    with pytest.raises(PartialFailure) as failed:
        await pool(ready, nodeShapeConfig={"ocpus": 32, "memoryInGbs": 128})
    assert "2 node(s) launch failure" in str(failed.value)
    assert "(500, InternalError, false) Out of host capacity." in str(failed.value)


async def test_a_fault_domain_that_is_full_is_not_made_up_for(ready: Cloud) -> None:
    ordered = [placement(ready, faultDomains=["FAULT-DOMAIN-2"])]
    with pytest.raises(PartialFailure, match=r"1 node\(s\) launch failure"):
        await pool(ready, nodeConfigDetails=node_config(ready, 3, placementConfigs=ordered))


async def test_pools_without_a_list_go_where_the_hosts_are(wired: Cloud) -> None:
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    await reservation(wired, configuration(7))
    await pool(wired, 2, name="general")
    await pool(wired, 5)
    spread = Counter(it.private["fault_domain"] for it in instances(wired))
    assert sorted(spread.values()) == [2, 2, 3]
    with pytest.raises(PartialFailure, match=r"Out of host capacity."):
        await pool(wired, 1, name="one-more")


async def test_a_reservation_without_fault_domains_keeps_the_hosts_in_use(wired: Cloud) -> None:
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    await reservation(wired, configuration(7))
    one = [{**placement(wired), "faultDomains": ["FAULT-DOMAIN-1"]}]
    await pool(wired, 3, nodeConfigDetails=node_config(wired, 3, placementConfigs=one))
    await wired.update("reservation", instanceReservationConfigs=[configuration(3)])
    (kept,) = wired.live(RESERVATION)
    (held,) = kept.private["holdings"]
    assert held["hosts"] == {"FAULT-DOMAIN-1": 3}
    with pytest.raises(PartialFailure, match="cannot be less"):
        await wired.update("reservation", instanceReservationConfigs=[configuration(2)])


async def test_a_pool_that_fails_is_deleted_and_leaves_its_id(ready: Cloud) -> None:
    faults.arm(ready.paths, [faults.parse(f"out-of-host-capacity:{NODE_POOL}")])
    with pytest.raises(PartialFailure) as failed:
        await pool(ready, 5)
    assert failed.value.state.id.startswith("ocid1.nodepool.oc1.me-jeddah-1.")
    assert "work request did not succeed, entity: nodepool, action: CREATED." in str(failed.value)
    assert "5 node(s) launch failure" in str(failed.value)
    assert ready.live(NODE_POOL) == []
    assert instances(ready) == []
    (held,) = ready.live(RESERVATION)
    assert held.properties["reservedInstanceCount"] == "7"
    assert await used(ready) == "0"


async def test_after_that_only_a_refresh_helps(ready: Cloud) -> None:
    faults.arm(ready.paths, [faults.parse(f"out-of-host-capacity:{NODE_POOL}")])
    with pytest.raises(PartialFailure) as failed:
        await pool(ready, 5)
    left = failed.value.state
    inputs = pool_inputs(ready, 5)
    # The engine finds init errors in the state and updates, without a change.
    await pool(ready, 1)
    resource, prior = ready.made["pool"]
    ready.made["pool"] = resource, type(prior)(left.id, inputs, left.outputs)
    with pytest.raises(PartialFailure, match="404-NotAuthorizedOrNotFound") as again:
        await ready.update("pool")
    assert again.value.state.id == left.id
    assert await ready.read("pool") is None
    await ready.delete("pool")


async def test_the_fault_is_used_up_by_one_launch(ready: Cloud) -> None:
    fault = faults.parse(f"out-of-host-capacity:{NODE_POOL}")
    faults.arm(ready.paths, [fault])
    assert faults.struck(ready.paths) == []
    with pytest.raises(PartialFailure):
        await pool(ready, 5)
    assert faults.struck(ready.paths) == [fault]
    await pool(ready, 5)
    assert audit(ready.store, ready.exported()).clean


async def test_a_pool_without_reservation_feels_that_hosts_are_missing(wired: Cloud) -> None:
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    fault = faults.parse("out-of-host-capacity")
    faults.arm(wired.paths, [fault])
    with pytest.raises(PartialFailure, match="Out of host capacity"):
        await pool(wired, 1)
    assert faults.struck(wired.paths) == [fault]


async def test_a_pool_without_reservation_draws_on_the_free_hosts(wired: Cloud) -> None:
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    await pool(wired, 3 * HOSTS_PER_FAULT_DOMAIN)
    with pytest.raises(PartialFailure, match=r"Out of host capacity."):
        await pool(wired, 1, name="one-more")


async def test_reserved_hosts_are_not_free(wired: Cloud) -> None:
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    await reservation(wired, configuration(HOSTS_PER_FAULT_DOMAIN, "FAULT-DOMAIN-1"))
    free = {**placement(wired), "capacityReservationId": None, "faultDomains": ["FAULT-DOMAIN-1"]}
    with pytest.raises(PartialFailure, match=r"Out of host capacity."):
        await pool(wired, nodeConfigDetails=node_config(wired, 1, placementConfigs=[free]))


async def test_growing_and_shrinking(ready: Cloud) -> None:
    await pool(ready, 2)
    first = [it.id for it in instances(ready)]
    await ready.update("pool", nodeConfigDetails=node_config(ready, 4))
    assert [it.id for it in instances(ready)][:2] == first
    await ready.update("pool", nodeConfigDetails=node_config(ready, 1))
    assert [it.id for it in instances(ready)] == first[:1]
    assert await used(ready) == "1"


async def test_growing_beyond_the_reservation_fails_and_keeps_the_pool(ready: Cloud) -> None:
    await pool(ready, 7)
    with pytest.raises(PartialFailure, match=r"action: UPDATED. Message: 1 node\(s\)"):
        await ready.update("pool", nodeConfigDetails=node_config(ready, 8))
    assert len(instances(ready)) == 7
    assert await ready.read("pool") is not None


async def test_without_cycling_labels_do_not_reach_the_nodes_there_are(ready: Cloud) -> None:
    await pool(ready, 1, nodePoolCyclingDetails=None)
    await ready.update("pool", initialNodeLabels=[{"key": "a", "value": "b"}])
    await ready.update("pool", nodeConfigDetails=node_config(ready, 2))
    labels = [it.private["labels"] for it in instances(ready)]
    assert labels == [{"openedx-large/pool": "lms"}, {"a": "b"}]


async def test_a_deleted_pool_gives_its_hosts_back(ready: Cloud) -> None:
    await pool(ready, 5)
    with pytest.raises(CloudError, match="409-IncorrectState"):
        await ready.delete("reservation")
    with pytest.raises(CloudError, match=r"409-Conflict.*references the VNIC"):
        await ready.delete("nodes")
    await ready.delete("pool")
    assert instances(ready) == []
    assert await used(ready) == "0"
    await ready.delete("reservation")


async def test_a_reservation_does_not_shrink_below_what_runs(ready: Cloud) -> None:
    await pool(ready, 7)
    with pytest.raises(PartialFailure, match="409-IncorrectState"):
        await ready.update(
            "reservation", instanceReservationConfigs=[configuration(3, "FAULT-DOMAIN-1")]
        )


async def test_a_deleted_cluster_takes_its_pools_along(ready: Cloud) -> None:
    await pool(ready, 2)
    await ready.delete("cluster")
    assert ready.live(NODE_POOL) == []
    assert instances(ready) == []
    assert await used(ready) == "0"
