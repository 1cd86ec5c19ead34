"""Log groups, logs and agent configurations."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.standin.provider import CloudError, State
from tests.rehearsal.oci.cloud import (
    CLUSTER,
    COMPARTMENT,
    TENANCY,
    Cloud,
    cluster_inputs,
)

GROUP = "oci:Logging/logGroup:LogGroup"
LOG = "oci:Logging/log:Log"
AGENT = "oci:Logging/unifiedAgentConfiguration:UnifiedAgentConfiguration"


async def group(cloud: Cloud, name: str = "logs") -> State:
    return await cloud.create(GROUP, name, compartmentId=COMPARTMENT, displayName="logs")


async def custom(cloud: Cloud, name: str = "custom", /, **changes: Any) -> State:
    inputs = {"logGroupId": cloud.id("logs"), "displayName": "custom", "logType": "CUSTOM"}
    return await cloud.create(LOG, name, **{**inputs, **changes})


async def service(cloud: Cloud, name: str = "service", /, **source: Any) -> State:
    configured = {
        "sourceType": "OCISERVICE",
        "service": "oke-k8s-cp-prod",
        "category": "all-service-logs",
        "resource": cloud.id("cluster"),
        **source,
    }
    return await cloud.create(
        LOG,
        name,
        logGroupId=cloud.id("logs"),
        displayName=name,
        logType="SERVICE",
        configuration={"source": configured},
    )


async def agent(cloud: Cloud, name: str = "agent", /, **changes: Any) -> State:
    inputs = {
        "compartmentId": COMPARTMENT,
        "displayName": "agent",
        "description": "nodes",
        "isEnabled": True,
        "groupAssociation": {"groupLists": [cloud.id("members")]},
        "serviceConfiguration": {
            "configurationType": "LOGGING",
            "sources": [{"sourceType": "LOG_TAIL", "name": "n", "paths": ["/var/log/messages"]}],
            "destination": {"logObjectId": cloud.id("custom")},
        },
    }
    return await cloud.create(AGENT, name, **{**inputs, **changes})


async def members(cloud: Cloud) -> State:
    return await cloud.create(
        "oci:Identity/dynamicGroup:DynamicGroup",
        "members",
        compartmentId=TENANCY,
        name="nodes",
        description="nodes",
        matchingRule=f"ALL {{instance.compartment.id = '{COMPARTMENT}'}}",
    )


async def test_a_custom_log_in_a_group(cloud: Cloud) -> None:
    await group(cloud)
    made = await custom(cloud, retentionDuration=90)
    assert made.outputs["retentionDuration"] == 90
    assert made.outputs["compartmentId"] == COMPARTMENT
    with pytest.raises(CloudError, match=r"409-Conflict.*contains log"):
        await cloud.delete("logs")


@pytest.mark.parametrize("days", [0, 45, 365])
async def test_logs_are_kept_in_steps_of_thirty_days(cloud: Cloud, days: int) -> None:
    await group(cloud)
    with pytest.raises(CloudError, match=f"retentionDuration {days}"):
        await custom(cloud, retentionDuration=days)


async def test_names_are_unique_where_they_are(cloud: Cloud) -> None:
    await group(cloud)
    await custom(cloud)
    with pytest.raises(CloudError, match=r"409-Conflict.*in use"):
        await group(cloud, "again")
    with pytest.raises(CloudError, match=r"409-Conflict.*in use"):
        await custom(cloud, "again")


@pytest.mark.usefixtures("no_control_plane")
async def test_a_service_log_names_a_service_a_category_and_a_resource(wired: Cloud) -> None:
    await group(wired)
    await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    for source, words in (
        ({"service": "objectstorage"}, "does not know the service objectstorage"),
        ({"category": "everything"}, "has no category everything"),
        ({"resource": "ocid1.cluster.oc1..none"}, "404"),
    ):
        with pytest.raises(CloudError, match=words):
            await service(wired, **source)
    await service(wired)
    with pytest.raises(CloudError, match="already goes to log"):
        await service(wired, "second")


async def test_a_custom_log_has_no_source(cloud: Cloud) -> None:
    await group(cloud)
    source = {"sourceType": "OCISERVICE", "service": "s", "category": "c", "resource": "r"}
    with pytest.raises(CloudError, match=r"no configuration.source"):
        await custom(cloud, configuration={"source": source})
    with pytest.raises(CloudError, match=r"needs configuration.source"):
        await custom(cloud, logType="SERVICE")


async def test_agents_of_a_group_write_to_a_log(cloud: Cloud) -> None:
    await group(cloud)
    await custom(cloud)
    await members(cloud)
    assert (await agent(cloud)).outputs["configurationState"] == "VALID"
    with pytest.raises(CloudError, match=r"409-Conflict.*destination"):
        await cloud.delete("custom")


async def test_an_agent_configuration_is_refused(cloud: Cloud) -> None:
    await group(cloud)
    await custom(cloud)
    await members(cloud)
    tail = {"sourceType": "LOG_TAIL", "name": "n"}
    destination = {"logObjectId": cloud.id("custom")}
    logging = {"configurationType": "LOGGING", "destination": destination}
    for changes, words in (
        ({"groupAssociation": {"groupLists": ["ocid1.dynamicgroup.oc1..none"]}}, "404"),
        ({"serviceConfiguration": {**logging, "sources": [tail]}}, "needs paths"),
        ({"serviceConfiguration": logging}, "needs sources and a destination"),
        (
            {
                "serviceConfiguration": {
                    **logging,
                    "sources": [{**tail, "paths": ["/x"]}],
                    "destination": {"logObjectId": "ocid1.log.oc1..none"},
                }
            },
            "404",
        ),
    ):
        with pytest.raises(CloudError, match=words):
            await agent(cloud, **changes)
