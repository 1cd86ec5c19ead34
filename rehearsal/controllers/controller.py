"""A queue of objects to look at, and the loop that looks at them until each is as it should be."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from http import HTTPStatus

from httpx2 import HTTPError
from lightkube import ApiError

from rehearsal.controllers.watching import Key

log = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 0.25
LAST_RETRY_SECONDS = 4.0


class NotYetError(Exception):
    """What an object needs is not there yet: look again later."""


class Controller(ABC):
    """Calls :meth:`reconcile` for every key that is put in the queue, one at a time.

    A key that fails is tried again with growing pauses; a key that is put in while it waits is
    looked at once.
    """

    def __init__(self) -> None:
        self._waiting: dict[Key, None] = {}
        self._work = asyncio.Event()
        self._failures: dict[Key, int] = {}

    def enqueue(self, key: Key) -> None:
        """Have ``key`` looked at."""
        self._waiting[key] = None
        self._work.set()

    @abstractmethod
    async def reconcile(self, key: Key) -> None:
        """Compare what is with what should be, and do what is missing; called again if it raises
        :class:`NotYetError` or an error of the API server."""

    async def run(self) -> None:
        """Work until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._work.wait()
            while self._waiting:
                key = next(iter(self._waiting))
                del self._waiting[key]
                if await self._attempt(key):
                    self._failures.pop(key, None)
                else:
                    failures = self._failures[key] = self._failures.get(key, 0) + 1
                    pause = min(FIRST_RETRY_SECONDS * 2 ** (failures - 1), LAST_RETRY_SECONDS)
                    loop.call_later(pause, self.enqueue, key)
            self._work.clear()

    async def _attempt(self, key: Key) -> bool:
        try:
            await self.reconcile(key)
        except NotYetError as reason:
            log.info("%s %s waits: %s", type(self).__name__, key, reason)
        except ApiError as error:
            # Not found and conflict: it changed meanwhile, and the watch brings the change.
            gone = error.status.code == HTTPStatus.NOT_FOUND
            if not gone:
                log.warning("%s %s: %s", type(self).__name__, key, error.status.message)
            return gone
        except HTTPError as error:
            log.warning("%s %s: %s: %s", type(self).__name__, key, type(error).__name__, error)
        except Exception:
            log.exception("%s %s", type(self).__name__, key)
        else:
            return True
        return False
