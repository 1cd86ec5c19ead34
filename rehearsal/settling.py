"""Wait until a cluster has come to rest: everything runs, or nothing more will."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from lightkube.config.kubeconfig import KubeConfig

from rehearsal.observed import Observed, observe

POLL_SECONDS = 0.4
STILL_SECONDS = 15.0
"""A cluster in which nothing has changed for so long while pods wait will not settle by itself:
the scheduler retries a pod that does not fit only when something else changes."""


async def settle(
    kubeconfig: KubeConfig,
    *,
    on_progress: Callable[[Observed], None],
    still_seconds: float = STILL_SECONDS,
) -> Observed:
    """Return the cluster once every rollout is complete and all runs, or once it stands still.

    Rollouts and not pods are what tells: right after a change, every old pod still runs. The caller
    checks what it gets: a cluster that stands still with pods waiting is returned too.
    """
    last: Observed | None = None
    changed_at = time.monotonic()
    while True:
        now = await observe(kubeconfig)
        if now != last:
            last, changed_at = now, time.monotonic()
            on_progress(now)
        if now.settled():
            return now
        if time.monotonic() - changed_at > still_seconds:
            return now
        await asyncio.sleep(POLL_SECONDS)
