"""The stand-in for the Pulumi Kubernetes provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from rehearsal.kubernetes import settings
from rehearsal.kubernetes.access import Access
from rehearsal.kubernetes.helm.footprints import FOOTPRINTS, Workload
from rehearsal.kubernetes.helm.release import Releases
from rehearsal.kubernetes.kinds import RELEASE
from rehearsal.kubernetes.resources import Resources
from rehearsal.kubernetes.settings import Settings
from rehearsal.kubernetes.waiting import STALLED_AFTER
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import (
    Checked,
    CloudError,
    Diff,
    Prior,
    Provider,
    Resource,
    State,
)
from rehearsal.standin.values import Properties

_RENDERING_INVOKES: Final = frozenset(
    {"kubernetes:helm:template", "kubernetes:kustomize:directory", "kubernetes:yaml:decode"}
)


class KubernetesProvider(Provider):
    """Objects and Helm releases on a real API server.

    ``stack``: the rehearsed stack, where what was not exercised is recorded. ``stalled_after``:
    seconds without any change after which a wait gives up. ``footprints``: the workloads of charts
    that cannot be reached, by chart.
    """

    package: ClassVar[str] = "kubernetes"
    version: ClassVar[str] = "4.34.2"

    def __init__(
        self,
        stack: StackPaths,
        *,
        stalled_after: float = STALLED_AFTER,
        footprints: Mapping[str, Sequence[Workload]] = FOOTPRINTS,
    ) -> None:
        self._stack = stack
        self._footprints = footprints
        self._stalled_after = stalled_after
        self._take(Settings())

    def _take(self, configured: Settings) -> None:
        self._access = Access(configured, self.cancelled, stalled_after=self._stalled_after)
        self._resources = Resources(self._access)
        self._releases = Releases(self._access, self._stack, self._footprints)

    async def check_config(self, old: Properties, new: Properties) -> Checked:
        """Refuse settings that the provider, or its stand-in, does not have."""
        return Checked(new, settings.failures(new))

    async def diff_config(self, old: Properties, new: Properties) -> Diff:
        """Replace the provider when it leads to another cluster."""
        return settings.diff(old, new)

    async def configure(self, inputs: Properties) -> None:
        """Take the configuration; the cluster is reached when it is first needed."""
        await self._access.close()
        self._take(Settings.of(inputs))

    async def check(self, resource: Resource, old: Properties | None, new: Properties) -> Checked:
        """Check an object's identity, or a release and its chart."""
        return await self._of(resource).check(resource, old, new)

    async def diff(
        self, resource: Resource, prior: Prior, new: Properties, ignore_changes: Sequence[str]
    ) -> Diff:
        """Compare inputs; what cannot change in place is replaced."""
        return await self._of(resource).diff(resource, prior, new, ignore_changes)

    async def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> State:
        """Create, and wait until it is ready; in a preview, a dry run at the API server."""
        return await self._of(resource).create(resource, inputs, preview=preview)

    async def read(self, resource: Resource, prior: Prior) -> State | None:
        """What is there now."""
        return await self._of(resource).read(resource, prior)

    async def update(
        self, resource: Resource, prior: Prior, inputs: Properties, *, preview: bool
    ) -> State:
        """Change in place, and wait until it is ready; in a preview, a dry run."""
        return await self._of(resource).update(resource, prior, inputs, preview=preview)

    async def delete(self, resource: Resource, prior: Prior) -> None:
        """Delete, and wait until it is gone."""
        await self._of(resource).delete(resource, prior)

    async def invoke(self, token: str, args: Properties) -> Properties:
        """Answers no function: all of this package's render manifests."""
        if token in _RENDERING_INVOKES:
            raise CloudError(
                f"{token}: the stand-in renders no manifests into resources; use {RELEASE}, or the "
                "official Kubernetes plugin (--plugin kubernetes=PATH)"
            )
        raise CloudError(f"{token}: the Kubernetes provider has no such function")

    def _of(self, resource: Resource) -> Resources | Releases:
        return self._releases if resource.type == RELEASE else self._resources
