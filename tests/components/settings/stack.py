"""A valid stack file, and ways to break it."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from components.settings.errors import SettingsError
from components.settings.load import load
from components.settings.platform import PlatformSettings
from components.settings.rules import Surroundings
from components.system_pods import SYSTEM_PODS

FILE = "stacks/Pulumi.oci-jeddah.yaml"
AROUND = Surroundings(system_pods=SYSTEM_PODS["oci"], provider_region="me-jeddah-1")

_COMMITTED = Path(__file__).parents[3] / FILE

GONE = object()
"""Takes a setting out."""


def said() -> dict[str, Any]:
    """What the committed stack file says of the platform."""
    platform: dict[str, Any] = yaml.safe_load(_COMMITTED.read_text())["config"][
        "openedx-large:platform"
    ]
    return platform


def but(changes: dict[str, Any]) -> dict[str, Any]:
    """The committed stack file with other values at some dotted paths."""
    platform = deepcopy(said())
    for path, value in changes.items():
        *holders, last = path.split(".")
        here = platform
        for step in holders:
            here = here.setdefault(step, {})
        if value is GONE:
            del here[last]
        else:
            here[last] = value
    return platform


def loaded(platform: object, *, secret: bool = False) -> PlatformSettings:
    return load(platform, file=FILE, secret=secret, surroundings=AROUND)


def lines(platform: object, *, secret: bool = False) -> list[str]:
    """What is wrong with ``platform``, a line each; nothing if it is right."""
    try:
        loaded(platform, secret=secret)
    except SettingsError as error:
        return str(error).splitlines()
    return []


def errors(changes: dict[str, Any]) -> list[str]:
    """What is wrong with the changed stack file, without the file's name."""
    prefix = f"{FILE}: platform"
    found = lines(but(changes))
    assert all(line.startswith(prefix) for line in found)
    return [line.removeprefix(prefix).removeprefix(".") for line in found]
