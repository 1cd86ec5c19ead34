"""The customer-managed key under which secrets and volumes are encrypted."""

from __future__ import annotations

import pulumi
import pulumi_oci as oci

from components.oci.scope import OciScope

AES_256_BYTES = 32


class Vault(pulumi.ComponentResource):
    """A vault with one AES-256 key that never leaves the hardware security module.

    The key encrypts Kubernetes secrets in etcd, boot volumes and block volumes. Whoever loses it
    loses all of them: vault and key are protected, and OCI itself only ever schedules their
    deletion (docs/decisions/0073-keys.md).
    """

    key_id: pulumi.Output[str]

    def __init__(
        self, name: str, scope: OciScope, *, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Make the vault, then the key in it."""
        super().__init__("openedx-large:index:Vault", name, None, opts)
        precious = pulumi.ResourceOptions(parent=self, protect=scope.protect)
        vault = oci.kms.Vault(
            f"{name}-vault",
            compartment_id=scope.compartment_id,
            display_name=scope.display_name("vault"),
            vault_type="DEFAULT",
            freeform_tags=scope.tags,
            opts=precious,
        )
        key = oci.kms.Key(
            f"{name}-key",
            compartment_id=scope.compartment_id,
            display_name=scope.display_name("key"),
            management_endpoint=vault.management_endpoint,
            protection_mode="HSM",
            key_shape=oci.kms.KeyKeyShapeArgs(algorithm="AES", length=AES_256_BYTES),
            freeform_tags=scope.tags,
            opts=precious,
        )
        self.key_id = key.id
        self.register_outputs({"key_id": self.key_id})
