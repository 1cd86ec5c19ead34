"""Storage classes on OCI block volumes."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.cluster import StorageClasses

PROVISIONER = "blockvolume.csi.oraclecloud.com"

ULTRA_MINIMUM_VPUS = 30
"""From here on a volume is ultra-high-performance and wants a multipath iSCSI attachment."""


@dataclass(frozen=True)
class BlockClass:
    """One class; VPUs are volume performance units per GB, 0 to 120 in steps of 10."""

    name: str
    vpus_per_gb: int
    attachment: str
    """``paravirtualized`` is encrypted in transit, ``iscsi`` is faster and can be multipath."""
    file_system: str


ORDINARY = BlockClass("openedx-large-block", 20, "paravirtualized", "ext4")
ULTRA = BlockClass("openedx-large-block-ultra", 50, "iscsi", "xfs")


class BlockStorage(pulumi.ComponentResource):
    """The two classes; volumes are encrypted with the customer's key.

    They outlive their claims, unless the stack is a throw-away one: nobody would delete what is
    left of it, and it would be billed.
    """

    names: StorageClasses

    def __init__(
        self,
        name: str,
        key_id: pulumi.Input[str],
        *,
        retain: bool,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Make the classes; ``opts`` must carry the cluster's provider."""
        super().__init__("openedx-large:index:BlockStorage", name, None, opts)
        self._reclaim_policy = "Retain" if retain else "Delete"
        for block_class in (ORDINARY, ULTRA):
            self._create_class(name, block_class, key_id)
        self.names = StorageClasses(block=ORDINARY.name, ultra=ULTRA.name)
        self.register_outputs({})

    def _create_class(self, name: str, block_class: BlockClass, key_id: pulumi.Input[str]) -> None:
        kubernetes.storage.v1.StorageClass(
            f"{name}-{block_class.name}",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=block_class.name),
            provisioner=PROVISIONER,
            parameters={
                "vpusPerGB": str(block_class.vpus_per_gb),
                "attachment-type": block_class.attachment,
                "csi.storage.k8s.io/fstype": block_class.file_system,
                "kms-key-id": key_id,
            },
            reclaim_policy=self._reclaim_policy,
            # A volume belongs to an availability domain: it goes where its pod is placed.
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            # Parameters cannot be changed, and the name is fixed: the old class has to go first.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
