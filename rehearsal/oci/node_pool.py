"""OKE node pools: what is asked of them, and the instances they launch, cycle and give back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from rehearsal.cloud.store import Record
from rehearsal.oci import cycling, errors, instances, nodes
from rehearsal.oci.cycling import Cycling
from rehearsal.oci.facts import oke
from rehearsal.oci.facts.durations import NODE_POOL as DURATIONS
from rehearsal.oci.inputs import Enumerations
from rehearsal.oci.model import Call, ResourceType, Site, Values
from rehearsal.oci.pool_rules import Pool, check
from rehearsal.oci.tokens import NODE_POOL
from rehearsal.standin.provider import CheckFailure, CloudError
from rehearsal.standin.values import Properties

#: As OKE's work request words it; the launch's own answer is quoted.
_LAUNCH_FAILURE = (
    "{missing} node(s) launch failure. Reason for failure on one of the nodes : Error returned by "
    "LaunchInstance operation in Compute service.(500, InternalError, false) {reason}"
)

#: How long OKE lets pods leave a node before it is taken away.
DEFAULT_EVICTION = {
    "evictionGraceDuration": "PT60M",
    "isForceActionAfterGraceDuration": False,
    "isForceDeleteAfterGraceDuration": False,
}

#: Inputs that older API versions had and this simulation does not answer for.
_DEPRECATED = ("nodeImageId", "nodeImageName", "quantityPerSubnet", "subnetIds")
_NOT_SIMULATED = ("networkLaunchType", "primaryVnic", "secondaryVnics")


class NodePool(ResourceType):
    """A pool of managed nodes.

    A change of what new nodes are made of does not touch the nodes there are, unless the pool
    cycles them. Labels never reach nodes that exist.
    """

    token = NODE_POOL
    sdk_class = "containerengine.NodePool"
    ocid_kind = "nodepool"
    durations = DURATIONS
    autonamed = True
    launches = True
    active_state = "ACTIVE"
    deleted_state = "DELETED"
    sets = ("placementConfigs", "nsgIds", "podNsgIds", "podSubnetIds")
    enumerations: ClassVar[Enumerations] = {
        "nodeSourceDetails.sourceType": ("IMAGE",),
        "nodeConfigDetails.nodePoolPodNetworkOptionDetails.cniType": oke.CNI_TYPES,
        "nodePoolCyclingDetails.cycleModes": ("INSTANCE_REPLACE", "BOOT_VOLUME_REPLACE"),
    }
    unmodelled: ClassVar[frozenset[str]] = frozenset(
        {*_DEPRECATED, *_NOT_SIMULATED, "nodeSources", "sshPublicKey", "lifecycleDetails"}
    )

    def check(self, inputs: Properties) -> Sequence[CheckFailure]:
        """Refuse what is not simulated rather than ignore it."""
        return [
            CheckFailure(name, "the simulated OKE takes node_config_details, node_source_details")
            for name in _DEPRECATED
            if inputs.get(name) is not None
        ] + [
            CheckFailure(name, "the simulated OKE does not know what to make of this property")
            for name in _NOT_SIMULATED
            if inputs.get(name) is not None
        ]

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Launch the nodes; one that cannot be launched fails the whole pool."""
        pool = check(call, inputs)
        size = inputs["nodeConfigDetails"]["size"]
        missing = size
        if not call.launch_fails:
            missing = instances.launch(call, inputs, _snapshot(identity, inputs, pool), size)
        call.transaction.update(identity, private={"missing": missing, "action": "CREATED"})
        return _outputs(call, identity, inputs, pool)

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Cycle, add or remove nodes."""
        pool = check(call, inputs)
        snapshot = _snapshot(record.id, inputs, pool)
        present = instances.of_pool(call, record.id)
        size = inputs["nodeConfigDetails"]["size"]
        instances.terminate(call, present[size:], inputs)
        missing = cycling.cycle(call, inputs, snapshot, Cycling.of(inputs))
        missing = missing or instances.launch(call, inputs, snapshot, size)
        call.transaction.update(record.id, private={"missing": missing, "action": "UPDATED"})
        return _outputs(call, record.id, inputs, pool)

    def delete(self, call: Call, record: Record) -> None:
        """Give back every host."""
        present = instances.of_pool(call, record.id)
        instances.terminate(call, present, dict(record.properties))

    def failure(self, record: Record) -> CloudError | None:
        """The work request's error when a node could not be launched."""
        missing = record.private.get("missing", 0)
        if not missing:
            return None
        message = _LAUNCH_FAILURE.format(missing=missing, reason=errors.OUT_OF_HOST_CAPACITY)
        return errors.work_request_error("nodepool", record.private["action"], message, self.token)

    def settle(self, site: Site, record: Record) -> None:
        """Bring the control plane's nodes in line with the instances."""
        nodes.reconcile(site, record)

    def clear(self, site: Site, record: Record) -> None:
        """Take the pool's nodes out of the control plane."""
        nodes.reconcile(site, record)


def _outputs(call: Call, identity: str, inputs: Values, pool: Pool) -> Values:
    return {
        "initialNodeLabels": inputs.get("initialNodeLabels") or [],
        "kubernetesVersion": pool.kubernetes_version,
        "nodeEvictionNodePoolSettings": DEFAULT_EVICTION
        | (inputs.get("nodeEvictionNodePoolSettings") or {}),
        "nodeMetadata": inputs.get("nodeMetadata") or {},
        "nodeShapeConfig": {"ocpus": pool.size.ocpus, "memoryInGbs": pool.size.memory_gb},
        "nodes": instances.shown(call, identity),
    }


def _snapshot(identity: str, inputs: Values, pool: Pool) -> dict[str, Any]:
    """What a node is made of when it is launched now."""
    config = inputs["nodeConfigDetails"]
    return {
        "pool_id": identity,
        "pool_name": inputs["name"],
        "cluster_id": inputs["clusterId"],
        "compartment_id": inputs["compartmentId"],
        "size": asdict(pool.size),
        "kubernetes_version": pool.kubernetes_version,
        "image_id": inputs["nodeSourceDetails"]["imageId"],
        "boot_volume_gb": pool.boot_volume_gb,
        "metadata": inputs.get("nodeMetadata") or {},
        "max_pods": pool.max_pods,
        "labels": {it["key"]: it["value"] for it in inputs.get("initialNodeLabels") or []},
        "nsg_ids": list(config.get("nsgIds") or []),
    }
