"""A local copy of all objects of one kind, kept up to date by a watch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from httpx2 import HTTPError
from lightkube import ApiError, AsyncClient
from lightkube.core.resource import NamespacedResource, Resource, api_info

log = logging.getLogger(__name__)

RECONNECT_SECONDS = 0.5
GONE = 410

R = TypeVar("R", bound=Resource)


class Key(NamedTuple):
    """Which object of a kind; ``namespace`` is empty for a cluster-wide kind."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


Listener = Callable[[Key], None]


class Watched(Generic[R]):
    """All objects of the kind ``resource``, in every namespace.

    Survives what a watch runs into: the server forgets old versions (410), is restarted, or cuts
    the connection. Each time everything is listed again, and listeners hear of all that differs.
    """

    def __init__(self, client: AsyncClient, resource: type[R]) -> None:
        # Untyped: the client's overloads ask at each call whether the kind has namespaces.
        self._client: Any = client
        self._resource = resource
        self._scope = {"namespace": "*"} if issubclass(resource, NamespacedResource) else {}
        self._objects: dict[Key, R] = {}
        self._listeners: list[Listener] = []
        self.listed = asyncio.Event()
        """Set once the objects have been listed for the first time."""

    def on_change(self, listener: Listener) -> None:
        """Call ``listener`` with the key of every object that is added, changed or deleted."""
        self._listeners.append(listener)

    @property
    def objects(self) -> Mapping[Key, R]:
        """What is known to exist."""
        return self._objects

    def get(self, name: str, namespace: str = "") -> R | None:
        """One object, if it is known to exist."""
        return self._objects.get(Key(namespace, name))

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                version = await self._list()
                self.listed.set()
                await self._follow(version)
            except HTTPError as error:
                if isinstance(error, ApiError) and error.status.code == GONE:
                    continue
                kind = api_info(self._resource).plural
                log.warning("watching %s: %s: %s", kind, type(error).__name__, error)
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _list(self) -> str:
        listing = self._client.list(self._resource, **self._scope)
        found: dict[Key, R] = {}
        async for item in listing:
            found[_key(item)] = item
        before, self._objects = self._objects, found
        for key in before.keys() | found.keys():
            if _version(before.get(key)) != _version(found.get(key)):
                self._tell(key)
        return str(listing.resourceVersion)

    async def _follow(self, version: str) -> None:
        events: AsyncIterator[tuple[str, R]] = self._client.watch(
            self._resource, resource_version=version, **self._scope
        )
        async for kind, item in events:
            key = _key(item)
            if kind == "DELETED":
                self._objects.pop(key, None)
            else:
                self._objects[key] = item
            self._tell(key)

    def _tell(self, key: Key) -> None:
        for listener in self._listeners:
            listener(key)


def _key(item: Any) -> Key:
    return Key(item.metadata.namespace or "", item.metadata.name)


def _version(item: Any) -> str | None:
    return None if item is None else str(item.metadata.resourceVersion)
