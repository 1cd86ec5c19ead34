"""Network security groups and what their rules may say."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.oci import security_groups
from rehearsal.standin.provider import CloudError, State
from tests.rehearsal.oci.cloud import ALL_SERVICES, COMPARTMENT, Cloud

GROUP = "oci:Core/networkSecurityGroup:NetworkSecurityGroup"
RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"

HTTPS = {"destinationPortRange": {"min": 443, "max": 443}}


async def rule(cloud: Cloud, name: str = "rule", /, **changes: Any) -> State:
    inputs = {
        "networkSecurityGroupId": cloud.id("group"),
        "direction": "INGRESS",
        "protocol": "6",
        "source": "0.0.0.0/0",
        "sourceType": "CIDR_BLOCK",
        "tcpOptions": HTTPS,
    }
    return await cloud.create(RULE, name, **{**inputs, **changes})


async def test_a_rule_is_added_to_its_group(wired: Cloud) -> None:
    made = await rule(wired)
    assert made.outputs["isValid"] is True
    assert made.outputs["stateless"] is False
    (kept,) = wired.live(RULE)
    assert kept.scope == wired.id("group")


async def test_peers_may_be_groups_and_services(wired: Cloud) -> None:
    await rule(wired, "a", source=wired.id("group"), sourceType="NETWORK_SECURITY_GROUP")
    await rule(
        wired,
        "b",
        direction="EGRESS",
        source=None,
        sourceType=None,
        destination=ALL_SERVICES.cidr_block,
        destinationType="SERVICE_CIDR_BLOCK",
    )
    assert len(wired.live(RULE)) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"protocol": "tcp"}, "neither 'all' nor a protocol number"),
        ({"protocol": "256"}, "neither 'all' nor a protocol number"),
        ({"protocol": "17"}, "tcpOptions is not valid for protocol 17"),
        ({"protocol": "all"}, "tcpOptions is not valid for protocol all"),
        ({"source": None}, "INGRESS rules need source"),
        ({"sourceType": None}, "INGRESS rules need source"),
        ({"destination": "0.0.0.0/0"}, "INGRESS rules have no destination"),
        ({"source": "anywhere"}, "anywhere is not a CIDR"),
        ({"sourceType": "SERVICE_CIDR_BLOCK"}, "is no service of this region"),
        ({"sourceType": "NETWORK_SECURITY_GROUP"}, "404"),
        ({"tcpOptions": {"destinationPortRange": {"min": 443, "max": 80}}}, "443 to 80"),
        ({"tcpOptions": {"destinationPortRange": {"min": 0, "max": 80}}}, "0 to 80"),
        ({"tcpOptions": {"sourcePortRange": {"min": 1, "max": 65536}}}, "65536"),
        ({"tcpOptions": None, "protocol": "1", "icmpOptions": {"type": 300}}, "within 0 to 255"),
        ({"description": "x" * 256}, "255 characters"),
    ],
)
async def test_rules_are_refused(wired: Cloud, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CloudError, match=words):
        await rule(wired, **changes)
    assert wired.live(RULE) == []


async def test_a_peer_group_must_be_of_the_same_vcn(wired: Cloud) -> None:
    vcn = await wired.create(
        "oci:Core/vcn:Vcn", "other", compartmentId=COMPARTMENT, cidrBlocks=["10.9.0.0/16"]
    )
    other = await wired.create(GROUP, "stranger", compartmentId=COMPARTMENT, vcnId=vcn.id)
    with pytest.raises(CloudError, match="in another VCN"):
        await rule(wired, source=other.id, sourceType="NETWORK_SECURITY_GROUP")


async def test_a_group_holds_so_many_rules(wired: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_groups, "MAX_RULES_PER_GROUP", 2)
    await rule(wired, "a")
    await rule(wired, "b", source="10.0.0.0/8")
    with pytest.raises(CloudError, match=r"LimitExceeded.*security-rules-per-nsg-count"):
        await rule(wired, "c", source="10.1.0.0/16")


async def test_a_deleted_group_takes_its_rules_and_invalidates_those_that_name_it(
    wired: Cloud,
) -> None:
    other = await wired.create(
        GROUP, "other", compartmentId=COMPARTMENT, vcnId=wired.id("vcn"), displayName="other"
    )
    await rule(wired, "mine", networkSecurityGroupId=other.id)
    await rule(wired, "theirs", source=other.id, sourceType="NETWORK_SECURITY_GROUP")
    await wired.delete("other")
    assert await wired.read("mine") is None
    theirs = await wired.read("theirs")
    assert theirs is not None
    assert theirs.outputs["isValid"] is False


async def test_nothing_of_a_rule_changes_in_place(wired: Cloud) -> None:
    await rule(wired)
    for changes in ({"protocol": "17"}, {"description": "why"}, {"source": "10.0.0.0/8"}):
        (change,) = (await wired.diff("rule", **changes)).changes.values()
        assert change.value.endswith("_replace")
