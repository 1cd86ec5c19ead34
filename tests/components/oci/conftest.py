"""The OCI room of the stack file, under mocks."""

from __future__ import annotations

import pytest

from components.oci.cloud import OciCloud
from tests.components.conftest import STACK, CloudFacts, Recording, record, settings


def cloud(
    *, facts: CloudFacts | None = None, refused: bool = False, **differences: object
) -> Recording:
    def program() -> None:
        OciCloud("oci", settings(**differences), stack=STACK, sign_in={})

    return record(program, facts=facts, refused=refused)


@pytest.fixture(scope="session")
def recording() -> Recording:
    return cloud()
