"""What happens to a provisioned volume later: it is attached, grows, and is deleted."""

from __future__ import annotations

from lightkube import AsyncClient
from lightkube.resources.core_v1 import (
    PersistentVolume,
    PersistentVolumeClaimStatus,
)
from lightkube.resources.storage_v1 import VolumeAttachment, VolumeAttachmentStatus
from lightkube.types import PatchType

from rehearsal.controllers.controller import Controller
from rehearsal.controllers.drivers import DRIVERS, VolumeRefusedError
from rehearsal.controllers.recorder import Recorder
from rehearsal.controllers.volumes import Volumes, driver_of, in_bytes, in_gib, requested
from rehearsal.controllers.watching import Key


class Attacher(Controller):
    """Says that a volume is attached, in the place of the driver's external-attacher.

    The controller manager decides what is attached where, and refuses a second node.
    """

    def __init__(self, client: AsyncClient, volumes: Volumes) -> None:
        super().__init__()
        self._client = client
        self._attachments = volumes.attachments
        volumes.attachments.on_change(self.enqueue)

    async def reconcile(self, key: Key) -> None:
        """Attach one volume."""
        attachment = self._attachments.get(key.name)
        if attachment is None or attachment.metadata is None:
            return
        attached = attachment.status is not None and attachment.status.attached
        if attached or attachment.metadata.deletionTimestamp or not _ours(attachment):
            return
        await self._client.patch(
            VolumeAttachmentStatus,
            key.name,
            {"status": {"attached": True}},
            patch_type=PatchType.MERGE,
        )


def _ours(attachment: VolumeAttachment) -> bool:
    return attachment.spec.attacher in DRIVERS


class Reclaimer(Controller):
    """Deletes a released volume whose reclaim policy is Delete; one with Retain stays Released."""

    def __init__(self, client: AsyncClient, volumes: Volumes) -> None:
        super().__init__()
        self._client = client
        self._volumes = volumes.volumes
        volumes.volumes.on_change(self.enqueue)

    async def reconcile(self, key: Key) -> None:
        """Delete one volume, if it is due."""
        volume = self._volumes.get(key.name)
        if volume is None or volume.metadata is None or volume.spec is None:
            return
        released = volume.status is not None and volume.status.phase == "Released"
        delete = volume.spec.persistentVolumeReclaimPolicy == "Delete"
        if released and delete and driver_of(volume) and not volume.metadata.deletionTimestamp:
            await self._client.delete(PersistentVolume, key.name)


class Expander(Controller):
    """Grows a bound volume to what its claim asks for, in the place of the external-resizer and
    the kubelet. Whether the StorageClass allows it, the API server has checked before."""

    def __init__(self, client: AsyncClient, volumes: Volumes) -> None:
        super().__init__()
        self._client = client
        self._volumes = volumes
        self._recorder = Recorder(client, "rehearsal-resizer")
        volumes.claims.on_change(self.enqueue)

    async def reconcile(self, key: Key) -> None:
        """Grow the volume of one claim, if it is too small."""
        claim = self._volumes.claims.get(key.name, key.namespace)
        if claim is None or claim.spec is None or claim.status is None:
            return
        has = in_bytes((claim.status.capacity or {}).get("storage", "0"))
        volume = self._volumes.volumes.get(claim.spec.volumeName or "")
        if claim.status.phase != "Bound" or volume is None or requested(claim) <= has:
            return
        driver = driver_of(volume)
        if driver is None or volume.metadata is None or volume.spec is None:
            return
        try:
            size = driver.size(requested(claim))
        except VolumeRefusedError as refusal:
            await self._recorder.warning(claim, "VolumeResizeFailed", str(refusal))
            return
        capacity = {"capacity": {"storage": in_gib(size)}}
        name = volume.metadata.name or ""
        await self._client.patch(
            PersistentVolume, name, {"spec": capacity}, patch_type=PatchType.MERGE
        )
        await self._client.patch(
            PersistentVolumeClaimStatus,
            key.name,
            {"status": capacity},
            namespace=key.namespace,
            patch_type=PatchType.MERGE,
        )
        await self._recorder.normal(
            claim, "VolumeResizeSuccessful", f"Resized volume {name} to {in_gib(size)}"
        )
