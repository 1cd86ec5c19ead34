"""Regions: data stays where it may be."""

from __future__ import annotations

from collections.abc import Iterator

from components.settings.platform import PlatformSettings
from components.settings.rules import Broken, Surroundings


def region_is_resident(settings: PlatformSettings, _: Surroundings) -> Iterator[Broken]:
    """The region is one that data may be in."""
    cloud = settings.cloud
    if cloud.region not in cloud.residency:
        yield Broken(
            ("cloud", "region"),
            f"one of the residency list: {', '.join(cloud.residency)}",
            (("cloud", "residency"),),
        )


def region_is_the_providers(settings: PlatformSettings, around: Surroundings) -> Iterator[Broken]:
    """The provider works in the region that the settings name."""
    if around.provider_region not in (None, settings.cloud.region):
        yield Broken(
            ("cloud", "region"),
            f"the same region as {settings.cloud.provider}:region, which is "
            f"{around.provider_region}",
        )
