"""What OKE demands of a node pool before it launches anything."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud.store import Record
from rehearsal.oci import cidr, errors
from rehearsal.oci.cycling import BOOT_VOLUME_REPLACE, Cycling
from rehearsal.oci.facts import oke
from rehearsal.oci.facts.regions import FAULT_DOMAINS
from rehearsal.oci.facts.shapes import SHAPES, Shape
from rehearsal.oci.grants import need_grant
from rehearsal.oci.hosts import Size
from rehearsal.oci.model import Call, Values
from rehearsal.oci.tokens import (
    CAPACITY_RESERVATION,
    CLUSTER,
    KEY,
    NETWORK_SECURITY_GROUP,
    SUBNET,
)

_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
MAX_EVICTION_GRACE_MINUTES = 60


@dataclass(frozen=True)
class Pool:
    """What the checks worked out."""

    size: Size
    kubernetes_version: str
    boot_volume_gb: int
    max_pods: int


def check(call: Call, inputs: Values) -> Pool:
    """Refuse (CloudError) what OKE would refuse.

    Raises:
        CloudError: 400 for values, 404 for what is not there.
    """
    cluster = call.need(inputs["clusterId"], CLUSTER)
    if inputs.get("nodeConfigDetails") is None or inputs.get("nodeSourceDetails") is None:
        raise call.refuse("nodeConfigDetails and nodeSourceDetails must be given")
    version = inputs.get("kubernetesVersion") or cluster.properties["kubernetesVersion"]
    _check_version(call, version, cluster.properties["kubernetesVersion"])
    shape = _shape(call, inputs)
    size = _size(call, inputs, shape)
    _check_image(call, inputs, shape, version)
    _check_cycling(call, inputs, cluster)
    _check_eviction(call, inputs)
    _check_placement(call, inputs, cluster)
    key = inputs["nodeConfigDetails"].get("kmsKeyId")
    if key is not None:
        call.need(key, KEY)
        need_grant(call, "nodepool", "key-delegates", key)
    return Pool(
        size=size,
        kubernetes_version=version,
        boot_volume_gb=_boot_volume_gb(call, inputs),
        max_pods=_max_pods(call, inputs, cluster, shape, int(size.ocpus)),
    )


def check_change(call: Call, old: Mapping[str, Any], new: Values, cycling: Cycling) -> None:
    """Refuse (CloudError) an update that OKE refuses whatever its values are.

    The words are OKE's: https://github.com/oracle-terraform-modules/terraform-oci-oke/issues/879.
    """
    if cycling.enabled and _places(old) != _places(new):
        raise errors.conflict(
            "Cannot perform nodepool cycling and nodepool Placement Configuration change "
            "simultaneously.",
            call.type,
        )


def _places(inputs: Mapping[str, Any]) -> list[str]:
    return sorted(
        json.dumps(placement, sort_keys=True)
        for placement in inputs["nodeConfigDetails"]["placementConfigs"]
    )


def _check_version(call: Call, version: str, control_plane: str) -> None:
    if version not in oke.KUBERNETES_VERSIONS:
        offered = ", ".join(oke.KUBERNETES_VERSIONS)
        raise call.refuse(f"Invalid kubernetesVersion: {version} is not offered: {offered}")
    node, plane = oke.version_of(version), oke.version_of(control_plane)
    if node > plane:
        raise call.refuse(
            f"Invalid kubernetesVersion: nodes of {version} are newer than their control plane, "
            f"{control_plane}"
        )
    if plane[1] - node[1] > oke.MAX_NODE_SKEW:
        raise call.refuse(
            f"Invalid kubernetesVersion: nodes of {version} are more than {oke.MAX_NODE_SKEW} "
            f"minor versions behind their control plane, {control_plane}"
        )


def _shape(call: Call, inputs: Values) -> Shape:
    shape = SHAPES.get(inputs["nodeShape"])
    if shape is None:
        raise call.refuse(
            f"Invalid nodeShape: {inputs['nodeShape']} is not offered: {', '.join(SHAPES)}"
        )
    return shape


def _size(call: Call, inputs: Values, shape: Shape) -> Size:
    if not shape.flexible:
        return Size(shape.name, shape.max_ocpus, shape.max_memory_gb)
    chosen = inputs.get("nodeShapeConfig") or {}
    if chosen.get("ocpus") is None:
        raise call.refuse("Invalid nodeShapeConfig: a flexible shape needs ocpus")
    ocpus = chosen["ocpus"]
    memory = chosen.get("memoryInGbs") or 16 * ocpus
    refusal = shape.refusal(ocpus, memory)
    if refusal:
        raise call.refuse(f"Invalid nodeShapeConfig: {refusal}")
    return Size(shape.name, ocpus, memory)


def _check_image(call: Call, inputs: Values, shape: Shape, version: str) -> None:
    identity = inputs["nodeSourceDetails"]["imageId"]
    image = next((it for it in oke.images(call.region.name) if it.id == identity), None)
    if image is None:
        raise call.refuse(f"the image {identity} may not exist, or is no image for OKE nodes")
    if image.architecture != shape.architecture or image.gpu != bool(shape.gpus):
        raise call.refuse("Invalid nodeShape: Node shape and image are not compatible.")
    if image.kubernetes_version != version:
        raise call.refuse(
            f"Invalid nodeSourceDetails.imageId: {image.name} is made for Kubernetes "
            f"{image.kubernetes_version}, the pool is of {version}"
        )


def _check_cycling(call: Call, inputs: Values, cluster: Record) -> None:
    if inputs.get("nodePoolCyclingDetails") is None:
        return
    if cluster.properties["type"] != "ENHANCED_CLUSTER":
        raise call.refuse(
            "Invalid nodePoolCyclingDetails: node cycling is a feature of enhanced clusters; "
            f"{cluster.id} is a {cluster.properties['type']}"
        )
    try:
        cycling = Cycling.of(inputs)
    except ValueError as error:
        raise call.refuse(f"Invalid nodePoolCyclingDetails: {error}") from None
    if cycling.mode == BOOT_VOLUME_REPLACE and cycling.unavailable == 0:
        raise call.refuse(
            "Invalid nodePoolCyclingDetails: maximumUnavailable cannot be 0 when boot volumes are "
            "replaced"
        )
    if cycling.surge == 0 and cycling.unavailable == 0:
        raise call.refuse(
            "Invalid nodePoolCyclingDetails: maximumSurge and maximumUnavailable cannot both be 0"
        )


def _check_eviction(call: Call, inputs: Values) -> None:
    grace = (inputs.get("nodeEvictionNodePoolSettings") or {}).get("evictionGraceDuration")
    if grace is None:
        return
    match = _DURATION.fullmatch(grace)
    parts = [int(part or 0) for part in match.groups()] if match else [0, 0, 0]
    minutes = parts[0] * 60 + parts[1] + parts[2] / 60
    if match is None or grace == "PT" or minutes > MAX_EVICTION_GRACE_MINUTES:
        raise call.refuse(
            f"Invalid evictionGraceDuration: {grace} is not an ISO 8601 duration of "
            f"PT{MAX_EVICTION_GRACE_MINUTES}M at most"
        )


def _check_placement(call: Call, inputs: Values, cluster: Record) -> None:
    config = inputs["nodeConfigDetails"]
    if config["size"] < 0 or not config["placementConfigs"]:
        raise call.refuse("Invalid nodeConfigDetails: size must be 0 or more, with a placement")
    for placement in config["placementConfigs"]:
        domain = placement["availabilityDomain"]
        if domain not in call.region.availability_domains:
            raise call.refuse(
                f"Invalid nodeConfigDetails.placementConfigs[].availabilityDomain: {domain}"
            )
        _need_in_vcn(call, placement["subnetId"], SUBNET, cluster)
        for fault_domain in placement.get("faultDomains") or []:
            if fault_domain not in FAULT_DOMAINS:
                raise call.refuse(
                    f"Invalid nodeConfigDetails.placementConfigs[].faultDomains: {fault_domain}"
                )
        if placement.get("capacityReservationId") is not None:
            call.need(placement["capacityReservationId"], CAPACITY_RESERVATION)
            need_grant(call, "nodepool", "compute-capacity-reservations", None)
    for group in config.get("nsgIds") or []:
        _need_in_vcn(call, group, NETWORK_SECURITY_GROUP, cluster)


def _boot_volume_gb(call: Call, inputs: Values) -> int:
    text = inputs["nodeSourceDetails"].get("bootVolumeSizeInGbs")
    if text is None:
        return oke.DEFAULT_BOOT_VOLUME_GB
    if not text.isdigit() or not oke.MIN_BOOT_VOLUME_GB <= int(text) <= oke.MAX_BOOT_VOLUME_GB:
        raise call.refuse(
            f"Invalid bootVolumeSizeInGBs: {text} is not a whole number from "
            f"{oke.MIN_BOOT_VOLUME_GB} to {oke.MAX_BOOT_VOLUME_GB}"
        )
    return int(text)


def _max_pods(call: Call, inputs: Values, cluster: Record, shape: Shape, ocpus: int) -> int:
    options = inputs["nodeConfigDetails"].get("nodePoolPodNetworkOptionDetails") or {}
    cni_types = [it["cniType"] for it in cluster.properties["clusterPodNetworkOptions"]]
    cni_type = options.get("cniType") or "FLANNEL_OVERLAY"
    if cni_type not in cni_types:
        raise call.refuse(
            f"Invalid cniType: {cni_type} is not the cluster's, {', '.join(cni_types)}"
        )
    asked: int = options.get("maxPodsPerNode") or 0
    if cni_type == "FLANNEL_OVERLAY":
        return asked or oke.MAX_PODS_PER_NODE
    most = min(oke.MAX_PODS_PER_NODE, (shape.max_vnics(ocpus) - 1) * oke.PODS_PER_VNIC)
    if asked > most:
        raise call.refuse(
            f"Invalid maxPodsPerNode: {asked}; {shape.name} with {ocpus} OCPUs offers {most}"
        )
    if not options.get("podSubnetIds"):
        raise call.refuse("Invalid podSubnetIds: VCN-native pod networking needs a subnet for pods")
    for group in options.get("podNsgIds") or []:
        _need_in_vcn(call, group, NETWORK_SECURITY_GROUP, cluster)
    pods = asked or most
    _check_pod_addresses(call, inputs, cluster, options["podSubnetIds"], pods)
    return pods


def _check_pod_addresses(
    call: Call, inputs: Values, cluster: Record, subnet_ids: list[str], max_pods: int
) -> None:
    """Each pod VNIC takes its own address and all 31 secondary ones when it is attached."""
    blocks = [
        cidr.network(call, _need_in_vcn(call, identity, SUBNET, cluster).properties["cidrBlock"])
        for identity in subnet_ids
    ]
    vnics = -(-max_pods // oke.PODS_PER_VNIC)
    needed = inputs["nodeConfigDetails"]["size"] * vnics * (oke.PODS_PER_VNIC + 1)
    offered = sum(cidr.usable(block) for block in blocks)
    if needed > offered:
        raise call.refuse(
            f"Invalid podSubnetIds: {needed} pod addresses are needed, the subnets have {offered}"
        )


def _need_in_vcn(call: Call, identity: Any, kind: str, cluster: Record) -> Record:
    found = call.need(identity, kind)
    if found.properties["vcnId"] != cluster.properties["vcnId"]:
        raise call.refuse(f"{found.id} is not in the cluster's VCN")
    return found
