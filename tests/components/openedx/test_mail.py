"""Mail: a relay with a password from outside the platform object, or a word that there is none."""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import set_all_config

from components.openedx import mail, plugin, tutor
from components.openedx.demand import general_demands
from components.openedx.secrets import OpenEdxSecrets
from components.settings.errors import SettingsError
from components.settings.load import load
from components.settings.rules import Surroundings
from tests.components.conftest import Recording, record, stack_file
from tests.components.openedx.facts import RELAY, platform, pool, spec, stage
from tests.components.settings.stack import FILE, errors
from tests.components.test_program import PROGRAM, made, run


@pytest.fixture(autouse=True)
def no_configuration_left() -> Iterator[None]:
    yield
    set_all_config({}, [])


def test_the_relay_of_the_settings_takes_the_place_of_tutors() -> None:
    config = tutor.config(spec(smtp=RELAY), lms_pool=pool())
    said = {key: value for key, value in config.items() if "SMTP" in key}
    assert said == {
        "RUN_SMTP": False,
        "SMTP_HOST": "smtp.example.com",
        "SMTP_PORT": 587,
        "SMTP_USERNAME": RELAY["username"],
        "SMTP_PASSWORD": "${secret:SMTP_PASSWORD}",
        "SMTP_USE_TLS": True,
        "SMTP_USE_SSL": False,
    }


def test_tls_from_the_first_byte() -> None:
    config = mail.config(spec(smtp={**RELAY, "port": 465, "tls": "implicit"}).smtp)
    assert (config["SMTP_PORT"], config["SMTP_USE_TLS"], config["SMTP_USE_SSL"]) == (
        465, False, True,
    )  # fmt: skip


def test_tutors_relay_is_neither_patched_nor_counted_beside_another() -> None:
    with_relay, without = spec(smtp=RELAY), spec()
    assert "smtp" in {demand.name for demand in general_demands(without)}
    assert "smtp" not in {demand.name for demand in general_demands(with_relay)}
    override = plugin.patches(with_relay, stage())["k8s-override"]
    assert "smtp" not in {part["metadata"]["name"] for part in yaml.safe_load_all(override) if part}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"port": 25}, "openedx.smtp.port: 25 — 465 or 587"),
        ({"port": 465}, "tls implicit with port 465, or tls starttls with port 587"),
        ({"username": "{{ SECRET }}"}, "letters, digits and any of"),
        ({"host": "10.0.0.7"}, "a DNS name, not an address"),
        ({"password": "canary0x"}, "pulumi config set --secret openedx-large:password"),
        ({"password_secret": "canary0x"}, "openedx.smtp.password_secret: (hidden) — the name of"),
    ],
)
def test_relays_that_are_refused(change: dict[str, object], line: str) -> None:
    found = errors({"openedx.smtp": {**RELAY, **change}})
    assert len(found) == 1
    assert line in found[0]
    assert "canary0x" not in found[0]


def test_a_broken_relay_hides_no_other_mistake() -> None:
    found = errors({"openedx.smtp": {"port": 25}, "openedx.cms_host": "learn.example.com"})
    assert [line.partition(":")[0] for line in found] == [
        "openedx.cms_host",
        "openedx.smtp.host",
        "openedx.smtp.port",
        "openedx.smtp.username",
    ]


def test_a_secret_that_is_not_there_is_told_with_the_rest() -> None:
    said = stack_file()
    said["openedx"] |= {"smtp": RELAY, "cms_host": "learn.example.com"}
    with pytest.raises(SettingsError) as raised:
        load(said, file=FILE, surroundings=Surroundings(secrets=lambda _: False))
    assert str(raised.value).splitlines()[1] == (
        f"{FILE}: platform.openedx.smtp.password_secret: smtpPassword — a secret of this stack: "
        "run `pulumi config set --secret openedx-large:smtpPassword`"
    )
    assert len(raised.value.problems) == 2


def test_the_program_makes_nothing_without_the_secret() -> None:
    said = stack_file()
    said["openedx"]["smtp"] = RELAY
    recording = run(said)
    assert "openedx-large:smtpPassword" in recording.error
    assert not made(recording)


def test_the_program_stands_up_with_the_secret_and_tells_it_to_nobody() -> None:
    said = stack_file()
    said["openedx"]["smtp"] = RELAY
    recording = run_with_password(said, secret=True)
    assert not recording.error
    assert "canary0x" not in repr(recording.resources)


def test_a_password_in_plain_text_is_no_secret() -> None:
    said = stack_file()
    said["openedx"]["smtp"] = RELAY
    recording = run_with_password(said, secret=False)
    assert "openedx-large:smtpPassword" in recording.error
    assert not made(recording)


def run_with_password(said: dict[str, Any], *, secret: bool) -> Recording:
    key = "openedx-large:smtpPassword"
    config = {
        "oci:region": "me-jeddah-1",
        "openedx-large:platform": json.dumps(said),
        key: "canary0x",
    }
    set_all_config(config, [key] if secret else [])

    def program() -> None:
        runpy.run_path(str(PROGRAM), run_name="__main__")

    return record(program, refused=True)


def handed_over(password: str | None) -> tuple[dict[str, str], bool]:
    """The component's secrets, and whether they are kept as such."""
    found: dict[str, str] = {}
    secrecy: list[asyncio.Future[bool]] = []

    def program() -> None:
        component = OpenEdxSecrets(
            "openedx",
            platform(smtp=RELAY).openedx,
            protect=True,
            smtp_password=password and pulumi.Output.secret(password),
        )
        component.values.apply(found.update)
        secrecy.append(asyncio.ensure_future(component.values.is_secret()))

    record(program)
    return found, all(kept.result() for kept in secrecy)


def test_the_password_is_among_the_secrets_and_remains_one() -> None:
    secrets, kept = handed_over('it"s')
    assert kept
    assert set(secrets) == {*tutor.SECRET_KEYS, "SMTP_PASSWORD"}
    assert secrets["SMTP_PASSWORD"] == r"it\u0022s"


def test_a_relay_without_its_password_is_no_component() -> None:
    with pytest.raises(ValueError, match="smtp_password is needed"):
        handed_over(None)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_password_survives_templates_and_quotes(password: str) -> None:
    escaped = mail.escaped(password)
    assert not set(escaped) & set("{}%#\"'\n")
    assert yaml.safe_load(f'"{escaped}"') == password
