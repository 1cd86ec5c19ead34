"""Storage classes that keep their volumes."""

from __future__ import annotations

import pytest

from tests.components.conftest import Recording, Registration
from tests.components.oci.conftest import cloud

CLASSES = ("openedx-large-block", "openedx-large-block-ultra")


@pytest.fixture(params=CLASSES)
def storage_class(recording: Recording, request: pytest.FixtureRequest) -> Registration:
    return recording.named(f"oci-storage-{request.param}")


def test_volumes_are_kept_and_can_grow(storage_class: Registration) -> None:
    inputs = storage_class.inputs
    assert inputs["provisioner"] == "blockvolume.csi.oraclecloud.com"
    assert inputs["reclaimPolicy"] == "Retain"
    assert inputs["allowVolumeExpansion"] is True
    assert inputs["volumeBindingMode"] == "WaitForFirstConsumer"


def test_a_throw_away_stack_leaves_no_volume_behind() -> None:
    bare = cloud(protection=False)
    policies = {bare.named(f"oci-storage-{name}").inputs["reclaimPolicy"] for name in CLASSES}
    assert policies == {"Delete"}


def test_volumes_are_encrypted_with_the_customers_key(storage_class: Registration) -> None:
    assert storage_class.inputs["parameters"]["kms-key-id"] == "oci-keys-key-id"


def test_a_change_can_be_made_under_a_fixed_name(storage_class: Registration) -> None:
    assert storage_class.delete_before_replace


def test_ultra_is_ultra_high_performance(recording: Recording) -> None:
    ordinary, ultra = (recording.named(f"oci-storage-{name}").inputs for name in CLASSES)
    assert int(ultra["parameters"]["vpusPerGB"]) >= 30
    assert ultra["parameters"]["attachment-type"] == "iscsi"
    assert int(ordinary["parameters"]["vpusPerGB"]) < 30
    assert ordinary["parameters"]["attachment-type"] == "paravirtualized"


def test_parameters_are_strings(storage_class: Registration) -> None:
    assert all(isinstance(v, str) for v in storage_class.inputs["parameters"].values())
