"""The kinds of value in a stack file, each with the rule it must keep.

A rule that is broken raises :class:`pydantic_core.PydanticCustomError`, whose message is the
remedy shown to the user.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

_PRIVATE_NETWORKS = tuple(
    ipaddress.IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
_HOST_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_TEMPLATE_MARKS = ("{{", "{%", "{#", "${")


def _refuse(remedy: str) -> PydanticCustomError:
    # The text goes in as a value: a brace in it is not a placeholder.
    return PydanticCustomError("rule", "{remedy}", {"remedy": remedy})


def _matching(pattern: str, remedy: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise _refuse(remedy)
        return value

    return check


def ipv4_network(cidr: str) -> ipaddress.IPv4Network:
    """The network that a checked CIDR block stands for."""
    return ipaddress.IPv4Network(cidr)


def _cidr(value: str) -> str:
    remedy = "an IPv4 block in CIDR notation, e.g. 10.0.0.0/16"
    if re.fullmatch(r"[0-9.]+/[0-9]{1,2}", value) is None:
        raise _refuse(remedy)
    try:
        network = ipaddress.IPv4Network(value, strict=False)
    except ValueError:
        raise _refuse(remedy) from None
    if value != str(network):
        raise _refuse(f"a block starts at its own first address: {network}")
    if not any(network.subnet_of(private) for private in _PRIVATE_NETWORKS):
        raise _refuse("a private block: inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    return value


def _host(value: str) -> str:
    if len(value) > 253 or re.fullmatch(rf"({_HOST_LABEL}\.)+{_HOST_LABEL}", value) is None:
        raise _refuse("a DNS name in lower case, without scheme or port, e.g. learn.example.com")
    if value.rpartition(".")[2].isdigit():
        raise _refuse("a DNS name, not an address, e.g. learn.example.com")
    return value


def _plain_text(value: str) -> str:
    if any(mark in value for mark in _TEMPLATE_MARKS):
        raise _refuse("text without {{, {%, {# or ${: Tutor would take it for a template")
    if not value.strip() or not value.isprintable() or set(value) & set("\"'\\"):
        raise _refuse("one line of text without quotes or backslashes: it ends in Python files")
    return value


def _on_or_off(value: object) -> object:
    # "on" is a boolean to YAML 1.1 and a string to YAML 1.2: both readings mean the same here.
    if isinstance(value, str):
        return {"on": True, "off": False}.get(value, value)
    return value


def _ocid(kinds: str) -> Any:
    alternatives = "|".join(kinds.split())
    article = " or ".join(f"ocid1.{kind}.oc1.." for kind in kinds.split())
    return AfterValidator(
        _matching(
            rf"ocid1\.({alternatives})\.oc\d{{1,3}}\.[a-z0-9-]*\.[A-Za-z0-9._-]{{1,255}}",
            f"an OCID that starts with {article}",
        )
    )


OnOff = Annotated[bool, BeforeValidator(_on_or_off)]
"""``on`` or ``off``."""

Cidr = Annotated[str, AfterValidator(_cidr)]
"""An IPv4 block of private addresses."""

KubernetesVersion = Annotated[
    str,
    AfterValidator(
        _matching(
            r"1\.\d{1,3}\.\d{1,3}",
            'a release with its patch number, in quotes and without "v", e.g. "1.34.1"',
        )
    ),
]
"""A Kubernetes release with its patch number, e.g. ``1.34.1``."""

Host = Annotated[str, AfterValidator(_host)]
"""A fully qualified DNS name."""

Region = Annotated[
    str,
    AfterValidator(
        _matching(
            r"[a-z]{2}(-[a-z]{2,20}){1,3}-\d{1,2}", "a region identifier of OCI, e.g. me-jeddah-1"
        )
    ),
]
"""A region identifier."""

CompartmentId = Annotated[str, _ocid("compartment tenancy")]
"""The OCID of a compartment; the tenancy is its own root compartment."""

TenancyId = Annotated[str, _ocid("tenancy")]
"""The OCID of a tenancy."""

Email = Annotated[
    str,
    AfterValidator(
        _matching(
            rf"[A-Za-z0-9._+-]{{1,64}}@({_HOST_LABEL}\.)+{_HOST_LABEL}",
            "an e-mail address, e.g. ops@example.com",
        )
    ),
]
"""An e-mail address."""

LanguageCode = Annotated[
    str,
    AfterValidator(_matching(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", "a language code, e.g. en or ar")),
]
"""A language code as Django writes it."""

PlainText = Annotated[str, Field(max_length=100), AfterValidator(_plain_text)]
"""One line of text that may stand in a template and in Python source."""

PoolName = Annotated[
    str,
    AfterValidator(
        _matching(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?", "a pool's name: lower case, digits, hyphens")
    ),
]
"""The name of a node pool: part of labels, taints and OCI's display names."""

ImageReference = Annotated[
    str,
    AfterValidator(
        _matching(
            r"ocid1\.image\.oc\d{1,3}\.[a-z0-9-]*\.[A-Za-z0-9._-]{1,255}|[A-Za-z0-9][A-Za-z0-9._-]{3,254}",
            "the name or the OCID of a node image that OKE offers",
        )
    ),
]
"""The name of a node image, or its OCID."""

Count = Annotated[int, Field(ge=1)]
"""A whole number from 1."""
