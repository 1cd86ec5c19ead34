"""A volume for every claim whose StorageClass names one of our drivers, in the place of the
driver's controller and its external-provisioner."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from lightkube import ApiError, AsyncClient
from lightkube.models.core_v1 import (
    CSIPersistentVolumeSource,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    ObjectReference,
    PersistentVolumeClaimSpec,
    PersistentVolumeSpec,
    VolumeNodeAffinity,
)
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Node, PersistentVolume, PersistentVolumeClaim
from lightkube.resources.storage_v1 import StorageClass

from rehearsal.controllers.controller import Controller, NotYetError
from rehearsal.controllers.drivers import DRIVERS, Driver, VolumeRefusedError, VolumeRequest
from rehearsal.controllers.recorder import Recorder
from rehearsal.controllers.volumes import (
    PROVISIONED_BY,
    REGION,
    SELECTED_NODE,
    STORAGE_PROVISIONER,
    ZONE,
    Volumes,
    in_gib,
    requested,
)
from rehearsal.controllers.watching import Key

FAILED = "ProvisioningFailed"
SUCCEEDED = "ProvisioningSucceeded"


@dataclass(frozen=True)
class Place:
    """Where a volume is made."""

    zone: str
    region: str


class Provisioner(Controller):
    """Makes PersistentVolumes; the controller manager binds them.

    A claim is ours when the controller manager has annotated it with one of our drivers, which it
    does for ``WaitForFirstConsumer`` only after the scheduler has chosen a node.
    """

    def __init__(self, client: AsyncClient, volumes: Volumes) -> None:
        super().__init__()
        self._client = client
        self._volumes = volumes
        self._recorder = Recorder(client, "rehearsal-provisioner")
        volumes.claims.on_change(self.enqueue)
        volumes.classes.on_change(self._class_changed)

    def _class_changed(self, key: Key) -> None:
        for claim_key, claim in self._volumes.claims.objects.items():
            if claim.spec and claim.spec.storageClassName == key.name:
                self.enqueue(claim_key)

    async def reconcile(self, key: Key) -> None:
        """Make the volume of one claim, if it is due."""
        claim = self._volumes.claims.get(key.name, key.namespace)
        if claim is None or claim.metadata is None or claim.spec is None:
            return
        annotations = claim.metadata.annotations or {}
        driver = DRIVERS.get(annotations.get(STORAGE_PROVISIONER, ""))
        if driver is None or claim.spec.volumeName or claim.metadata.deletionTimestamp:
            return
        storage_class = self._volumes.classes.get(claim.spec.storageClassName or "")
        if storage_class is None or storage_class.provisioner != driver.name:
            return
        node = annotations.get(SELECTED_NODE)
        if storage_class.volumeBindingMode == "WaitForFirstConsumer" and node is None:
            return
        try:
            place = await self._place(driver, storage_class, node)
            volume = _volume(claim, claim.spec, storage_class, driver, place)
        except (VolumeRefusedError, NotYetError) as reason:
            await self._recorder.warning(
                claim,
                FAILED,
                f'failed to provision volume with StorageClass "{claim.spec.storageClassName}":'
                f" {reason}",
            )
            if isinstance(reason, NotYetError):
                raise
            return
        try:
            await self._client.create(volume)
        except ApiError as error:
            if error.status.code != HTTPStatus.CONFLICT:
                raise
        name = volume.metadata.name if volume.metadata else None
        await self._recorder.normal(claim, SUCCEEDED, f"Successfully provisioned volume {name}")

    async def _place(self, driver: Driver, storage_class: StorageClass, node: str | None) -> Place:
        """The zone of the scheduler's node; without one, a zone that has a node with the driver."""
        candidates = [node] if node else self._nodes_with(driver)
        for name in candidates:
            labels = await self._labels(name)
            if ZONE in labels and _allowed(storage_class, labels[ZONE]):
                return Place(labels[ZONE], labels.get(REGION, ""))
        whose = f"node {node}" if node else f"any node with {driver.name}"
        raise NotYetError(f"no label {ZONE} of {whose} that the class allows")

    def _nodes_with(self, driver: Driver) -> list[str]:
        return sorted(
            key.name
            for key, csi_node in self._volumes.csi_nodes.objects.items()
            if any(entry.name == driver.name for entry in csi_node.spec.drivers)
        )

    async def _labels(self, node: str) -> dict[str, str]:
        try:
            found = await self._client.get(Node, node)
        except ApiError as error:
            if error.status.code == HTTPStatus.NOT_FOUND:
                return {}
            raise
        return dict((found.metadata.labels if found.metadata else None) or {})


def _allowed(storage_class: StorageClass, zone: str) -> bool:
    """Whether the class's ``allowedTopologies`` admit the zone."""
    terms = storage_class.allowedTopologies or []
    return not terms or any(
        all(
            zone in requirement.values
            for requirement in term.matchLabelExpressions or []
            if requirement.key == ZONE
        )
        for term in terms
    )


def _volume(
    claim: PersistentVolumeClaim,
    spec: PersistentVolumeClaimSpec,
    storage_class: StorageClass,
    driver: Driver,
    place: Place,
) -> PersistentVolume:
    metadata = claim.metadata or ObjectMeta()
    parameters = dict(storage_class.parameters or {})
    mode = spec.volumeMode or "Filesystem"
    request = VolumeRequest(
        uid=metadata.uid or "",
        region=place.region,
        size_bytes=requested(claim),
        access_modes=tuple(spec.accessModes or ()),
        volume_mode=mode,
        parameters=parameters,
    )
    size = driver.accept(request)
    return PersistentVolume(
        metadata=ObjectMeta(
            name=f"{driver.volume_name_prefix}-{metadata.uid}",
            annotations={PROVISIONED_BY: driver.name},
        ),
        spec=PersistentVolumeSpec(
            accessModes=spec.accessModes,
            capacity={"storage": in_gib(size)},
            claimRef=ObjectReference(
                apiVersion="v1",
                kind="PersistentVolumeClaim",
                namespace=metadata.namespace,
                name=metadata.name,
                uid=metadata.uid,
            ),
            csi=CSIPersistentVolumeSource(
                driver=driver.name,
                volumeHandle=driver.volume_handle(request),
                fsType=parameters.get("csi.storage.k8s.io/fstype") if mode != "Block" else None,
                volumeAttributes=driver.volume_attributes(request),
            ),
            mountOptions=storage_class.mountOptions,
            nodeAffinity=VolumeNodeAffinity(
                required=NodeSelector(
                    nodeSelectorTerms=[
                        NodeSelectorTerm(
                            matchExpressions=[
                                NodeSelectorRequirement(
                                    key=ZONE, operator="In", values=[place.zone]
                                )
                            ]
                        )
                    ]
                )
            ),
            persistentVolumeReclaimPolicy=storage_class.reclaimPolicy,
            storageClassName=spec.storageClassName,
            volumeMode=mode,
        ),
    )
