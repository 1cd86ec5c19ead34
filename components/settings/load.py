"""From what a stack file says to :class:`PlatformSettings`, or all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from components.openedx.layouts import DEFAULT, LAYOUTS, beneath
from components.settings.errors import HIDDEN, MISSING, Path, Problem, SettingsError
from components.settings.messages import problems_of, secret_remedy
from components.settings.platform import PlatformSettings
from components.settings.repair import repaired, touched
from components.settings.rules import Broken, Rule, Surroundings, cloud, network, openedx, pools

RULES: Final[tuple[Rule, ...]] = (
    cloud.region_is_resident,
    cloud.region_is_the_providers,
    network.sizes,
    network.subnets_inside,
    network.no_overlaps,
    network.room,
    pools.shapes,
    pools.hosts,
    pools.both_pools,
    openedx.hosts,
    openedx.known_workloads,
    openedx.mail_password_is_there,
    openedx.general_pods_fit,
    openedx.lms_pod_fits,
    openedx.database_connections_suffice,
)

_PATTERN: Final[Mapping[str, object]] = beneath(
    LAYOUTS[DEFAULT],
    {
        "cloud": {
            "provider": "oci",
            "region": "me-jeddah-1",
            "residency": ["me-jeddah-1"],
            "compartment_id": "ocid1.compartment.oc1..example",
            "tenancy_id": "ocid1.tenancy.oc1..example",
            "home_region": "me-jeddah-1",
        },
        "cluster": {"kubernetes": "1.34.1"},
        "layout": DEFAULT,
        "openedx": {
            "lms_host": "learn.example.com",
            "cms_host": "studio.example.com",
            "contact_email": "ops@example.com",
            "smtp": {"host": "smtp.example.com", "username": "openedx"},
        },
    },
)
"""What stands in for a broken part while the rest is checked."""

_REPAIRS: Final = 8


def load(
    platform: object,
    *,
    file: str,
    secret: bool = False,
    surroundings: Surroundings | None = None,
) -> PlatformSettings:
    """The settings that ``platform``, the value of ``openedx-large:platform``, stands for.

    Args:
        platform: the value as Pulumi's configuration gives it.
        file: the stack file, named in every error.
        secret: whether Pulumi says that the value holds a secret.
        surroundings: what the cluster itself runs and the provider's own region.

    Raises:
        SettingsError: with everything that is wrong, never another exception.
    """
    problems, settings = _examine(platform, surroundings or Surroundings())
    if secret:
        # Pulumi does not say which value is the secret: none is shown.
        problems = [Problem(problem.path, HIDDEN, problem.remedy) for problem in problems]
        problems.append(Problem((), HIDDEN, secret_remedy("<name>")))
    if problems or settings is None:
        raise SettingsError(file, problems)
    return settings


def _examine(
    platform: object, around: Surroundings
) -> tuple[list[Problem], PlatformSettings | None]:
    if not isinstance(platform, Mapping):
        value = MISSING if platform is None else platform
        return [Problem((), value, "a mapping of settings")], None
    data = beneath(_layout(platform), platform)
    problems: list[Problem] = []
    whole: dict[str, Any] = data
    for _ in range(_REPAIRS):
        try:
            settings = PlatformSettings.model_validate(whole)
        except ValidationError as error:
            found = list(problems_of(error, PlatformSettings, whole))
            if whole is data:
                problems = found
            whole = repaired(whole, [problem.path for problem in found], _PATTERN)
        else:
            broken = _broken_rules(settings, around, [problem.path for problem in problems])
            problems += [_at(settings, rule) for rule in broken]
            return problems, settings
    return problems, None


def _layout(platform: Mapping[str, object]) -> Mapping[str, object]:
    name = platform.get("layout")
    return LAYOUTS.get(name, LAYOUTS[DEFAULT]) if isinstance(name, str) else LAYOUTS[DEFAULT]


def _broken_rules(
    settings: PlatformSettings, around: Surroundings, wrong: list[Path]
) -> Iterator[Broken]:
    for rule in RULES:
        for broken in rule(settings, around):
            if not any(touched(place, wrong) for place in (broken.path, *broken.looked_at)):
                yield broken


def _at(settings: PlatformSettings, broken: Broken) -> Problem:
    value: Any = settings
    for step in broken.path:
        value = (
            value.get(step, MISSING)
            if isinstance(value, Mapping)
            else getattr(value, str(step), MISSING)
        )
    if isinstance(value, BaseModel):
        value = value.model_dump()
    return Problem(broken.path, value, broken.remedy)
