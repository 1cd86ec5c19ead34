"""OKE clusters and add-ons, as far as the API alone decides."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.standin.provider import CloudError, PartialFailure, State
from tests.rehearsal.oci.cloud import CLUSTER, Cloud, cluster_inputs, key, network

ADDON = "oci:ContainerEngine/addon:Addon"

pytestmark = pytest.mark.usefixtures("no_control_plane")


async def cluster(cloud: Cloud, name: str = "cluster", /, **changes: Any) -> State:
    return await cloud.create(CLUSTER, name, **cluster_inputs(cloud, **changes))


async def test_the_endpoint_has_an_address_of_its_subnet(wired: Cloud) -> None:
    made = await cluster(wired)
    endpoints: Any = made.outputs["endpoints"]
    assert [it["privateEndpoint"] for it in endpoints] == ["10.0.0.2:6443"]
    assert [it["publicEndpoint"] for it in endpoints] == [""]


async def test_defaults_are_okes(wired: Cloud) -> None:
    made = await cluster(wired, type=None, clusterPodNetworkOptions=None)
    assert made.outputs["type"] == "BASIC_CLUSTER"
    assert made.outputs["clusterPodNetworkOptions"] == [{"cniType": "FLANNEL_OVERLAY"}]
    options: Any = made.outputs["options"]
    assert options["kubernetesNetworkConfig"] == {
        "podsCidr": "10.244.0.0/16",
        "servicesCidr": "10.96.0.0/16",
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kubernetesVersion": "v1.29.1"}, "v1.29.1 is not offered: v1.32.1, v1.33.1, v1.34.1"),
        ({"kubernetesVersion": "1.34.1"}, "1.34.1 is not offered"),
        ({"endpointConfig": None}, "endpointConfig must be given"),
        ({"endpointConfig": {"subnetId": "ocid1.subnet.oc1..none"}}, "404"),
        ({"vcnId": "ocid1.vcn.oc1..none"}, "404"),
        ({"kmsKeyId": "ocid1.key.oc1..none"}, "404"),
        (
            {"options": {"kubernetesNetworkConfig": {"servicesCidr": "10.0.0.0/24"}}},
            "overlaps with the VCN's 10.0.0.0/16",
        ),
        ({"options": {"serviceLbSubnetIds": ["ocid1.subnet.oc1..none"]}}, "404"),
    ],
)
async def test_clusters_are_refused(wired: Cloud, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CloudError, match=words):
        await cluster(wired, **changes)
    assert wired.live(CLUSTER) == []


async def test_a_private_subnet_has_no_public_endpoint(wired: Cloud) -> None:
    endpoint = {"subnetId": wired.id("endpoint"), "isPublicIpEnabled": True}
    with pytest.raises(CloudError, match="prohibits public IP"):
        await cluster(wired, endpointConfig=endpoint)


async def test_a_key_needs_a_policy_that_lets_clusters_use_it(cloud: Cloud) -> None:
    await network(cloud)
    made = await key(cloud)
    with pytest.raises(CloudError, match="404-NotAuthorizedOrNotFound"):
        await cluster(cloud, kmsKeyId=made.id)
    statement = "Allow any-user to use keys in tenancy where ALL "
    condition = "{{request.principal.type = 'cluster', target.key.id = '{}'}}"
    policy = {"compartmentId": "ocid1.tenancy.oc1..test", "name": "p", "description": "d"}
    await cloud.create(
        "oci:Identity/policy:Policy",
        "other-key",
        **policy,
        statements=[statement + condition.format("ocid1.key.oc1..another")],
    )
    with pytest.raises(CloudError, match="404-NotAuthorizedOrNotFound"):
        await cluster(cloud, kmsKeyId=made.id)
    await cloud.update("other-key", statements=[statement + condition.format(made.id)])
    await cluster(cloud, kmsKeyId=made.id)


async def test_clusters_go_up_by_one_minor_version(wired: Cloud) -> None:
    await cluster(wired, kubernetesVersion="v1.32.1")
    with pytest.raises(PartialFailure, match=r"v1.32.1 can be upgraded to v1.33.1, not to v1.34.1"):
        await wired.update("cluster", kubernetesVersion="v1.34.1")
    await wired.update("cluster", kubernetesVersion="v1.33.1")
    with pytest.raises(PartialFailure, match=r"not to v1.32.1"):
        await wired.update("cluster", kubernetesVersion="v1.32.1")


async def test_an_enhanced_cluster_stays_one(wired: Cloud) -> None:
    await cluster(wired)
    with pytest.raises(PartialFailure, match="cannot become a basic one"):
        await wired.update("cluster", type="BASIC_CLUSTER")


async def test_a_cluster_keeps_its_network(wired: Cloud) -> None:
    await cluster(wired)
    for name, words in (("endpoint", "references the service VNIC"), ("group", "has VNICs of")):
        with pytest.raises(CloudError, match=f"409-Conflict.*{words}"):
            await wired.delete(name)
    await wired.delete("cluster")
    await wired.delete("endpoint")
    await wired.delete("group")


async def test_addons_are_known_and_for_enhanced_clusters(wired: Cloud) -> None:
    made = await cluster(wired)
    inputs = {"clusterId": made.id, "removeAddonResourcesOnDelete": True}
    addon = await wired.create(ADDON, "metrics", **inputs, addonName="KubernetesMetricsServer")
    assert addon.id == f"clusters/{made.id}/addons/KubernetesMetricsServer"
    with pytest.raises(CloudError, match="Invalid addonName: Metrics"):
        await wired.create(ADDON, "typo", **inputs, addonName="Metrics")
    await wired.delete("cluster")
    assert await wired.read("metrics") is None


async def test_a_basic_cluster_has_no_addons(wired: Cloud) -> None:
    made = await cluster(wired, type="BASIC_CLUSTER")
    with pytest.raises(CloudError, match="feature of enhanced clusters"):
        await wired.create(
            ADDON,
            "dns",
            clusterId=made.id,
            removeAddonResourcesOnDelete=True,
            addonName="CoreDNS",
        )
