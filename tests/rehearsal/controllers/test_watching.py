"""The local copy of a kind's objects: complete after every kind of interruption."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from httpx2 import ConnectError
from lightkube import ApiError
from lightkube.models.meta_v1 import ObjectMeta, Status
from lightkube.resources.core_v1 import ConfigMap

from rehearsal.controllers.watching import Key, Watched


def item(name: str, version: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="ns", resourceVersion=version))


class Listing:
    def __init__(self, items: list[ConfigMap]) -> None:
        self._items: Iterator[ConfigMap] = iter(items)
        self.resourceVersion = "100"

    def __aiter__(self) -> Listing:
        return self

    async def __anext__(self) -> ConfigMap:
        for found in self._items:
            return found
        raise StopAsyncIteration


class ScriptedClient:
    """Answers lists and watches from a script; the last watch never ends."""

    def __init__(self, *script: tuple[list[ConfigMap] | Exception, list[Any]]) -> None:
        self._script = iter(script)
        self._events: list[Any] = []
        self.done = asyncio.Event()

    def list(self, resource: object, namespace: str) -> Listing:
        items, self._events = next(self._script)
        if isinstance(items, Exception):
            raise items
        return Listing(items)

    async def watch(
        self, resource: object, resource_version: str, namespace: str
    ) -> AsyncIterator[Any]:
        for event in self._events:
            if isinstance(event, Exception):
                raise event
            yield event
        self.done.set()
        await asyncio.Event().wait()


async def seen_by(client: ScriptedClient) -> tuple[Watched[ConfigMap], list[str]]:
    watched: Watched[ConfigMap] = Watched(client, ConfigMap)  # type: ignore[arg-type]  # scripted
    told: list[str] = []
    watched.on_change(lambda key: told.append(key.name))
    task = asyncio.create_task(watched.run())
    await asyncio.wait_for(client.done.wait(), timeout=30)
    task.cancel()
    return watched, told


async def test_objects_are_listed_then_followed() -> None:
    client = ScriptedClient(
        (
            [item("a", "1"), item("b", "2")],
            [("ADDED", item("c", "3")), ("MODIFIED", item("a", "4")), ("DELETED", item("b", "5"))],
        )
    )
    watched, told = await seen_by(client)
    assert set(watched.objects) == {Key("ns", "a"), Key("ns", "c")}
    changed = watched.get("a", "ns")
    assert changed is not None
    assert changed.metadata is not None
    assert changed.metadata.resourceVersion == "4"
    assert sorted(told[:2]) == ["a", "b"]
    assert told[2:] == ["c", "a", "b"]
    assert watched.listed.is_set()


async def test_after_a_forgotten_version_all_that_differs_is_told() -> None:
    gone = ApiError(status=Status(code=410, message="too old resource version"))
    client = ScriptedClient(
        ([item("same", "1"), item("changed", "2"), item("deleted", "3")], [gone]),
        ([item("same", "1"), item("changed", "8"), item("added", "9")], []),
    )
    watched, told = await seen_by(client)
    assert {key.name for key in watched.objects} == {"same", "changed", "added"}
    assert sorted(told[3:]) == ["added", "changed", "deleted"]


async def test_a_server_that_is_away_is_waited_for() -> None:
    refused = ConnectError("connection refused")
    client = ScriptedClient(
        (refused, []),
        ([item("a", "1")], [refused]),
        (refused, []),
        ([item("a", "1"), item("b", "2")], []),
    )
    watched, told = await seen_by(client)
    assert told == ["a", "b"]
    assert len(watched.objects) == 2
