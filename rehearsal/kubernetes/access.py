"""The cluster behind the provider's configuration, if it can be reached."""

from __future__ import annotations

import asyncio
from typing import Final

from rehearsal.kubernetes.applying import Applier
from rehearsal.kubernetes.client import ApiError, Cluster, UnreachableError
from rehearsal.kubernetes.kubeconfig import KubeconfigError, connection, parse
from rehearsal.kubernetes.settings import Settings
from rehearsal.kubernetes.waiting import STALLED_AFTER, Waiter
from rehearsal.standin.provider import CloudError

_OPT_IN: Final = (
    "If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the "
    "operation with deleteUnreachable set to true on the provider"
)


class Reached:
    """A cluster that answered, and the means to work on it."""

    def __init__(self, cluster: Cluster, version: str, settings: Settings, waiter: Waiter) -> None:
        self.cluster = cluster
        self.version = version
        self.waiter = waiter
        self.applier = Applier(
            cluster, waiter, patch_force=settings.patch_force, upsert=settings.upsert
        )


class Access:
    """Connects once, when something first asks for the cluster."""

    def __init__(
        self,
        settings: Settings,
        cancelled: asyncio.Event,
        *,
        stalled_after: float = STALLED_AFTER,
    ) -> None:
        self.settings = settings
        self._cancelled = cancelled
        self._stalled_after = stalled_after
        self._connecting: asyncio.Task[Reached] | None = None

    async def cluster(self) -> Reached:
        """The cluster. Raises UnreachableError with the reason."""
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())
        return await asyncio.shield(self._connecting)

    async def if_reached(self) -> Reached | None:
        """The cluster, None if it cannot be reached (as in a preview, before it exists)."""
        try:
            return await self.cluster()
        except UnreachableError:
            return None

    async def required(self, operation: str = "") -> Reached:
        """The cluster, for an operation that cannot do without. Raises CloudError."""
        try:
            return await self.cluster()
        except UnreachableError as error:
            reason = f"configured Kubernetes cluster is unreachable: {error}"
            raise CloudError(f"{operation}: {reason}" if operation else reason) from error

    async def required_to_forget(self) -> Reached | None:
        """The cluster for reading or deleting what the state holds.

        None when it is unreachable and ``deleteUnreachable`` says to forget; raises CloudError when
        it is unreachable otherwise.
        """
        try:
            return await self.cluster()
        except UnreachableError as error:
            if self.settings.delete_unreachable:
                return None
            text = f"configured Kubernetes cluster is unreachable: {error}. {_OPT_IN}"
            raise CloudError(text) from error

    async def kept_as_it_was(self) -> bool:
        """Whether the state is left alone: ``skipUpdateUnreachable``, and nobody answers."""
        return self.settings.skip_update_unreachable and await self.if_reached() is None

    async def close(self) -> None:
        """Close the connection."""
        if self._connecting is not None:
            try:
                reached = await self._connecting
            except UnreachableError:
                return
            await reached.cluster.__aexit__()

    async def _connect(self) -> Reached:
        if self.settings.kubeconfig is None:
            raise UnreachableError("the kubeconfig is not known yet")
        try:
            found = connection(parse(self.settings.kubeconfig), self.settings.selection)
        except KubeconfigError as error:
            raise UnreachableError(str(error)) from error
        cluster = Cluster(found)
        try:
            # The first request alone: with exec credentials it fetches the token for all others.
            version = await cluster.version()
        except ApiError as error:
            raise UnreachableError(str(error)) from error
        waiter = Waiter(cluster, self._cancelled, self._stalled_after)
        return Reached(cluster, version, self.settings, waiter)
