"""Signing in: the stack file's keys reach the provider that the program makes."""

from __future__ import annotations

import pulumi
from pulumi.runtime import set_all_config

from components.oci.cloud import OciCloud
from components.oci.home_region import credentials
from tests.components.conftest import STACK, Recording, record, settings


def signed_in(config: dict[str, str], secrets: list[str]) -> Recording:
    def program() -> None:
        OciCloud("oci", settings(), stack=STACK, sign_in=credentials(pulumi.Config("oci")))

    set_all_config(config, secrets)
    try:
        return record(program)
    finally:
        set_all_config({})


def test_credentials_of_the_stack_file_are_passed_on() -> None:
    recording = signed_in(
        {"oci:userOcid": "ocid1.user", "oci:privateKey": "PEM", "oci:fingerprint": "aa:bb"},
        ["oci:privateKey"],
    )
    home = recording.named("oci-home-region")
    assert home.inputs["userOcid"] == "ocid1.user"
    assert home.inputs["fingerprint"] == "aa:bb"
    assert home.inputs["privateKey"] == "PEM"
    assert "privateKey" in home.secret_inputs


def test_without_any_the_environment_decides() -> None:
    home = signed_in({}, []).named("oci-home-region")
    assert set(home.inputs) == {"region"}
