"""Logs of the control plane, the nodes and the pods."""

from __future__ import annotations

from tests.components.conftest import Recording

LOG = "oci:Logging/log:Log"
AGENT = "oci:Logging/unifiedAgentConfiguration:UnifiedAgentConfiguration"


def test_control_plane_log(recording: Recording) -> None:
    log = recording.named("oci-logs-control-plane").inputs
    assert log["logType"] == "SERVICE"
    assert log["configuration"]["source"] == {
        "sourceType": "OCISERVICE",
        "service": "oke-k8s-cp-prod",
        "category": "all-service-logs",
        "resource": "oci-oke-cluster-id",
    }


def test_each_agent_configuration_fills_a_log_of_the_group(recording: Recording) -> None:
    custom = {
        f"{log.name}-id" for log in recording.of_type(LOG) if log.inputs["logType"] == "CUSTOM"
    }
    filled = {
        agent.inputs["serviceConfiguration"]["destination"]["logObjectId"]
        for agent in recording.of_type(AGENT)
    }
    assert custom == filled == {"oci-logs-nodes-id", "oci-logs-containers-id"}


def test_agents_are_the_worker_nodes(recording: Recording) -> None:
    for agent in recording.of_type(AGENT):
        assert agent.inputs["groupAssociation"] == {"groupLists": ["oci-identity-nodes-id"]}


def test_agents_wait_until_their_group_is_known_in_the_region(recording: Recording) -> None:
    for agent in recording.of_type(AGENT):
        assert "oci-oke-cluster" in agent.dependencies


def test_container_logs_are_read_as_cri_writes_them(recording: Recording) -> None:
    (source,) = recording.named("oci-logs-agent-containers").inputs["serviceConfiguration"][
        "sources"
    ]
    assert source["paths"] == ["/var/log/containers/*.log"]
    assert source["parser"] == {"parserType": "CRI"}


def test_logs_are_kept_for_a_time_that_oci_knows(recording: Recording) -> None:
    days = {int(log.inputs["retentionDuration"]) for log in recording.of_type(LOG)}
    assert all(30 <= day <= 180 and day % 30 == 0 for day in days)
