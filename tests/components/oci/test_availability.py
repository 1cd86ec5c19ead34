"""Availability is discovered, and the same region always gives the same plan."""

from __future__ import annotations

import pytest

from tests.components.conftest import FAULT_DOMAINS, CloudFacts, Recording
from tests.components.oci.conftest import cloud


def test_fault_domains_are_used_in_order_of_name(recording: Recording) -> None:
    pool = recording.named("oci-pool-lms-nodes")
    (placement,) = pool.inputs["nodeConfigDetails"]["placementConfigs"]
    assert placement["faultDomains"] == list(FAULT_DOMAINS)


@pytest.mark.parametrize(
    "invoke",
    ["getAvailabilityDomains", "getFaultDomains", "getServices", "getNodePoolOption"],
)
def test_a_cloud_that_does_not_answer_is_explained(invoke: str) -> None:
    error = cloud(facts=CloudFacts(refused=invoke), refused=True).error
    assert error.startswith("OCI does not say which ")
    assert "404-NotAuthorizedOrNotFound, Authorization failed" in error
    for setting in ("cloud.tenancy_id", "cloud.compartment_id", "sign-in"):
        assert setting in error


def test_a_region_without_fault_domains_is_an_error() -> None:
    recording = cloud(facts=CloudFacts(fault_domains=()), refused=True)
    assert "no fault domain" in recording.error
