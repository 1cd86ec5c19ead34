"""The functions (data sources) that the simulated OCI answers, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud.store import Record, Store
from rehearsal.oci import errors, kubeconfig, ocid
from rehearsal.oci.configuration import Configuration
from rehearsal.oci.facts import oke
from rehearsal.oci.facts.regions import FAULT_DOMAINS, REGIONS, Region
from rehearsal.oci.facts.shapes import SHAPES
from rehearsal.oci.tokens import CLUSTER
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import CheckFailure, CloudError, InvokeRefused

#: The rehearsed tenancy's Object Storage namespace; the real one is an opaque text too.
OBJECT_STORAGE_NAMESPACE = "axrehearsed0"


@dataclass(frozen=True)
class Question:
    """One function call."""

    args: Mapping[str, Any]
    configuration: Configuration
    store: Store
    paths: StackPaths

    @property
    def region(self) -> Region:
        """The region that is asked."""
        return self.configuration.region


Answer = dict[str, Any]


@dataclass(frozen=True)
class Function:
    """A function: its arguments as the SDK has them, and its answer."""

    required: frozenset[str]
    optional: frozenset[str]
    answer: Callable[[Question], Answer]

    def __call__(self, question: Question) -> Answer:
        """Answer; the arguments are part of the result.

        Raises:
            InvokeRefused: unknown or missing arguments.
        """
        given = set(question.args)
        failures = [
            CheckFailure(name, "the function has no such argument")
            for name in sorted(given - self.required - self.optional)
        ] + [
            CheckFailure(name, "this argument is required and is missing")
            for name in sorted(self.required - given)
        ]
        if failures:
            raise InvokeRefused(failures)
        return {"id": "rehearsed", **question.args, **self.answer(question)}


def _availability_domains(question: Question) -> Answer:
    _need_tenancy_or_compartment(question, "Identity/availabilityDomain:AvailabilityDomain")
    found = [
        {
            "compartmentId": question.args["compartmentId"],
            "id": ocid.new("availabilitydomain", "", index, parts=""),
            "name": name,
        }
        for index, name in enumerate(question.region.availability_domains)
    ]
    return {"availabilityDomains": _filtered(question, found)}


def _fault_domains(question: Question) -> Answer:
    token = "oci:Identity/faultDomain:FaultDomain"  # noqa: S105 - a type token
    domain = question.args["availabilityDomain"]
    if domain not in question.region.availability_domains:
        raise errors.invalid_parameter(f"Invalid availabilityDomain: {domain}", token)
    found = [
        {
            "availabilityDomain": domain,
            "compartmentId": question.args["compartmentId"],
            "id": ocid.new("faultdomain", "", index),
            "name": name,
        }
        for index, name in enumerate(FAULT_DOMAINS)
    ]
    return {"faultDomains": _filtered(question, found)}


def _regions(question: Question) -> Answer:
    found = [{"key": region.key, "name": region.name} for region in REGIONS.values()]
    return {"regions": _filtered(question, found)}


def _region_subscriptions(question: Question) -> Answer:
    home = question.configuration.home_region
    found = [
        {
            "isHomeRegion": region.name == home.name,
            "regionKey": region.key,
            "regionName": region.name,
            "state": "READY",
        }
        for region in REGIONS.values()
    ]
    return {"regionSubscriptions": _filtered(question, found)}


def _tenancy(question: Question) -> Answer:
    return {
        "definedTags": {},
        "description": "The rehearsed tenancy",
        "freeformTags": {},
        "homeRegionKey": question.configuration.home_region.key,
        "name": "rehearsed",
        "upiIdcsCompatibilityLayerEndpoint": "",
    }


def _services(question: Question) -> Answer:
    found = [
        {
            "cidrBlock": service.cidr_block,
            "description": service.description,
            "id": service.id,
            "name": service.name,
        }
        for service in question.region.services
    ]
    return {"services": _filtered(question, found)}


def _cluster_option(question: Question) -> Answer:
    identity = question.args["clusterOptionId"]
    if identity != "all":
        _cluster(question, identity)
    return {
        "clusterPodNetworkOptions": [{"cniType": it} for it in oke.CNI_TYPES],
        "kubernetesVersions": list(oke.KUBERNETES_VERSIONS),
    }


def _node_pool_option(question: Question) -> Answer:
    args = question.args
    versions = list(oke.KUBERNETES_VERSIONS)
    if args["nodePoolOptionId"] != "all":
        plane = _cluster(question, args["nodePoolOptionId"]).properties["kubernetesVersion"]
        versions = [it for it in versions if oke.version_of(it) <= oke.version_of(plane)]
    version = args.get("nodePoolK8sVersion")
    offered = [
        image
        for image in oke.images(question.region.name)
        if image.kubernetes_version in versions
        and version in {None, image.kubernetes_version}
        and (args.get("nodePoolOsArch") or "").lower() in {"", image.architecture}
        and args.get("nodePoolOsType") in {None, "OL8"}
    ]
    return {
        "images": [image.name for image in offered],
        "kubernetesVersions": versions,
        "shapes": list(SHAPES),
        "sources": [
            {"imageId": image.id, "sourceName": image.name, "sourceType": "IMAGE"}
            for image in offered
        ],
    }


def _kube_config(question: Question) -> Answer:
    cluster = _cluster(question, question.args["clusterId"])
    return {"content": kubeconfig.content(cluster, question.args, question.paths)}


def _namespace(question: Question) -> Answer:
    return {"namespace": OBJECT_STORAGE_NAMESPACE}


def _need_tenancy_or_compartment(question: Question, token: str) -> None:
    identity = question.args["compartmentId"]
    if ocid.kind_of(identity) not in {"compartment", "tenancy"}:
        raise errors.invalid_parameter(f"Invalid compartmentId: {identity}", f"oci:{token}")


def _cluster(question: Question, identity: str) -> Record:
    with question.store.transaction() as transaction:
        found = transaction.get(identity)
    if found is None or found.type != CLUSTER or found.region != question.region.name:
        raise errors.not_found(CLUSTER)
    return found


def _filtered(question: Question, found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Apply ``filters``: by the attribute's name, its values alternatives, exact or regex."""
    kept = list(found)
    for wanted in question.args.get("filters") or []:
        name = re.sub(r"_([a-z])", lambda match: match[1].upper(), wanted["name"])
        if found and name not in found[0]:
            raise CloudError(f"filters: there is no attribute {wanted['name']}")
        kept = [it for it in kept if _passes(str(it[name]), wanted)]
    return kept


