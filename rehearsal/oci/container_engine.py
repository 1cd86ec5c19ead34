"""OKE clusters and their add-ons."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import ClassVar

from rehearsal.cloud.store import Record
from rehearsal.oci import cidr, instances, kube_system, nodes
from rehearsal.oci.facts import oke
from rehearsal.oci.facts.durations import ADDON as ADDON_DURATIONS
from rehearsal.oci.facts.durations import CLUSTER as CLUSTER_DURATIONS
from rehearsal.oci.grants import need_grant
from rehearsal.oci.inputs import Enumerations
from rehearsal.oci.model import Call, ResourceType, Site, Values
from rehearsal.oci.tokens import (
    ADDON,
    CLUSTER,
    KEY,
    NETWORK_SECURITY_GROUP,
    NODE_POOL,
    SUBNET,
    VCN,
)

API_PORT = 6443

#: Pods and services of a cluster that names no ranges
#: (https://docs.oracle.com/iaas/Content/ContEng/Concepts/contengcidrblocks.htm).
DEFAULT_PODS_CIDR = "10.244.0.0/16"
DEFAULT_SERVICES_CIDR = "10.96.0.0/16"


class Cluster(ResourceType):
    """A cluster; its API server is the rehearsal's embedded one, its addresses are simulated."""

    token = CLUSTER
    sdk_class = "containerengine.Cluster"
    ocid_kind = "cluster"
    durations = CLUSTER_DURATIONS
    autonamed = True
    active_state = "ACTIVE"
    deleted_state = "DELETED"
    sets = ("nsgIds", "backendNsgIds")
    enumerations: ClassVar[Enumerations] = {
        "type": ("BASIC_CLUSTER", "ENHANCED_CLUSTER"),
        "clusterPodNetworkOptions.cniType": oke.CNI_TYPES,
    }
    unmodelled: ClassVar[frozenset[str]] = frozenset(
        {
            "imagePolicyConfig",
            "kmsKeyId",
            "lifecycleDetails",
            "metadatas",
            "openIdConnectDiscoveryEndpoint",
            "openIdConnectDiscoveryKey",
        }
    )

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Check what it is made of; the endpoint gets an address of its subnet."""
        _check_version(call, inputs["kubernetesVersion"])
        vcn = call.need(inputs["vcnId"], VCN)
        endpoint = inputs.get("endpointConfig")
        if endpoint is None:
            raise call.refuse("endpointConfig must be given: its subnet holds the API endpoint")
        subnet = _need_in_vcn(call, endpoint["subnetId"], SUBNET, vcn)
        for group in endpoint.get("nsgIds") or []:
            _need_in_vcn(call, group, NETWORK_SECURITY_GROUP, vcn)
        public = bool(endpoint.get("isPublicIpEnabled"))
        if public and subnet.properties["prohibitPublicIpOnVnic"]:
            raise call.refuse(f"Invalid endpointConfig: {subnet.id} prohibits public IP addresses")
        _check_options(call, inputs, vcn)
        key = inputs.get("kmsKeyId")
        if key is not None:
            call.need(key, KEY)
            need_grant(call, "cluster", "keys", key)
        address = str(cidr.network(call, subnet.properties["cidrBlock"])[2])
        return {
            "availableKubernetesUpgrades": _upgrades(inputs["kubernetesVersion"]),
            "clusterPodNetworkOptions": inputs.get("clusterPodNetworkOptions")
            or [{"cniType": "FLANNEL_OVERLAY"}],
            "endpointConfig": {"nsgIds": [], **endpoint, "isPublicIpEnabled": public},
            "endpoints": [_endpoint(call, address, subnet, public=public)],
            "options": _options(inputs),
            "type": inputs.get("type") or "BASIC_CLUSTER",
        }

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Rename, or go up one minor version at a time, never down."""
        before, after = record.properties["kubernetesVersion"], inputs["kubernetesVersion"]
        if after != before and after not in _upgrades(before):
            raise call.refuse(
                f"Invalid kubernetesVersion: {before} can be upgraded to "
                f"{', '.join(_upgrades(before)) or 'nothing'}, not to {after}"
            )
        was = record.properties["type"]
        if was == "ENHANCED_CLUSTER" and inputs["type"] == "BASIC_CLUSTER":
            raise call.refuse("Invalid type: an enhanced cluster cannot become a basic one")
        return {"availableKubernetesUpgrades": _upgrades(after)}

    def delete(self, call: Call, record: Record) -> None:
        """Its node pools go with it, and their instances with them."""
        for pool in call.transaction.referring_to(record.id, type_token=NODE_POOL):
            instances.terminate(call, instances.of_pool(call, pool.id), dict(pool.properties))
            call.transaction.delete(pool.id, at=call.at)
        for addon in call.transaction.referring_to(record.id, type_token=ADDON):
            call.transaction.delete(addon.id, at=call.at)

    def settle(self, site: Site, record: Record) -> None:
        """Install what OKE ships."""
        kube_system.install(site, record)

    def clear(self, site: Site, record: Record) -> None:
        """Take shipped workloads and nodes away."""
        kube_system.uninstall(site)
        nodes.remove_orphaned(site)


