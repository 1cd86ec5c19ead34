"""When somebody removes a rehearsal's folder while its control plane runs.

No command finds the processes again then, so one of them watches for it and ends the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import os

from rehearsal.controlplane.errors import ControlPlaneError
from rehearsal.controlplane.processes import ProcessFile, end_in_order
from rehearsal.processes import ProcessRecord

POLL_SECONDS = 2.0


async def until_abandoned(
    processes: ProcessFile, *, poll_seconds: float = POLL_SECONDS
) -> list[ProcessRecord]:
    """Wait until the file of processes has gone; what was in it last.

    The control plane itself removes the file only after it has ended this process.
    """
    records: list[ProcessRecord] = []
    while processes.path.exists():
        # Read each time: components are still being added after this one was started.
        with contextlib.suppress(ControlPlaneError):
            records = processes.read() or records
        await asyncio.sleep(poll_seconds)
    return records


def end_others(records: list[ProcessRecord]) -> None:
    """End every recorded process but this one."""
    end_in_order([record for record in records if record.pid != os.getpid()])
