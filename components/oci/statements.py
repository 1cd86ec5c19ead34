"""The IAM policy statements that the platform needs, each with its reason.

Wording and verbs are Oracle's own where it documents them; each function names the page.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """One sentence of an IAM policy."""

    text: str
    reason: str


def for_key(compartment_id: str, key_id: str) -> tuple[Statement, ...]:
    """Who may use the customer's key, and for what; nobody else may.

    https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengencryptingdata.htm and
    https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengpolicyconfig.htm
    """
    where = f"compartment id {compartment_id}"
    key = f"target.key.id = '{key_id}'"
    return (
        Statement(
            f"Allow any-user to use keys in {where} "
            f"where ALL {{request.principal.type = 'cluster', {key}}}",
            "the control plane encrypts Kubernetes secrets in etcd",
        ),
        Statement(
            f"Allow any-user to use key-delegates in {where} "
            f"where ALL {{request.principal.type = 'nodepool', {key}}}",
            "node pools hand the key to their boot volumes",
        ),
        Statement(
            f"Allow any-user to use key-delegates in {where} "
            f"where ALL {{request.principal.type = 'cluster', {key}}}",
            "the volume driver hands the key to the volumes it provisions",
        ),
        Statement(
            f"Allow service blockstorage to use keys in {where} where {key}",
            "the block volume service encrypts and decrypts with the key",
        ),
    )


def for_capacity_reservations() -> tuple[Statement, ...]:
    """What lets node pools launch on reserved hosts.

    https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengmakingcapacityreservations.htm
    """
    return (
        Statement(
            "Allow service oke to use compute-capacity-reservations in tenancy",
            "OKE places the nodes it launches in the reservation",
        ),
        Statement(
            "Allow any-user to use compute-capacity-reservations in tenancy "
            "where request.principal.type = 'nodepool'",
            "node pools replace their nodes within the reservation",
        ),
    )


def for_pod_networking(compartment_id: str) -> tuple[Statement, ...]:
    """What lets the cluster give pods addresses and network security groups of the VCN.

    Oracle asks for these statements where network and cluster are in different compartments, and
    does not say that one compartment needs none. They hold for this compartment only: a network in
    another one needs them for that.
    https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengpodnetworking_topic-OCI_CNI_plugin.htm
    """
    where = f"compartment id {compartment_id}"
    cluster = (
        "where ALL {request.principal.type = 'cluster', "
        f"request.principal.compartment.id = '{compartment_id}'}}"
    )
    return (
        Statement(
            f"Allow any-user to use private-ips in {where} {cluster}",
            "each pod has an address of the pods' subnet",
        ),
        Statement(
            f"Allow any-user to use network-security-groups in {where} {cluster}",
            "pod VNICs are members of the pods' network security group",
        ),
    )


def for_log_agents(compartment_id: str, dynamic_group: str) -> tuple[Statement, ...]:
    """What lets the agent on each node send its logs.

    https://docs.oracle.com/en-us/iaas/Content/Logging/Concepts/agent_management.htm
    """
    return (
        Statement(
            f"Allow dynamic-group {dynamic_group} to use log-content "
            f"in compartment id {compartment_id}",
            "the unified monitoring agent on each node writes node and container logs",
        ),
    )
