"""What the controllers of volumes have in common: annotations, sizes, and whose volume it is."""

from __future__ import annotations

from dataclasses import dataclass

from lightkube import AsyncClient
from lightkube.resources.core_v1 import PersistentVolume, PersistentVolumeClaim
from lightkube.resources.storage_v1 import CSINode, StorageClass, VolumeAttachment
from lightkube.utils.quantity import parse_quantity

from rehearsal.controllers.drivers import DRIVERS, GIB, Driver
from rehearsal.controllers.watching import Watched

PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner"
ZONE = "topology.kubernetes.io/zone"
REGION = "topology.kubernetes.io/region"


@dataclass(frozen=True)
class Volumes:
    """The objects that decide about volumes."""

    claims: Watched[PersistentVolumeClaim]
    volumes: Watched[PersistentVolume]
    classes: Watched[StorageClass]
    csi_nodes: Watched[CSINode]
    attachments: Watched[VolumeAttachment]

    @classmethod
    def of(cls, client: AsyncClient) -> Volumes:
        """Watch them through ``client``."""
        return cls(
            Watched(client, PersistentVolumeClaim),
            Watched(client, PersistentVolume),
            Watched(client, StorageClass),
            Watched(client, CSINode),
            Watched(client, VolumeAttachment),
        )


def in_bytes(quantity: str) -> int:
    """A quantity such as ``5Gi`` in bytes."""
    value = parse_quantity(quantity)
    return int(value) if value is not None else 0


def in_gib(size_bytes: int) -> str:
    """A size of whole GiB as a quantity."""
    return f"{size_bytes // GIB}Gi"


def requested(claim: PersistentVolumeClaim) -> int:
    """How many bytes a claim asks for."""
    resources = claim.spec.resources if claim.spec else None
    return in_bytes((resources.requests or {}).get("storage", "0")) if resources else 0


def driver_of(volume: PersistentVolume) -> Driver | None:
    """Our driver whose volume it is, if it is one that was provisioned here."""
    provisioner = ((volume.metadata.annotations if volume.metadata else None) or {}).get(
        PROVISIONED_BY
    )
    return DRIVERS.get(provisioner) if provisioner else None
