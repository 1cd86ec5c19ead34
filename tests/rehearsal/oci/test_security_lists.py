"""Security lists: what they may say, and that they stay while a subnet uses them."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.standin.provider import CloudError, State
from tests.rehearsal.oci.cloud import COMPARTMENT, Cloud

SECURITY_LIST = "oci:Core/securityList:SecurityList"
TO_THE_API = {
    "protocol": "6",
    "destination": "10.0.0.0/28",
    "destinationType": "CIDR_BLOCK",
    "tcpOptions": {"min": 6443, "max": 6443},
}


async def listed(cloud: Cloud, **changes: Any) -> State:
    inputs = {
        "compartmentId": COMPARTMENT,
        "vcnId": cloud.id("vcn"),
        "egressSecurityRules": [TO_THE_API],
    }
    return await cloud.create(SECURITY_LIST, "list", **{**inputs, **changes})


async def test_a_list_has_the_rules_it_was_given(wired: Cloud) -> None:
    made = await listed(wired)
    assert made.id.startswith("ocid1.securitylist.")
    assert made.outputs["egressSecurityRules"] == [TO_THE_API]
    assert made.outputs["ingressSecurityRules"] == []
    await wired.update("list", egressSecurityRules=[])
    found = await wired.read("list")
    assert found is not None
    assert found.outputs["egressSecurityRules"] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"vcnId": "ocid1.vcn.oc1..none"}, "404"),
        ({"egressSecurityRules": [{**TO_THE_API, "destination": "anywhere"}]}, "not a CIDR"),
        ({"egressSecurityRules": [{**TO_THE_API, "protocol": "17"}]}, "tcpOptions is not valid"),
        (
            {"egressSecurityRules": [{**TO_THE_API, "tcpOptions": {"min": 2, "max": 1}}]},
            "port range",
        ),
    ],
)
async def test_a_list_is_refused(wired: Cloud, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CloudError, match=words):
        await listed(wired, **changes)
    assert wired.live(SECURITY_LIST) == []


async def test_a_list_in_use_stays(wired: Cloud) -> None:
    before = wired.made["endpoint"][1].outputs["securityListIds"]
    made = await listed(wired)
    await wired.update("endpoint", securityListIds=[made.id])
    with pytest.raises(CloudError, match="409-Conflict"):
        await wired.delete("list")
    await wired.update("endpoint", securityListIds=before)
    await wired.delete("list")
    assert wired.live(SECURITY_LIST) == []


async def test_a_vcn_with_a_list_is_not_deleted(wired: Cloud) -> None:
    await listed(wired)
    for name in ("endpoint", "nodes", "pods", "lb", "group"):
        await wired.delete(name)
    with pytest.raises(CloudError, match="references the SecurityList"):
        await wired.delete("vcn")
