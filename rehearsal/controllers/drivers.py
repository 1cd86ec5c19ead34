"""The CSI drivers whose volumes are provisioned, and what each of them refuses.

Read from the drivers' own sources: ``pkg/csi/driver`` and ``pkg/csi-util`` of
oracle/oci-cloud-controller-manager.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

GIB = 2**30

SIDECAR_PARAMETERS = frozenset(
    f"csi.storage.k8s.io/{name}"
    for name in (
        "fstype",
        "provisioner-secret-name",
        "provisioner-secret-namespace",
        "controller-publish-secret-name",
        "controller-publish-secret-namespace",
        "controller-expand-secret-name",
        "controller-expand-secret-namespace",
        "node-stage-secret-name",
        "node-stage-secret-namespace",
        "node-publish-secret-name",
        "node-publish-secret-namespace",
        "node-expand-secret-name",
        "node-expand-secret-namespace",
    )
)
"""StorageClass parameters that the external-provisioner takes for itself, for every driver."""

ULTRA_HIGH_PERFORMANCE_VPUS = 30


class VolumeRefusedError(Exception):
    """The driver refuses the volume; the text is shown on the claim."""


@dataclass(frozen=True)
class VolumeRequest:
    """What a claim and its StorageClass ask of a driver."""

    uid: str
    """The claim's."""
    region: str
    size_bytes: int
    access_modes: Sequence[str]
    volume_mode: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Driver:
    """A CSI driver with its sidecars."""

    name: str
    volume_name_prefix: str
    """The external-provisioner's ``--volume-name-prefix``."""
    min_bytes: int
    max_bytes: int
    parameters: frozenset[str]
    """All StorageClass parameters that mean something to the driver."""
    check: Callable[[VolumeRequest], None]
    """Raises :class:`VolumeRefusedError`."""
    volume_handle: Callable[[VolumeRequest], str]
    volume_attributes: Callable[[VolumeRequest], dict[str, str]]

    def size(self, requested_bytes: int) -> int:
        """Size of the volume in bytes: whole GiB, never below the smallest one.

        Raises :class:`VolumeRefusedError` above the largest one.
        """
        size = max(-(-requested_bytes // GIB) * GIB, self.min_bytes)
        if size > self.max_bytes:
            raise VolumeRefusedError(
                f"{requested_bytes} bytes were asked for;"
                f" the largest volume has {self.max_bytes // GIB} GiB"
            )
        return size

    def accept(self, request: VolumeRequest) -> int:
        """The size in bytes that the volume gets. Raises :class:`VolumeRefusedError`."""
        # The real drivers pass over parameters they do not know, and the volume silently lacks
        # what was meant. A rehearsal is where a typing error must show.
        unknown = sorted(set(request.parameters) - self.parameters - SIDECAR_PARAMETERS)
        if unknown:
            raise VolumeRefusedError(
                f"StorageClass parameters that {self.name} does not know: {', '.join(unknown)};"
                f" it knows {', '.join(sorted(self.parameters))}"
            )
        self.check(request)
        return self.size(request.size_bytes)


def _oci_vpus(parameters: Mapping[str, str]) -> int:
    text = parameters.get("vpusPerGB", "10")
    try:
        vpus = int(text)
    except ValueError:
        raise VolumeRefusedError(f"vpusPerGB: {text} is not a whole number") from None
    if not 0 <= vpus <= 120:
        raise VolumeRefusedError(f"vpusPerGB: {text} is not between 0 and 120")
    return vpus


def _check_oci(request: VolumeRequest) -> None:
    block = request.volume_mode == "Block"
    possible = {"ReadWriteOnce", "ReadWriteMany"} if block else {"ReadWriteOnce"}
    if not set(request.access_modes) <= possible:
        raise VolumeRefusedError(
            f"access modes {', '.join(request.access_modes)} with volumeMode {request.volume_mode}:"
            f" only {' and '.join(sorted(possible))} can be had"
        )
    vpus = _oci_vpus(request.parameters)
    attachment = request.parameters.get("attachment-type")
    if attachment is not None and attachment.lower() not in ("iscsi", "paravirtualized"):
        raise VolumeRefusedError(
            f"attachment-type: {attachment} is neither iscsi nor paravirtualized"
        )
    for key in ("initial-freeform-tags-override", "initial-defined-tags-override"):
        _check_json_object(request.parameters, f"oci.oraclecloud.com/{key}")
    if block and vpus >= ULTRA_HIGH_PERFORMANCE_VPUS:
        raise VolumeRefusedError(
            f"volumeMode Block with vpusPerGB {vpus}: ultra high performance volumes"
            f" (vpusPerGB ≥ {ULTRA_HIGH_PERFORMANCE_VPUS}) need a file system"
        )


def _check_json_object(parameters: Mapping[str, str], key: str) -> None:
    text = parameters.get(key)
    if text:
        try:
            if isinstance(json.loads(text), dict):
                return
        except ValueError:
            pass
        raise VolumeRefusedError(f"{key}: not a JSON object")


def _oci_volume_handle(request: VolumeRequest) -> str:
    # The last part of an OCID has 60 characters; derived from the claim, so that a second attempt
    # makes the same volume.
    digest = hashlib.sha512(request.uid.encode()).digest()
    unique = base64.b32encode(digest).decode().lower()[:58]
    return f"ocid1.volume.oc1.{request.region}.ab{unique}"


def _oci_volume_attributes(request: VolumeRequest) -> dict[str, str]:
    return {
        "attachment-type": request.parameters.get("attachment-type", ""),
        "vpusPerGB": str(_oci_vpus(request.parameters)),
    }


DRIVERS: Mapping[str, Driver] = {
    driver.name: driver
    for driver in (
        Driver(
            name="blockvolume.csi.oraclecloud.com",
            volume_name_prefix="csi",
            min_bytes=50 * GIB,
            max_bytes=32 * 1024 * GIB,
            parameters=frozenset(
                {
                    "attachment-type",
                    "fstype",
                    "kms-key-id",
                    "oci.oraclecloud.com/initial-defined-tags-override",
                    "oci.oraclecloud.com/initial-freeform-tags-override",
                    "vpusPerGB",
                }
            ),
            check=_check_oci,
            volume_handle=_oci_volume_handle,
            volume_attributes=_oci_volume_attributes,
        ),
    )
}
"""By the name that a StorageClass gives as its provisioner."""
