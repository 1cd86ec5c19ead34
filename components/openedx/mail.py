"""How mail leaves: through the relay of the settings, or not at all.

Tutor's own relay delivers to each recipient's mail server on port 25. Neither the network policies
nor the cloud's security rules open that port, and few servers take mail from a cloud's addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from components.settings.openedx import SmtpSettings

PASSWORD_KEY: Final = "SMTP_PASSWORD"  # noqa: S105 - a key's name
"""Tutor's key for the relay's password."""

NO_RELAY: Final = "no mail leaves: set openedx.smtp"
"""What the operator is told as long as there is no relay."""


def config(smtp: SmtpSettings | None) -> Mapping[str, str | int | bool]:
    """Tutor's keys for mail, but for the password."""
    if smtp is None:
        return {"RUN_SMTP": True}
    return {
        "RUN_SMTP": False,
        "SMTP_HOST": smtp.host,
        "SMTP_PORT": smtp.port,
        "SMTP_USERNAME": smtp.username,
        "SMTP_USE_TLS": smtp.tls == "starttls",
        "SMTP_USE_SSL": smtp.tls == "implicit",
    }


def escaped(password: str) -> str:
    r"""``password`` as Tutor can take it: nothing in it is a template, a quote or an escape.

    Tutor renders its configuration as templates and puts the value between double quotes in YAML
    (``auth.yml``), where ``\u007b`` means the same as the brace it stands for.
    """
    return re.sub(r"[^A-Za-z0-9]", lambda found: _code(ord(found[0])), password)


def _code(point: int) -> str:
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
