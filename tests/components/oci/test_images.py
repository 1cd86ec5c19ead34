"""The node image is pinned, and a missing one is an error that says what there is."""

from __future__ import annotations

import pulumi
import pytest

from components.oci.images import PINNED_IMAGES, node_image_name
from tests.components.conftest import IMAGE, CloudFacts
from tests.components.oci.conftest import cloud

OTHER = "Oracle-Linux-8.10-2025.08.31-0-OKE-1.34.1-1191"


@pytest.mark.parametrize(("kubernetes", "image"), PINNED_IMAGES.items())
def test_pinned_images_are_for_their_version(kubernetes: str, image: str) -> None:
    assert f"-OKE-{kubernetes}-" in image


def test_the_stack_files_image_comes_first() -> None:
    assert node_image_name("1.34.1", OTHER) == OTHER


def test_a_version_without_an_image_is_an_error() -> None:
    with pytest.raises(pulumi.RunError, match=r"1\.30\.0 .*cluster\.node_image"):
        node_image_name("1.30.0", None)


def test_an_image_that_is_gone_is_an_error_that_names_what_there_is() -> None:
    arm = "Oracle-Linux-9-aarch64-2025.09.16-0-OKE-1.33.1-1330"
    error = cloud(facts=CloudFacts(images=(OTHER, arm)), refused=True).error
    assert f"no image {IMAGE}" in error
    assert OTHER in error
    assert arm not in error


def test_an_ocid_is_taken_as_it_is() -> None:
    recording = cloud(
        facts=CloudFacts(images=()),
        cluster={"kubernetes": "1.34.1", "node_image": "ocid1.image.oc1.me-jeddah-1.abc"},
    )
    pool = recording.named("oci-pool-lms-nodes")
    assert pool.inputs["nodeSourceDetails"]["imageId"] == "ocid1.image.oc1.me-jeddah-1.abc"
    assert not [token for token, _ in recording.invokes if "getNodePoolOption" in token]
