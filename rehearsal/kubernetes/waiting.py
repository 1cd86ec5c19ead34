"""Waiting for an object: watches, time-outs, the user's interrupt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from rehearsal.kubernetes.client import ApiError, Cluster, UnreachableError
from rehearsal.kubernetes.kinds import Kind
from rehearsal.kubernetes.objects import Object, metadata, name_of, namespace_of
from rehearsal.kubernetes.readiness import Failed, Verdict

STALLED_AFTER: Final = 120.0
"""Seconds without any change after which a wait ends before its time-out.

Where pods are simulated a rollout moves within seconds or not at all. What stood still for this
long will not have moved when the time-out comes: the failure is the same, only sooner.
"""

_RETRY_AFTER: Final = 1.0

Judge = Callable[[Object], Awaitable[Verdict]]


@dataclass(frozen=True)
class Watched:
    """Objects whose changes matter to a wait."""

    kind: Kind
    namespace: str | None
    selectors: Mapping[str, str]

    @classmethod
    def of(cls, kind: Kind, obj: Object) -> Watched:
        """One object."""
        selectors = {"fieldSelector": f"metadata.name={name_of(obj)}"}
        return cls(kind, namespace_of(obj), selectors)


class NotReadyError(Exception):
    """The wait ended without success: ``live`` is the object as last seen, if it was."""

    def __init__(self, reason: str, live: Object, verdict: Verdict) -> None:
        super().__init__(reason)
        self.live = live
        self.verdict = verdict


class Waiter:
    """Waits on one cluster, until it is interrupted."""

    def __init__(self, cluster: Cluster, cancelled: asyncio.Event, stalled_after: float) -> None:
        self._cluster = cluster
        self._cancelled = cancelled
        self._stalled_after = stalled_after

    async def until_ready(
        self, watched: Sequence[Watched], live: Object, judge: Judge, timeout_seconds: float
    ) -> Object:
        """Wait until ``judge`` finds the object ready, and return it as it is then.

        ``watched``: the object itself first, then what else its readiness depends on.
        Raises NotReadyError.
        """
        name = name_of(live)
        deadline = _now() + timeout_seconds
        async with self._events(watched) as events:
            verdict = await self._judged(judge, live)
            while verdict is not None:
                if isinstance(verdict, Failed):
                    raise NotReadyError(
                        f"Resource '{name}' was created but failed to initialize", live, verdict
                    )
                event = await self._next(events, min(deadline, _now() + self._stalled_after))
                if event is None:
                    raise NotReadyError(self._ended(name), live, verdict)
                happened, obj = event
                if happened == "DELETED":
                    raise NotReadyError(
                        f"'{name}' was deleted while it was waited for", live, verdict
                    )
                live = obj or live
                verdict = await self._judged(judge, live)
        return live

    async def until_gone(self, kind: Kind, live: Object, timeout_seconds: float) -> None:
        """Wait until the object, or the one with its UID, is no more. Raises NotReadyError."""
        uid, seen = metadata(live).get("uid"), None
        deadline = _now() + timeout_seconds
        stalled, pause = deadline, 0.1
        async with self._events([Watched.of(kind, live)]) as events:
            while True:
                now = await self._cluster.get(kind, namespace_of(live), name_of(live))
                if now is None or metadata(now).get("uid") != uid:
                    return
                if metadata(now).get("resourceVersion") != seen:
                    seen = metadata(now).get("resourceVersion")
                    stalled = _now() + self._stalled_after
                if self._cancelled.is_set() or _now() >= min(deadline, stalled):
                    reason = self._ended(name_of(live), "timed out waiting to be deleted")
                    raise NotReadyError(reason, now, None)
                # What went before the watch began makes no event: look again now and then.
                await self._next(events, min(deadline, stalled, _now() + pause))
                pause = min(2 * pause, _RETRY_AFTER)

    async def _judged(self, judge: Judge, live: Object) -> Verdict:
        try:
            return await judge(live)
        except (ApiError, UnreachableError) as error:
            # The object exists by now: whoever waits has to hear of it with the reason.
            reason = f"'{name_of(live)}' could not be waited for: {error}"
            raise NotReadyError(reason, live, None) from error

    def _ended(self, name: str, timed_out: str = "timed out waiting to be Ready") -> str:
        if self._cancelled.is_set():
            return f'Resource operation was cancelled for "{name}"'
        return f"'{name}' {timed_out}"

    async def _next(
        self, events: asyncio.Queue[tuple[str, Object | None]], until: float
    ) -> tuple[str, Object | None] | None:
        """The next event, None when the time is up or the user interrupts."""
        event = asyncio.ensure_future(events.get())
        cancelled = asyncio.ensure_future(self._cancelled.wait())
        try:
            await asyncio.wait(
                {event, cancelled},
                timeout=max(0.0, until - _now()),
                return_when=asyncio.FIRST_COMPLETED,
            )
            return event.result() if event.done() and not cancelled.done() else None
        finally:
            event.cancel()
            cancelled.cancel()

    @asynccontextmanager
    async def _events(
        self, watched: Sequence[Watched]
    ) -> AsyncIterator[asyncio.Queue[tuple[str, Object | None]]]:
        """What happens to the watched; only of the first the object is passed on."""
        queue: asyncio.Queue[tuple[str, Object | None]] = asyncio.Queue()
        tasks = [
            asyncio.create_task(self._follow(item, queue, pass_on=index == 0))
            for index, item in enumerate(watched)
        ]
        try:
            yield queue
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(
        self,
        watched: Watched,
        queue: asyncio.Queue[tuple[str, Object | None]],
        *,
        pass_on: bool,
    ) -> None:
        while True:
            try:
                async for happened, obj in self._cluster.watch(
                    watched.kind, watched.namespace, watched.selectors
                ):
                    await queue.put((happened, obj) if pass_on else ("RELATED", None))
            except (UnreachableError, ApiError):
                # A watch that broke says nothing about the object: look again.
                await asyncio.sleep(_RETRY_AFTER)


def _now() -> float:
    return asyncio.get_running_loop().time()