def _passes(value: str, wanted: Mapping[str, Any]) -> bool:
    if wanted.get("regex"):
        return any(re.search(pattern, value) for pattern in wanted["values"])
    return value in wanted["values"]


def _function(answer: Callable[[Question], Answer], required: str, optional: str) -> Function:
    return Function(frozenset(required.split()), frozenset(optional.split()), answer)


INVOKES: Mapping[str, Function] = {
    "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig": _function(
        _kube_config, "clusterId", "endpoint expiration tokenVersion"
    ),
    "oci:ContainerEngine/getClusterOption:getClusterOption": _function(
        _cluster_option, "clusterOptionId", "compartmentId shouldListAllPatchVersions"
    ),
    "oci:ContainerEngine/getNodePoolOption:getNodePoolOption": _function(
        _node_pool_option,
        "nodePoolOptionId",
        "compartmentId nodePoolK8sVersion nodePoolOsArch nodePoolOsType shouldListAllPatchVersions",
    ),
    "oci:Core/getServices:getServices": _function(_services, "", "filters"),
    "oci:Identity/getAvailabilityDomains:getAvailabilityDomains": _function(
        _availability_domains, "compartmentId", "filters"
    ),
    "oci:Identity/getFaultDomains:getFaultDomains": _function(
        _fault_domains, "availabilityDomain compartmentId", "filters"
    ),
    "oci:Identity/getRegionSubscriptions:getRegionSubscriptions": _function(
        _region_subscriptions, "tenancyId", "filters"
    ),
    "oci:Identity/getRegions:getRegions": _function(_regions, "", "filters"),
    "oci:Identity/getTenancy:getTenancy": _function(_tenancy, "tenancyId", ""),
    "oci:ObjectStorage/getNamespace:getNamespace": _function(_namespace, "", "compartmentId"),
}
