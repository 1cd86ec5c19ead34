"""Running the real Helm."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Final

RENDER_SECONDS: Final = 60.0
"""The largest chart of this project renders in two seconds on two cores."""


class HelmError(Exception):
    """Helm refused; the text is its own."""


async def run(
    arguments: Sequence[str],
    *,
    home: Path,
    stdin: str = "",
    timeout_seconds: float = RENDER_SECONDS,
) -> str:
    """Run ``helm ARGUMENTS`` and return what it prints.

    ``home`` takes Helm's caches and configuration, so that the user's own are neither read nor
    written; ``timeout_seconds`` is how long it may take. Raises HelmError.
    """
    helm = shutil.which("helm")
    if helm is None:
        raise HelmError("helm is not on the PATH of the Kubernetes plugin")
    places = {f"HELM_{part}_HOME": str(home / part.lower()) for part in ("CACHE", "CONFIG", "DATA")}
    process = await asyncio.create_subprocess_exec(
        helm,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | places,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout_seconds):
            stdout, stderr = await process.communicate(stdin.encode())
    except TimeoutError as error:
        raise HelmError(
            f"helm {arguments[0]} did not end within {timeout_seconds:.0f} s"
        ) from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode:
        raise HelmError(stderr.decode(errors="replace").strip().removeprefix("Error: "))
    return stdout.decode()
