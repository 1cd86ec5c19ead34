"""The steps of a rehearsal: told while they run, and ended in words when something refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rehearsal.controlplane import ControlPlaneError
from rehearsal.engine import EngineError, PluginError, ScratchProjectError
from rehearsal.openedx import OpenEdxError
from rehearsal.progress import Progress, Step
from rehearsal.protected import ProtectedError
from rehearsal.toolchain import ToolchainError

EXPECTED_ERRORS = (
    ControlPlaneError,
    EngineError,
    OpenEdxError,
    PluginError,
    ProtectedError,
    ScratchProjectError,
    ToolchainError,
)
"""What can go wrong without a bug here: shown in its own words, without a traceback."""


class StepFailedError(Exception):
    """A step ended the rehearsal; the message is in the words of whatever refused."""

    def __init__(self, step: str, error: Exception) -> None:
        super().__init__(str(error))
        self.step = step
        self.remedy: str | None = getattr(error, "remedy", None)


@contextmanager
def step(progress: Progress, title: str) -> Iterator[Step]:
    """Run one step.

    Raises:
        StepFailedError: one of :data:`EXPECTED_ERRORS` ended it.
    """
    try:
        with progress.step(title) as running:
            yield running
    except EXPECTED_ERRORS as error:
        raise StepFailedError(title, error) from error
