"""The component under Pulumi's mocks: secrets that nothing regenerates."""

from __future__ import annotations

import pulumi
import pytest

from components.openedx import tutor
from components.openedx.demand import GENERAL
from components.openedx.open_edx import OpenEdx
from components.openedx.secrets import OpenEdxSecrets
from components.system_pods import SYSTEM_PODS
from tests.components.conftest import Recording, record
from tests.components.openedx.facts import CLASSES, pool, spec

PASSWORD = "random:index/randomPassword:RandomPassword"
KEY = "tls:index/privateKey:PrivateKey"
IDENTITIES = ("random:index/randomString:RandomString", "random:index/randomUuid:RandomUuid")


def recorded(*, protect: bool = True) -> Recording:
    def program() -> None:
        made = OpenEdx(
            "openedx",
            spec(),
            secrets=OpenEdxSecrets("openedx", spec(), protect=protect),
            lms_pool=pool(),
            general_pool=pool(GENERAL),
            beside=SYSTEM_PODS["oci"].deployments,
            storage_class="retaining",
            priority_classes=CLASSES,
        )
        pulumi.export("tutor", made.tutor)
        pulumi.export("tutor_secrets", made.tutor_secrets)

    return record(program)


@pytest.fixture(scope="module")
def made() -> Recording:
    return recorded()


def test_every_secret_that_tutor_would_invent_is_made_once(made: Recording) -> None:
    names = {resource.name for resource in (*made.of_type(PASSWORD), *made.of_type(KEY))}
    assert names == {f"openedx-{key.lower().replace('_', '-')}" for key in tutor.SECRET_KEYS}


def test_passwords_are_long_and_no_template(made: Recording) -> None:
    for password in made.of_type(PASSWORD):
        assert password.inputs["length"] >= 32
        assert password.inputs["special"] is False


def test_the_signing_key_is_one_that_tutor_reads(made: Recording) -> None:
    key = made.one(KEY)
    assert (key.inputs["algorithm"], key.inputs["rsaBits"]) == ("RSA", 2048)


def test_nothing_regenerates_them(made: Recording) -> None:
    kept = [
        resource for resource in made.resources if resource.type in (PASSWORD, KEY, *IDENTITIES)
    ]
    assert len(kept) == len(tutor.SECRET_KEYS) + 2
    for resource in kept:
        assert resource.protect
        assert set(resource.ignore_changes) == set(resource.inputs)
        assert resource.parent == "openedx"


def test_the_components_themselves_are_not_protected(made: Recording) -> None:
    assert not made.one("openedx-large:index:OpenEdx").protect
    assert not made.one("openedx-large:index:OpenEdxSecrets").protect


def test_a_throw_away_stack_protects_nothing() -> None:
    assert not any(resource.protect for resource in recorded(protect=False).resources)


def test_nothing_else_is_made(made: Recording) -> None:
    kinds = {resource.type for resource in made.resources}
    assert kinds <= {
        "pulumi:pulumi:Stack",
        "openedx-large:index:OpenEdx",
        "openedx-large:index:OpenEdxSecrets",
        PASSWORD,
        KEY,
        *IDENTITIES,
    }
