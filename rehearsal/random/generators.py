"""What the random provider generates, by the algorithms of hashicorp/terraform-provider-random.

pulumi-random bridges that provider; ``internal/random/string.go`` and ``internal/provider`` there
say how each value comes about.
"""

from __future__ import annotations

import base64
import secrets
import uuid
from typing import Final

import bcrypt

from rehearsal.standin.values import Properties, Value

DIGITS: Final = "0123456789"
LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
UPPER: Final = LOWER.upper()
SPECIAL: Final = "!@#$%&*()-_=+[]{}<>:?"

BCRYPT_COST: Final = 10
"""``bcrypt.DefaultCost`` of golang.org/x/crypto."""
BCRYPT_BYTES: Final = 72
"""bcrypt reads no further; the provider hashes the first 72 bytes of a longer password."""

NO_ID: Final = "none"
"""The id of what must not be shown."""


def string(inputs: Properties) -> tuple[str, Properties]:
    """A string, which is its own id."""
    result = _characters(inputs)
    return result, {"result": result}


def password(inputs: Properties) -> tuple[str, Properties]:
    """A string and its bcrypt hash."""
    result = _characters(inputs)
    salt = bcrypt.gensalt(BCRYPT_COST, prefix=b"2a")
    digest = bcrypt.hashpw(result.encode()[:BCRYPT_BYTES], salt)
    return NO_ID, {"result": result, "bcryptHash": digest.decode()}


def identifier(inputs: Properties) -> tuple[str, Properties]:
    """Random bytes in four spellings, each after the prefix; the id goes without it."""
    raw = secrets.token_bytes(_whole(inputs["byteLength"]))
    prefix = str(inputs.get("prefix", ""))
    id_ = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return id_, {
        "b64Url": prefix + id_,
        "b64Std": prefix + base64.b64encode(raw).decode(),
        "hex": prefix + raw.hex(),
        "dec": prefix + str(int.from_bytes(raw)),
    }


def octets(inputs: Properties) -> tuple[str, Properties]:
    """Random bytes to be kept secret."""
    raw = secrets.token_bytes(_whole(inputs["length"]))
    return NO_ID, {"base64": base64.b64encode(raw).decode(), "hex": raw.hex()}


def uuid_formatted(inputs: Properties) -> tuple[str, Properties]:
    """Sixteen random bytes spelt as a UUID, without the bits of a version."""
    result = str(uuid.UUID(bytes=secrets.token_bytes(16)))
    return result, {"result": result}


def _characters(inputs: Properties) -> str:
    special = str(inputs.get("overrideSpecial") or SPECIAL)
    sets = {"Upper": UPPER, "Lower": LOWER, "Numeric": DIGITS, "Special": special}
    pool = "".join(characters for name, characters in sets.items() if inputs[name.lower()])
    chosen = [
        secrets.choice(characters)
        for name, characters in sets.items()
        for _ in range(_whole(inputs[f"min{name}"]))
    ]
    chosen += [secrets.choice(pool) for _ in range(_whole(inputs["length"]) - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(f"expected a whole number, got {type(value).__name__}")
    return value
