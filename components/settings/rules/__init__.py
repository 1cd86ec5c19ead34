"""The rules between settings.

A rule is a function of complete settings and what surrounds them, and yields a :class:`Broken`
for each place where it is broken. It names every place that it looked at: when one of those is
wrong by itself, the rule has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from components.capacity import SystemPods
from components.settings.errors import Path
from components.settings.platform import PlatformSettings


@dataclass(frozen=True)
class Surroundings:
    """What the rules know beside the platform's own settings."""

    system_pods: SystemPods = field(default_factory=SystemPods)
    """What the cluster itself runs."""
    provider_region: str | None = None
    """The region of the cloud's provider, ``oci:region`` in the stack file."""
    secrets: Callable[[str], bool] = lambda _: True
    """Whether the stack has a secret of this name, ``openedx-large:<name>``."""


@dataclass(frozen=True)
class Broken:
    """A rule that does not hold at ``path``."""

    path: Path
    remedy: str
    looked_at: tuple[Path, ...] = ()
    """The other places that the rule depends on."""


Rule = Callable[[PlatformSettings, Surroundings], Iterator[Broken]]