class Addon(ResourceType):
    """A cluster add-on that OKE manages. Enhanced clusters only."""

    token = ADDON
    sdk_class = "containerengine.Addon"
    ocid_kind = "addon"
    durations = ADDON_DURATIONS
    active_state = "ACTIVE"
    deleted_state = "DELETED"

    unmodelled: ClassVar[frozenset[str]] = frozenset({"overrideExisting", "version"})

    def compartment(self, call: Call, inputs: Values) -> str:
        """Add-ons live in their cluster."""
        return call.need(inputs["clusterId"], CLUSTER).id

    def display_name(self, inputs: Values) -> str:
        """Add-ons are known by their name."""
        return str(inputs["addonName"])

    def identity(self, call: Call, inputs: Values) -> str:
        """As terraform-provider-oci writes it; not an OCID."""
        return f"clusters/{inputs['clusterId']}/addons/{inputs['addonName']}"

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Install a known add-on once."""
        cluster = call.need(inputs["clusterId"], CLUSTER)
        if cluster.properties["type"] != "ENHANCED_CLUSTER":
            raise call.refuse("Cluster add-ons are a feature of enhanced clusters")
        if inputs["addonName"] not in oke.ADDONS:
            known = ", ".join(sorted(oke.ADDONS))
            raise call.refuse(f"Invalid addonName: {inputs['addonName']} is none of {known}")
        return {
            "addonErrors": [],
            "configurations": inputs.get("configurations") or [],
            "currentInstalledVersion": inputs.get("version") or "v1.0.0",
        }


def _check_version(call: Call, version: str) -> None:
    if version not in oke.KUBERNETES_VERSIONS:
        offered = ", ".join(oke.KUBERNETES_VERSIONS)
        raise call.refuse(f"Invalid kubernetesVersion: {version} is not offered: {offered}")


def _upgrades(version: str) -> list[str]:
    have = oke.version_of(version)
    return [
        other
        for other in oke.KUBERNETES_VERSIONS
        if have < oke.version_of(other) and oke.version_of(other)[1] <= have[1] + 1
    ]


def _options(inputs: Values) -> Values:
    given = inputs.get("options") or {}
    ranges = {"podsCidr": DEFAULT_PODS_CIDR, "servicesCidr": DEFAULT_SERVICES_CIDR}
    return given | {
        "kubernetesNetworkConfig": ranges | (given.get("kubernetesNetworkConfig") or {}),
        "serviceLbSubnetIds": given.get("serviceLbSubnetIds") or [],
    }


def _check_options(call: Call, inputs: Values, vcn: Record) -> None:
    options = _options(inputs)
    services = cidr.parse(options["kubernetesNetworkConfig"]["servicesCidr"])
    if services is None:
        raise call.refuse("Invalid options.kubernetesNetworkConfig.servicesCidr: not a CIDR")
    for block in vcn.properties["cidrBlocks"]:
        if services.overlaps(IPv4Network(block)):
            raise call.refuse(
                f"Invalid options.kubernetesNetworkConfig.servicesCidr: {services} overlaps with "
                f"the VCN's {block}"
            )
    for subnet in options["serviceLbSubnetIds"]:
        _need_in_vcn(call, subnet, SUBNET, vcn)
    for group in (options.get("serviceLbConfig") or {}).get("backendNsgIds") or []:
        _need_in_vcn(call, group, NETWORK_SECURITY_GROUP, vcn)


def _endpoint(call: Call, address: str, subnet: Record, *, public: bool) -> Values:
    host = f"k{call.transaction.next_sequence()}.{subnet.properties['subnetDomainName']}"
    return {
        "ipv6endpoint": "",
        "kubernetes": "",
        "privateEndpoint": f"{address}:{API_PORT}",
        "publicEndpoint": f"203.0.113.254:{API_PORT}" if public else "",
        "vcnHostnameEndpoint": f"{host}:{API_PORT}",
    }


def _need_in_vcn(call: Call, identity: object, kind: str, vcn: Record) -> Record:
    found = call.need(identity, kind)
    if found.properties["vcnId"] != vcn.id:
        raise call.refuse(f"{found.id} is not in VCN {vcn.id}")
    return found
