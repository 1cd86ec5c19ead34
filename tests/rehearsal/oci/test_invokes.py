"""The functions that the program calls, with me-jeddah-1's facts."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

from rehearsal.oci.invokes import INVOKES
from rehearsal.standin.provider import CloudError, InvokeRefused
from tests.rehearsal.oci.cloud import CLUSTER, COMPARTMENT, DOMAIN, TENANCY, Cloud, cluster_inputs

PACKAGES = {
    "ContainerEngine": "containerengine",
    "Core": "core",
    "Identity": "identity",
    "ObjectStorage": "objectstorage",
}


async def ask(cloud: Cloud, token: str, **args: Any) -> dict[str, Any]:
    name = token.rpartition("/")[2]
    answer = await cloud.provider.invoke(f"oci:{token}:{name}", args)
    return dict(answer)


async def test_jeddah_has_one_availability_domain_with_three_fault_domains(cloud: Cloud) -> None:
    found = await ask(cloud, "Identity/getAvailabilityDomains", compartmentId=TENANCY)
    assert [it["name"] for it in found["availabilityDomains"]] == [DOMAIN]
    found = await ask(
        cloud, "Identity/getFaultDomains", compartmentId=TENANCY, availabilityDomain=DOMAIN
    )
    assert [it["name"] for it in found["faultDomains"]] == [
        "FAULT-DOMAIN-1",
        "FAULT-DOMAIN-2",
        "FAULT-DOMAIN-3",
    ]


async def test_an_availability_domain_is_of_its_region(cloud: Cloud) -> None:
    with pytest.raises(CloudError, match="Invalid availabilityDomain"):
        await ask(cloud, "Identity/getFaultDomains", compartmentId=TENANCY, availabilityDomain="x")
    with pytest.raises(CloudError, match="Invalid compartmentId"):
        await ask(cloud, "Identity/getAvailabilityDomains", compartmentId="root")


async def test_the_home_region_is_marked(cloud: Cloud) -> None:
    found = await ask(cloud, "Identity/getRegionSubscriptions", tenancyId=TENANCY)
    home = [it["regionName"] for it in found["regionSubscriptions"] if it["isHomeRegion"]]
    assert home == ["me-jeddah-1"]
    assert (await ask(cloud, "Identity/getTenancy", tenancyId=TENANCY))["homeRegionKey"] == "JED"
    regions = await ask(cloud, "Identity/getRegions")
    assert {"key": "RUH", "name": "me-riyadh-1"} in regions["regions"]


async def test_services_are_found_by_name(cloud: Cloud) -> None:
    assert len((await ask(cloud, "Core/getServices"))["services"]) == 2
    everything = {"name": "name", "values": ["All .* Services In Oracle Services Network"]}
    (found,) = (await ask(cloud, "Core/getServices", filters=[{**everything, "regex": True}]))[
        "services"
    ]
    assert found["cidrBlock"] == "all-jed-services-in-oracle-services-network"
    assert not (await ask(cloud, "Core/getServices", filters=[everything]))["services"]
    by_label = {"name": "cidr_block", "values": ["oci-jed-objectstorage"]}
    assert len((await ask(cloud, "Core/getServices", filters=[by_label]))["services"]) == 1
    with pytest.raises(CloudError, match="no attribute title"):
        await ask(cloud, "Core/getServices", filters=[{"name": "title", "values": []}])


async def test_images_of_every_kind_are_offered(cloud: Cloud) -> None:
    found = await ask(cloud, "ContainerEngine/getNodePoolOption", nodePoolOptionId="all")
    names = [it["sourceName"] for it in found["sources"]]
    assert found["images"] == names
    assert any("aarch64" in it for it in names)
    assert any("GPU" in it for it in names)
    assert found["kubernetesVersions"] == ["v1.32.1", "v1.33.1", "v1.34.1"]
    assert "VM.Standard.E4.Flex" in found["shapes"]


async def test_images_are_found_by_version_and_architecture(cloud: Cloud) -> None:
    found = await ask(
        cloud,
        "ContainerEngine/getNodePoolOption",
        nodePoolOptionId="all",
        nodePoolK8sVersion="v1.33.1",
        nodePoolOsArch="aarch64",
    )
    assert found["sources"]
    for source in found["sources"]:
        assert "aarch64" in source["sourceName"]
        assert "-OKE-1.33.1-" in source["sourceName"]


@pytest.mark.usefixtures("no_control_plane")
async def test_a_clusters_nodes_are_no_newer_than_the_cluster(wired: Cloud) -> None:
    inputs = cluster_inputs(wired, kubernetesVersion="v1.33.1")
    made = await wired.create(CLUSTER, "cluster", **inputs)
    found = await ask(wired, "ContainerEngine/getNodePoolOption", nodePoolOptionId=made.id)
    assert found["kubernetesVersions"] == ["v1.32.1", "v1.33.1"]
    options = await ask(wired, "ContainerEngine/getClusterOption", clusterOptionId="all")
    assert "v1.34.1" in options["kubernetesVersions"]


@pytest.mark.usefixtures("no_control_plane")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"clusterId": "ocid1.cluster.oc1..none"}, "404-NotAuthorizedOrNotFound"),
        ({"endpoint": "PUBLIC_ENDPOINT"}, "has no PUBLIC_ENDPOINT"),
        ({"endpoint": "PRIVATE"}, "Invalid endpoint: PRIVATE"),
        ({"tokenVersion": "1.0.0"}, "Invalid tokenVersion"),
        ({}, "has no control plane"),
    ],
)
async def test_kubeconfigs_are_refused(wired: Cloud, changes: dict[str, Any], words: str) -> None:
    made = await wired.create(CLUSTER, "cluster", **cluster_inputs(wired))
    with pytest.raises(CloudError, match=words):
        await ask(
            wired, "ContainerEngine/getClusterKubeConfig", **{"clusterId": made.id, **changes}
        )


async def test_the_namespace_is_told(cloud: Cloud) -> None:
    found = await ask(cloud, "ObjectStorage/getNamespace", compartmentId=COMPARTMENT)
    assert found["namespace"]


async def test_an_unknown_function_is_refused_by_name(cloud: Cloud) -> None:
    with pytest.raises(CloudError, match="does not answer oci:Core/getVcns:getVcns"):
        await ask(cloud, "Core/getVcns", compartmentId=COMPARTMENT)


async def test_arguments_are_checked(cloud: Cloud) -> None:
    with pytest.raises(InvokeRefused) as refused:
        await ask(cloud, "Identity/getFaultDomains", compartmentId=TENANCY, domain="x")
    assert {it.property for it in refused.value.failures} == {"availabilityDomain", "domain"}


@pytest.mark.parametrize("token", sorted(INVOKES))
def test_arguments_and_answers_are_those_of_the_sdk(token: str) -> None:
    _, module, name = token.split(":")
    python_name = "".join(f"_{it.lower()}" if it.isupper() else it for it in name)
    sdk = importlib.import_module(f"pulumi_oci.{PACKAGES[module.split('/')[0]]}")
    parameters = list(inspect.signature(getattr(sdk, python_name)).parameters)[:-1]
    function = INVOKES[token]
    wanted = {it.replace("_", "").lower() for it in parameters}
    assert {it.lower() for it in function.required | function.optional} == wanted


async def test_every_answer_is_complete(wired: Cloud) -> None:
    args = {
        "getAvailabilityDomains": {"compartmentId": TENANCY},
        "getClusterOption": {"clusterOptionId": "all"},
        "getFaultDomains": {"compartmentId": TENANCY, "availabilityDomain": DOMAIN},
        "getNamespace": {},
        "getNodePoolOption": {"nodePoolOptionId": "all"},
        "getRegionSubscriptions": {"tenancyId": TENANCY},
        "getRegions": {},
        "getServices": {},
        "getTenancy": {"tenancyId": TENANCY},
    }
    for token in INVOKES:
        _, module, name = token.split(":")
        if name not in args:
            continue
        sdk = importlib.import_module(f"pulumi_oci.{PACKAGES[module.split('/')[0]]}")
        result = getattr(sdk, f"{name[0].upper()}{name[1:]}Result")
        required = {
            getattr(prop.fget, "_pulumi_name", attribute)
            for attribute, prop in vars(result).items()
            if isinstance(prop, property)
            and "Optional" not in str(prop.fget.__annotations__["return"])
        }
        answer = await ask(wired, module, **args[name])
        assert required <= set(answer), name
