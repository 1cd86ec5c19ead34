"""Oracle Cloud Identifiers: ``ocid1.<kind>.<realm>.[region].<unique>``.

https://docs.oracle.com/iaas/Content/General/Concepts/identifiers.htm
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any

_OCID = re.compile(r"ocid1\.(?P<kind>[a-z0-9]+)\.(?P<realm>oc\d+)\.(?P<region>[a-z0-9-]*)\..+")
_WITHIN = re.compile(r"ocid1\.[a-z0-9]+\.oc\d+\.[a-z0-9-]*\.[a-z0-9.-]*[a-z0-9]")


def new(kind: str, region: str, sequence: int, *, parts: str = "") -> str:
    """The identifier of the ``sequence``-th thing in the store.

    It looks random and is not: the same rehearsal gives the same identifiers. ``region`` is empty
    for global things. ``parts`` go before the unique part, as vaults have it.
    """
    digest = hashlib.sha256(f"{kind}/{region}/{sequence}".encode()).digest()
    unique = "aaaaaaaa" + base64.b32encode(digest).decode().lower().rstrip("=")[:52]
    return f"ocid1.{kind}.oc1.{region}.{parts}{unique}"


def kind_of(identity: str) -> str | None:
    """What an OCID names (``vcn``, ``compartment``), or None when it is not an OCID."""
    match = _OCID.fullmatch(identity)
    return match["kind"] if match else None


def tail(identity: str, length: int) -> str:
    """The last characters, with which OKE builds the names of hosts and boot volumes."""
    return identity[-length:]


def mentioned(value: Any) -> list[str]:
    """Every OCID inside a JSON value, in texts such as policy statements too, each once."""
    found: dict[str, None] = {}
    pending = [value]
    while pending:
        item = pending.pop(0)
        if isinstance(item, str):
            found.update(dict.fromkeys(_WITHIN.findall(item)))
        elif isinstance(item, Mapping):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return list(found)
