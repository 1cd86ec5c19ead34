"""A simulated cloud for tests: the provider, called as the engine calls it; a small platform."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rehearsal.cloud.store import Record, Store
from rehearsal.oci.facts import oke
from rehearsal.oci.facts.regions import REGIONS
from rehearsal.oci.provider import OciProvider
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import CheckFailure, Diff, Prior, Resource, State

TENANCY = "ocid1.tenancy.oc1..test"
COMPARTMENT = "ocid1.compartment.oc1..test"
DOMAIN = REGIONS["me-jeddah-1"].availability_domains[0]
VERSION = "v1.34.1"
SHAPE = "VM.Standard.E4.Flex"
ALL_SERVICES = REGIONS["me-jeddah-1"].services[1]

USER_DATA = """#!/bin/bash
/usr/libexec/oci-growfs -y
curl -H "Authorization: Bearer Oracle" http://169.254.169.254/opc/v2/instance/metadata/oke_init_script | base64 -d > /var/run/oke-init.sh
bash /var/run/oke-init.sh --kubelet-extra-args "--kube-reserved=cpu=500m,memory=1024Mi --system-reserved=cpu=100m,memory=100Mi --eviction-hard=memory.available<100Mi --register-with-taints=pool=lms:NoSchedule"
"""  # noqa: E501 - a script


class Cloud:
    """A provider instance; ``made`` holds what was created through it, by logical name."""

    def __init__(self, directory: Path) -> None:
        self.paths = StackPaths(directory)
        self.provider = OciProvider(self.paths)
        self.store = Store(self.paths.cloud_db)
        self.made: dict[str, tuple[Resource, Prior]] = {}

    @classmethod
    async def at(cls, directory: Path, region: str = "me-jeddah-1") -> Cloud:
        """A cloud whose provider is configured for ``region``."""
        cloud = cls(directory)
        await cloud.provider.configure({"region": region})
        return cloud

    async def check(self, token: str, inputs: Mapping[str, Any]) -> list[CheckFailure]:
        """What Check refuses."""
        return list((await self.provider.check(_resource(token, "it"), None, inputs)).failures)

    async def create(self, token: str, name: str, /, **inputs: Any) -> State:
        """Check and create; Pulumi's state keeps what comes of it."""
        resource = _resource(token, name)
        checked = await self.provider.check(resource, None, inputs)
        assert not checked.failures, checked.failures
        state = await self.provider.create(resource, checked.inputs, preview=False)
        self.made[name] = resource, Prior(state.id, checked.inputs, state.outputs)
        return state

    async def diff(self, name: str, /, **changes: Any) -> Diff:
        """The diff of changed inputs."""
        resource, prior = self.made[name]
        return await self.provider.diff(resource, prior, {**prior.inputs, **changes}, [])

    async def update(self, name: str, /, **changes: Any) -> State:
        """Update with changed inputs."""
        resource, prior = self.made[name]
        inputs = {**prior.inputs, **changes}
        state = await self.provider.update(resource, prior, inputs, preview=False)
        self.made[name] = resource, replace(prior, inputs=inputs, outputs=state.outputs)
        return state

    async def read(self, name: str) -> State | None:
        """Read it again."""
        return await self.provider.read(*self.made[name])

    async def delete(self, name: str) -> None:
        """Delete it; the state forgets it."""
        await self.provider.delete(*self.made[name])
        del self.made[name]

    def id(self, name: str) -> str:
        """The id of something made."""
        return self.made[name][1].id

    def live(self, token: str | None = None) -> list[Record]:
        """What exists in the cloud."""
        with self.store.transaction() as transaction:
            return transaction.live(token)

    def exported(self) -> dict[str, Any]:
        """The state as ``pulumi stack export`` would print it."""
        return {
            "deployment": {
                "resources": [
                    {"urn": it.urn, "type": it.type, "id": prior.id, "custom": True}
                    for it, prior in self.made.values()
                ]
            }
        }


def _resource(token: str, name: str) -> Resource:
    return Resource(urn=f"urn:pulumi:test::openedx-large::{token}::{name}", type=token, name=name)


def image_id(version: str = VERSION) -> str:
    """The newest x86 image of a version."""
    images = oke.images("me-jeddah-1")
    return next(
        it.id
        for it in images
        if (it.kubernetes_version, it.architecture, it.gpu) == (version, "x86_64", False)
    )


def encoded(script: str) -> str:
    """A start-up script as instance metadata carries it."""
    return base64.b64encode(script.encode()).decode()


async def network(cloud: Cloud) -> None:
    """A VCN with subnets for endpoint, nodes, pods and load balancers, and a security group."""
    vcn = await cloud.create(
        "oci:Core/vcn:Vcn",
        "vcn",
        compartmentId=COMPARTMENT,
        cidrBlocks=["10.0.0.0/16"],
        dnsLabel="test",
        displayName="vcn",
    )
    for name, block in (
        ("endpoint", "10.0.0.0/28"),
        ("nodes", "10.0.4.0/24"),
        ("pods", "10.0.128.0/17"),
        ("lb", "10.0.2.0/24"),
    ):
        await cloud.create(
            "oci:Core/subnet:Subnet",
            name,
            compartmentId=COMPARTMENT,
            vcnId=vcn.id,
            cidrBlock=block,
            dnsLabel=name,
            displayName=name,
            prohibitPublicIpOnVnic=True,
        )
    await cloud.create(
        "oci:Core/networkSecurityGroup:NetworkSecurityGroup",
        "group",
        compartmentId=COMPARTMENT,
        vcnId=vcn.id,
        displayName="group",
    )


