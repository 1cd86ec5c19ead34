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
from rehearsal.oci.model import Call, ResourceType, Site, Values, nested
from rehearsal.oci.pool_rules import Pool, check, check_change
from rehearsal.oci.tokens import NODE_POOL
from rehearsal.standin.provider import CheckFailure, CloudError
from rehearsal.standin.values import Properties

_MODES = "nodePoolCyclingDetails.cycleModes"
_UNKNOWN_MEANING = "the simulated OKE does not know what to make of this property"

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

#: After ``CycleMode`` in the API reference; what OKE prints word for word is not documented.
_CYCLE_FAILURE = (
    "{failed} node(s) cycling failure. Fields that cannot be updated via a BOOT_VOLUME_REPLACE "
    "cycle have changed: {beyond}. The operation has to be retried with cycle mode changed to "
    "INSTANCE_REPLACE."
)


class NodePool(ResourceType):
    """A pool of managed nodes.

    A change of what new nodes are made of does not touch the nodes there are, unless the pool
    cycles them; a change of where they are does.
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
        "nodePoolCyclingDetails.cycleModes": (
            cycling.INSTANCE_REPLACE,
            cycling.BOOT_VOLUME_REPLACE,
        ),
    }
    unmodelled: ClassVar[frozenset[str]] = frozenset(
        {*_DEPRECATED, *_NOT_SIMULATED, "nodeSources", "sshPublicKey", "lifecycleDetails"}
    )

    def check(self, inputs: Properties) -> Sequence[CheckFailure]:
        """Refuse what is not simulated rather than ignore it."""
        modes = nested(inputs.get("nodePoolCyclingDetails"), "cycleModes")
        several = isinstance(modes, Sequence) and len(modes) != 1
        return [
            *(
                CheckFailure(
                    name, "the simulated OKE takes node_config_details, node_source_details"
                )
                for name in _DEPRECATED
                if inputs.get(name) is not None
            ),
            *(
                CheckFailure(name, _UNKNOWN_MEANING)
                for name in _NOT_SIMULATED
                if inputs.get(name) is not None
            ),
            *([CheckFailure(_MODES, "the simulated OKE takes one mode")] if several else []),
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
        settings = Cycling.of(inputs)
        check_change(call, record.properties, inputs, settings)
        snapshot = _snapshot(record.id, inputs, pool)
        instances.terminate(call, instances.misplaced(call, record.id, inputs), inputs)
        size = inputs["nodeConfigDetails"]["size"]
        instances.terminate(call, instances.of_pool(call, record.id)[size:], inputs)
        cycled = cycling.cycle(call, inputs, snapshot, settings)
        missing = cycled.missing or instances.launch(call, inputs, snapshot, size)
        private = {
            "missing": missing,
            "failed": cycled.failed,
            "beyond": list(cycled.beyond),
            "action": "UPDATED",
        }
        call.transaction.update(record.id, private=private)
        return _outputs(call, record.id, inputs, pool)

    def delete(self, call: Call, record: Record) -> None:
        """Give back every host."""
        present = instances.of_pool(call, record.id)
        instances.terminate(call, present, dict(record.properties))

    def failure(self, record: Record) -> CloudError | None:
        """The work request's error when a node could not be launched or cycled."""
        missing, failed = record.private.get("missing", 0), record.private.get("failed", 0)
        if missing:
            message = _LAUNCH_FAILURE.format(missing=missing, reason=errors.OUT_OF_HOST_CAPACITY)
        elif failed:
            beyond = "; ".join(record.private["beyond"])
            message = _CYCLE_FAILURE.format(failed=failed, beyond=beyond)
        else:
            return None
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
        "nsg_ids": sorted(config.get("nsgIds") or []),
        "pod_network": _comparable(config.get("nodePoolPodNetworkOptionDetails") or {}),
        "ssh_public_key": inputs.get("sshPublicKey"),
        "kms_key_id": config.get("kmsKeyId"),
        "encrypted_in_transit": bool(config.get("isPvEncryptionInTransitEnabled")),
        "tags": [config.get("definedTags") or {}, config.get("freeformTags") or {}],
    }


def _comparable(options: Values) -> Values:
    """Pod network options with their sets in one order."""
    return {
        name: sorted(value) if name in NodePool.sets else value for name, value in options.items()
    }
