"""A stack's outputs, as `pulumi stack output --json --show-secrets` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from components.openedx import mail, plugin, tutor
from components.openedx.demand import GENERAL
from components.openedx.notes import notes
from components.openedx.sizing import uwsgi
from components.settings.openedx import OpenEdxSettings
from tests.components.openedx.facts import RELAY, pool, spec, stage

SMTP_PASSWORD = "canary9x\"{{ SECRET }}\\n#'"
"""A relay's password with all that templates and YAML could take for their own."""


@cache
def signing_key() -> str:
    """A key as the tls provider makes it: PKCS 1, in PEM, with its last line break."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()


def secrets() -> dict[str, str]:
    made = {
        key: f"canary{number}x{key.replace('_', '')}"
        for number, key in enumerate(tutor.SECRET_KEYS)
    }
    return {**made, "JWT_RSA_PRIVATE_KEY": signing_key()}


def outputs() -> dict[str, Any]:
    """The parts that the hand-over reads."""
    return outputs_of(spec(), secrets())


def outputs_with_relay() -> dict[str, Any]:
    """The same of a stack that names a mail relay."""
    return outputs_of(
        spec(smtp=RELAY), {**secrets(), mail.PASSWORD_KEY: mail.escaped(SMTP_PASSWORD)}
    )


def outputs_of(spec: OpenEdxSettings, secrets: Mapping[str, str]) -> dict[str, Any]:
    sizing = uwsgi(spec, pool())
    return {
        "tutor": {
            "version": tutor.VERSION,
            "plugins": list(tutor.PLUGINS),
            "config": {
                **tutor.config(spec, lms_pool=pool()),
                "ID": "installation",
                "MEILISEARCH_API_KEY_UID": "6f7b6a7c-6d0c-4b7e-8c39-1d9a5c7d8e1f",
            },
            "plugin": {
                "name": plugin.NAME,
                "version": plugin.VERSION,
                "patches": dict(plugin.patches(spec, stage())),
            },
            "uwsgi": {"note": sizing.note},
            "notes": list(notes(spec, general_pool=pool(GENERAL), beside=())),
        },
        "tutor_secrets": dict(secrets),
    }
