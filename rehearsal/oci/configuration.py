"""The configuration of a provider instance, and the tenancy it signs in to."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from rehearsal.oci.facts.regions import REGIONS, Region
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import CheckFailure, CloudError
from rehearsal.standin.values import Properties, Unknown

NO_REGION = (
    "can not create client, bad configuration: region can not be empty or have spaces. "
    "Set oci:region in the stack file or region= on the provider"
)

#: Put among a provider's inputs by the engine and the SDKs, not by the user.
_ENGINE_KEYS = frozenset({"version", "pluginDownloadURL"})


@dataclass(frozen=True)
class Configuration:
    """Where a provider instance sends its requests."""

    region: Region
    home_region: Region
    """The tenancy's; identity resources are written nowhere else."""


def check(given: Properties, known: Collection[str]) -> Sequence[CheckFailure]:
    """Refuse what ``pulumi_oci.Provider`` does not have (``known``), and regions unheard of."""
    failures = []
    for name in sorted(set(given) - set(known) - _ENGINE_KEYS):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        failures.append(CheckFailure(name, f"the provider has no property {name}{hint}"))
    region = given.get("region")
    if region is not None and not isinstance(region, Unknown) and region not in REGIONS:
        failures.append(
            CheckFailure(
                "region",
                f"the simulated OCI has no region {region!r}; it has {', '.join(sorted(REGIONS))}",
            )
        )
    return failures


def read(given: Properties, paths: StackPaths) -> Configuration:
    """Take the configuration that :func:`check` let pass.

    Raises:
        CloudError: no region is given; there is no OCI configuration file to take one from.
    """
    region = given.get("region")
    if not isinstance(region, str) or region not in REGIONS:
        raise CloudError(NO_REGION)
    return Configuration(REGIONS[region], home_region(paths, region))


def home_region(paths: StackPaths, default: str) -> Region:
    """The home region of the rehearsed tenancy.

    A rehearsal signs in to no tenancy, so it takes the one that the stack file describes
    (``platform.cloud.home_region``); a project without that setting is at home where it works.
    """
    try:
        settings = yaml.safe_load(paths.settings_copy.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        settings = {}
    named = _at(settings, "config", "openedx-large:platform", "cloud", "home_region")
    return REGIONS[named if named in REGIONS else default]


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