async def policies(cloud: Cloud) -> None:
    """The rights of OKE's principals."""
    await cloud.create(
        "oci:Identity/policy:Policy",
        "policy",
        compartmentId=TENANCY,
        name="oke",
        description="OKE",
        statements=[
            "Allow any-user to use keys in tenancy where request.principal.type = 'cluster'",
            "Allow any-user to use key-delegates in tenancy "
            "where request.principal.type = 'nodepool'",
            "Allow any-user to use compute-capacity-reservations in tenancy "
            "where request.principal.type = 'nodepool'",
        ],
    )


async def key(cloud: Cloud) -> State:
    """A vault with a key."""
    vault = await cloud.create(
        "oci:Kms/vault:Vault",
        "vault",
        compartmentId=COMPARTMENT,
        displayName="vault",
        vaultType="DEFAULT",
    )
    return await cloud.create(
        "oci:Kms/key:Key",
        "key",
        compartmentId=COMPARTMENT,
        displayName="key",
        managementEndpoint=vault.outputs["managementEndpoint"],
        keyShape={"algorithm": "AES", "length": 32},
    )


def cluster_inputs(cloud: Cloud, **changes: Any) -> dict[str, Any]:
    """An enhanced cluster with a private endpoint."""
    return {
        "compartmentId": COMPARTMENT,
        "name": "cluster",
        "type": "ENHANCED_CLUSTER",
        "kubernetesVersion": VERSION,
        "vcnId": cloud.id("vcn"),
        "endpointConfig": {
            "subnetId": cloud.id("endpoint"),
            "isPublicIpEnabled": False,
            "nsgIds": [cloud.id("group")],
        },
        "clusterPodNetworkOptions": [{"cniType": "OCI_VCN_IP_NATIVE"}],
        **changes,
    }


def configuration(count: int, fault_domain: str | None = None, **changes: Any) -> dict[str, Any]:
    """One entry of a reservation."""
    shape = {"ocpus": 30, "memoryInGbs": 128}
    entry = {"instanceShape": SHAPE, "reservedCount": str(count), "instanceShapeConfig": shape}
    if fault_domain is not None:
        entry["faultDomain"] = fault_domain
    return {**entry, **changes}


async def reservation(cloud: Cloud, *configurations: dict[str, Any]) -> State:
    """A capacity reservation; by default seven hosts, 3/2/2."""
    return await cloud.create(
        "oci:Core/computeCapacityReservation:ComputeCapacityReservation",
        "reservation",
        compartmentId=COMPARTMENT,
        availabilityDomain=DOMAIN,
        displayName="hosts",
        instanceReservationConfigs=list(configurations)
        or [
            configuration(3, "FAULT-DOMAIN-1"),
            configuration(2, "FAULT-DOMAIN-2"),
            configuration(2, "FAULT-DOMAIN-3"),
        ],
    )


def placement(cloud: Cloud, **changes: Any) -> dict[str, Any]:
    """Where nodes go: on the reservation where there is one."""
    found = {"availabilityDomain": DOMAIN, "subnetId": cloud.id("nodes")}
    if "reservation" in cloud.made:
        found["capacityReservationId"] = cloud.id("reservation")
    return {**found, **changes}


def pool_inputs(cloud: Cloud, size: int = 2, **changes: Any) -> dict[str, Any]:
    """A pool of 30-OCPU nodes whose boot volumes are renewed in place."""
    return {
        "compartmentId": COMPARTMENT,
        "clusterId": cloud.id("cluster"),
        "name": "lms",
        "kubernetesVersion": VERSION,
        "nodeShape": SHAPE,
        "nodeShapeConfig": {"ocpus": 30, "memoryInGbs": 128},
        "nodeSourceDetails": {
            "imageId": image_id(),
            "sourceType": "IMAGE",
            "bootVolumeSizeInGbs": "80",
        },
        "nodeConfigDetails": node_config(cloud, size),
        "initialNodeLabels": [{"key": "openedx-large/pool", "value": "lms"}],
        "nodeMetadata": {"user_data": encoded(USER_DATA)},
        "nodePoolCyclingDetails": {
            "isNodeCyclingEnabled": True,
            "cycleModes": ["BOOT_VOLUME_REPLACE"],
            "maximumSurge": "0",
            "maximumUnavailable": "1",
        },
        **changes,
    }


def node_config(cloud: Cloud, size: int, **changes: Any) -> dict[str, Any]:
    """How many nodes, where, with which pods."""
    return {
        "size": size,
        "placementConfigs": [placement(cloud)],
        "nsgIds": [cloud.id("group")],
        "nodePoolPodNetworkOptionDetails": {
            "cniType": "OCI_VCN_IP_NATIVE",
            "maxPodsPerNode": 60,
            "podSubnetIds": [cloud.id("pods")],
            "podNsgIds": [cloud.id("group")],
        },
        **changes,
    }


CLUSTER = "oci:ContainerEngine/cluster:Cluster"
NODE_POOL = "oci:ContainerEngine/nodePool:NodePool"
RESERVATION = "oci:Core/computeCapacityReservation:ComputeCapacityReservation"
INSTANCE = "oci:Core/instance:Instance"


async def pool(cloud: Cloud, size: int = 2, name: str = "pool", **changes: Any) -> State:
    """Make a node pool."""
    return await cloud.create(NODE_POOL, name, **pool_inputs(cloud, size, **changes))


def instances(cloud: Cloud) -> list[Record]:
    """What runs."""
    return cloud.live(INSTANCE)


async def used(cloud: Cloud) -> str:
    """How many instances the reservation says run on it."""
    state = await cloud.read("reservation")
    assert state is not None
    return str(state.outputs["usedInstanceCount"])
