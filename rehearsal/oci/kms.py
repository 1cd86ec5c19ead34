"""Vaults and master encryption keys.

Neither is ever deleted at once: deletion is scheduled, 30 days ahead unless told otherwise
(https://docs.oracle.com/iaas/Content/KeyManagement/Tasks/managingvaults.htm), and
terraform-provider-oci takes ``PENDING_DELETION`` for gone.
"""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from rehearsal.cloud.store import Record, Transaction
from rehearsal.oci import ocid
from rehearsal.oci.facts.durations import KEY as KEY_DURATIONS
from rehearsal.oci.facts.durations import VAULT as VAULT_DURATIONS
from rehearsal.oci.inputs import Enumerations
from rehearsal.oci.model import Call, ResourceType, Values
from rehearsal.oci.tokens import KEY, VAULT
from rehearsal.standin.provider import CloudError

#: Key lengths in bytes by algorithm (https://docs.oracle.com/iaas/api/#/en/key/release/KeyShape/).
_LENGTHS = {"AES": (16, 24, 32), "RSA": (256, 384, 512), "ECDSA": (32, 48, 66)}


class Vault(ResourceType):
    """A vault; keys are made through the management endpoint that it answers with."""

    token = VAULT
    sdk_class = "kms.Vault"
    ocid_kind = "vault"
    durations = VAULT_DURATIONS
    active_state = "ACTIVE"
    deleted_state = "PENDING_DELETION"
    enumerations: ClassVar[Enumerations] = {"vaultType": ("DEFAULT", "VIRTUAL_PRIVATE", "EXTERNAL")}
    unmodelled: ClassVar[frozenset[str]] = frozenset(
        {
            "externalKeyManagerMetadata",
            "externalKeyManagerMetadataSummaries",
            "restoredFromVaultId",
            "timeOfDeletion",
        }
    )

    def identity(self, call: Call, inputs: Values) -> str:
        """A vault's OCID carries the prefix of its endpoints."""
        prefix = ocid.new("vault", call.region.name, call.transaction.next_sequence())[-13:]
        return call.new_ocid("vault", parts=f"{prefix}.")

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Make it with its two endpoints."""
        prefix = identity.split(".")[4]
        host = f"kms.{call.region.name}.oraclecloud.com"
        return {
            "cryptoEndpoint": f"https://{prefix}-crypto.{host}",
            "managementEndpoint": f"https://{prefix}-management.{host}",
            "isPrimary": True,
            "isVaultReplicable": inputs["vaultType"] == "VIRTUAL_PRIVATE",
            "replicaDetails": [],
        }

    def delete(self, call: Call, record: Record) -> None:
        """Schedule it; its keys become unusable with it."""
        for key in call.transaction.live(KEY):
            if key.properties["vaultId"] == record.id:
                call.transaction.delete(key.id, at=call.at, state="PENDING_DELETION")


class Key(ResourceType):
    """A master encryption key in a vault."""

    token = KEY
    sdk_class = "kms.Key"
    ocid_kind = "key"
    durations = KEY_DURATIONS
    active_state = "ENABLED"
    deleted_state = "PENDING_DELETION"
    enumerations: ClassVar[Enumerations] = {
        "protectionMode": ("HSM", "SOFTWARE", "EXTERNAL"),
        "desiredState": ("ENABLED", "DISABLED"),
        "keyShape.algorithm": tuple(_LENGTHS),
    }
    unmodelled: ClassVar[frozenset[str]] = frozenset(
        {
            "autoKeyRotationDetails",
            "externalKeyReference",
            "externalKeyReferenceDetails",
            "restoredFromKeyId",
            "timeOfDeletion",
        }
    )

    def waits_for(self, transaction: Transaction, inputs: Values) -> list[str]:
        """The vault, which is named by its endpoint."""
        vaults = [
            vault.id
            for vault in transaction.live(VAULT)
            if vault.properties["managementEndpoint"] == inputs.get("managementEndpoint")
        ]
        return [*vaults, *super().waits_for(transaction, inputs)]

    def identity(self, call: Call, inputs: Values) -> str:
        """A key's OCID carries its vault's prefix."""
        prefix = _vault(call, inputs).id.split(".")[4]
        return call.new_ocid("key", parts=f"{prefix}.")

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Make it in the vault that the management endpoint belongs to."""
        vault = _vault(call, inputs)
        shape = inputs["keyShape"]
        if shape["length"] not in _LENGTHS[shape["algorithm"]]:
            lengths = ", ".join(str(length) for length in _LENGTHS[shape["algorithm"]])
            raise call.refuse(
                f"keyShape.length {shape['length']} is not valid for {shape['algorithm']}: "
                f"it takes {lengths} bytes"
            )
        return {
            "currentKeyVersion": call.new_ocid("keyversion"),
            "desiredState": inputs.get("desiredState") or "ENABLED",
            "isAutoRotationEnabled": bool(inputs.get("isAutoRotationEnabled")),
            "isPrimary": True,
            "protectionMode": inputs.get("protectionMode") or "HSM",
            "replicaDetails": [],
            "state": inputs.get("desiredState") or "ENABLED",
            "vaultId": vault.id,
        }

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Rename, enable or disable."""
        return {"state": inputs.get("desiredState") or record.properties["state"]}


def _vault(call: Call, inputs: Values) -> Record:
    endpoint = inputs["managementEndpoint"]
    for vault in call.transaction.live(VAULT):
        if vault.properties["managementEndpoint"] == endpoint and vault.region == call.region.name:
            return vault
    raise CloudError(
        f'Post "{endpoint}/20180608/keys": dial tcp: lookup {urlsplit(endpoint).hostname}: '
        "no such host"
    )
