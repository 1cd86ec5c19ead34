"""Vaults and keys."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.standin.provider import CloudError
from tests.rehearsal.oci.cloud import COMPARTMENT, Cloud, key

KEY = "oci:Kms/key:Key"
VAULT = "oci:Kms/vault:Vault"


async def test_a_key_is_made_through_its_vaults_endpoint(cloud: Cloud) -> None:
    made = await key(cloud)
    assert made.outputs["vaultId"] == cloud.id("vault")
    assert made.outputs["protectionMode"] == "HSM"
    assert made.outputs["state"] == "ENABLED"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"managementEndpoint": "https://none-management.kms.oraclecloud.com"}, "no such host"),
        ({"keyShape": {"algorithm": "AES", "length": 256}}, "16, 24, 32 bytes"),
    ],
)
async def test_keys_are_refused(cloud: Cloud, changes: dict[str, Any], words: str) -> None:
    await key(cloud)
    inputs = {**cloud.made["key"][1].inputs, **changes}
    with pytest.raises(CloudError, match=words):
        await cloud.create(KEY, "other", **inputs)


async def test_a_protection_mode_is_one_of_three(cloud: Cloud) -> None:
    (failure,) = await cloud.check(
        KEY,
        {
            "compartmentId": COMPARTMENT,
            "displayName": "key",
            "managementEndpoint": "e",
            "keyShape": {"algorithm": "AES", "length": 32},
            "protectionMode": "PLAIN",
        },
    )
    assert failure.property == "protectionMode"
    assert "HSM, SOFTWARE, EXTERNAL" in failure.reason


async def test_deletion_is_scheduled_and_counts_as_gone(cloud: Cloud) -> None:
    made = await key(cloud)
    await cloud.delete("key")
    await cloud.delete("vault")
    assert cloud.live() == []
    with cloud.store.transaction() as transaction:
        states = dict(transaction.connection.execute("SELECT id, state FROM resources").fetchall())
    assert states[made.id] == "PENDING_DELETION"
    assert set(states.values()) == {"PENDING_DELETION"}


async def test_a_key_can_be_disabled(cloud: Cloud) -> None:
    await key(cloud)
    assert (await cloud.update("key", desiredState="DISABLED")).outputs["state"] == "DISABLED"


async def test_what_a_key_is_cannot_change(cloud: Cloud) -> None:
    await key(cloud)
    for changes in (
        {"protectionMode": "SOFTWARE"},
        {"keyShape": {"algorithm": "AES", "length": 16}},
    ):
        (change,) = (await cloud.diff("key", **changes)).changes.values()
        assert change.value.endswith("_replace")
