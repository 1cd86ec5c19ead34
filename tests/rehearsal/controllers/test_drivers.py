"""What the OCI block volume driver makes, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rehearsal.controllers.drivers import DRIVERS, GIB, VolumeRefusedError, VolumeRequest

OCI = DRIVERS["blockvolume.csi.oraclecloud.com"]
PLAIN = VolumeRequest(
    uid="7d0c8a3e-3c0e-4a34-9d1f-0f6d6d3c2b11",
    region="me-jeddah-1",
    size_bytes=100 * GIB,
    access_modes=("ReadWriteOnce",),
    volume_mode="Filesystem",
    parameters={},
)


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        (1, 50 * GIB),
        (50 * GIB, 50 * GIB),
        (50 * GIB + 1, 51 * GIB),
        (32 * 1024 * GIB, 32 * 1024 * GIB),
    ],
)
def test_sizes_are_whole_gib_from_50_gib_to_32_tib(asked: int, made: int) -> None:
    assert OCI.accept(replace(PLAIN, size_bytes=asked)) == made


def test_more_than_the_largest_volume_is_refused() -> None:
    with pytest.raises(VolumeRefusedError, match="32768 GiB"):
        OCI.accept(replace(PLAIN, size_bytes=32 * 1024 * GIB + 1))


@pytest.mark.parametrize(
    "parameters",
    [
        {"vpusPerGB": "0"},
        {"vpusPerGB": "120"},
        {"attachment-type": "paravirtualized"},
        {"attachment-type": "iSCSI"},
        {"kms-key-id": "ocid1.key.oc1.me-jeddah-1.abc"},
        {"csi.storage.k8s.io/fstype": "xfs"},
        {"oci.oraclecloud.com/initial-freeform-tags-override": '{"team": "learning"}'},
    ],
)
def test_parameters_that_the_driver_takes(parameters: dict[str, str]) -> None:
    assert OCI.accept(replace(PLAIN, parameters=parameters)) == 100 * GIB


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"vpusPerGb": "30"}, "vpusPerGb"),
        ({"csi.storage.k8s.io/fsType": "xfs"}, "csi.storage.k8s.io/fsType"),
        ({"vpusPerGB": "121"}, "vpusPerGB: 121"),
        ({"vpusPerGB": "-1"}, "vpusPerGB: -1"),
        ({"vpusPerGB": "ultra"}, "vpusPerGB: ultra"),
        ({"attachment-type": "nvme"}, "attachment-type: nvme"),
        ({"oci.oraclecloud.com/initial-freeform-tags-override": "team=learning"}, "JSON object"),
        ({"oci.oraclecloud.com/initial-defined-tags-override": "[]"}, "JSON object"),
    ],
)
def test_parameters_that_are_refused(parameters: dict[str, str], names: str) -> None:
    with pytest.raises(VolumeRefusedError) as error:
        OCI.accept(replace(PLAIN, parameters=parameters))
    assert names in str(error.value)


@pytest.mark.parametrize(
    ("mode", "vpus", "accepted"),
    [("Block", 20, True), ("Block", 29, True), ("Block", 30, False), ("Filesystem", 120, True)],
)
def test_ultra_high_performance_needs_a_file_system(mode: str, vpus: int, accepted: bool) -> None:
    request = replace(PLAIN, volume_mode=mode, parameters={"vpusPerGB": str(vpus)})
    if accepted:
        assert OCI.accept(request) == 100 * GIB
    else:
        with pytest.raises(VolumeRefusedError, match="ultra high performance"):
            OCI.accept(request)


@pytest.mark.parametrize(
    ("access", "mode", "accepted"),
    [
        ("ReadWriteOnce", "Filesystem", True),
        ("ReadWriteOnce", "Block", True),
        ("ReadWriteMany", "Block", True),
        ("ReadWriteMany", "Filesystem", False),
        ("ReadOnlyMany", "Filesystem", False),
        ("ReadOnlyMany", "Block", False),
        ("ReadWriteOncePod", "Filesystem", False),
    ],
)
def test_access_modes(access: str, mode: str, accepted: bool) -> None:
    request = replace(PLAIN, access_modes=(access,), volume_mode=mode)
    if accepted:
        assert OCI.accept(request) == 100 * GIB
    else:
        with pytest.raises(VolumeRefusedError, match=access):
            OCI.accept(request)


def test_the_volume_of_a_claim_always_has_the_same_ocid() -> None:
    handle = OCI.volume_handle(PLAIN)
    assert handle == OCI.volume_handle(replace(PLAIN, size_bytes=1))
    assert handle != OCI.volume_handle(replace(PLAIN, uid="another"))
    kind, unique = handle.rsplit(".", 1)
    assert kind == "ocid1.volume.oc1.me-jeddah-1"
    assert len(unique) == 60
    assert unique.isalnum()
    assert unique == unique.lower()
