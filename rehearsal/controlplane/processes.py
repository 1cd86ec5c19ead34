"""What the control plane has started: kept on disk, and ended in order."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rehearsal.controlplane.components import STOP_ORDER
from rehearsal.controlplane.errors import ControlPlaneError
from rehearsal.processes import ProcessRecord, end

STOP_GRACE_SECONDS = 10.0


class ProcessFile:
    """``processes.json``: what was started, written after each start so that a crash loses none."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[ProcessRecord]:
        """All records; none when there is no file. Raises :class:`ControlPlaneError`."""
        try:
            return [ProcessRecord(**entry) for entry in json.loads(self.path.read_text())]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError) as error:
            raise ControlPlaneError(
                f"{self.path} cannot be read ({error}); end the processes of this rehearsal by"
                " hand, then remove the file"
            ) from error

    def add(self, record: ProcessRecord) -> None:
        """Add one."""
        records = [*self.read(), record]
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps([asdict(entry) for entry in records], indent=2) + "\n")
        temporary.replace(self.path)

    def clear(self) -> None:
        """Forget all."""
        self.path.unlink(missing_ok=True)


def spawn(
    component: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path
) -> tuple[ProcessRecord, subprocess.Popen[bytes]]:
    """Start ``command`` in a session of its own, with both outputs going to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )
        except OSError as error:
            raise ControlPlaneError(f"{component} cannot be started: {error}") from error
    return ProcessRecord.of(component, child.pid), child


def end_in_order(records: Collection[ProcessRecord]) -> None:
    """End components, clients before their server."""
    for stage in STOP_ORDER:
        end(
            (record for record in records if record.component in stage),
            grace_seconds=STOP_GRACE_SECONDS,
        )
