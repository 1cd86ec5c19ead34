"""The controllers' process: runs until SIGTERM, or until the rehearsal's folder is removed.

``python -m rehearsal.controllers --kubeconfig FILE --ready-file FILE --processes FILE``
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from lightkube import AsyncClient, KubeConfig
from lightkube.resources.core_v1 import Service

from rehearsal.controllers.abandoned import end_others, until_abandoned
from rehearsal.controllers.load_balancers import LoadBalancers
from rehearsal.controllers.provisioner import Provisioner
from rehearsal.controllers.volume_lifecycle import Attacher, Expander, Reclaimer
from rehearsal.controllers.volumes import Volumes
from rehearsal.controllers.watching import Watched
from rehearsal.controlplane.processes import ProcessFile


async def run(kubeconfig: Path, ready: Callable[[], None]) -> None:
    """Run all controllers until the task is cancelled; ``ready`` is called once they watch."""
    # Without the environment: a proxy must not stand between this and the loopback interface.
    client = AsyncClient(
        KubeConfig.from_file(kubeconfig),
        field_manager="rehearsal-controllers",
        trust_env=False,
    )
    volumes = Volumes.of(client)
    services = Watched(client, Service)
    watched: list[Watched[Any]] = [
        volumes.claims,
        volumes.volumes,
        volumes.classes,
        volumes.csi_nodes,
        volumes.attachments,
        services,
    ]
    controllers = [
        Provisioner(client, volumes),
        Attacher(client, volumes),
        Expander(client, volumes),
        Reclaimer(client, volumes),
        LoadBalancers(client, services),
    ]
    async with asyncio.TaskGroup() as group:
        for source in watched:
            group.create_task(source.run())
        for source in watched:
            await source.listed.wait()
        # Only now: what a controller decides may depend on more than one kind.
        for controller in controllers:
            group.create_task(controller.run())
        ready()


async def run_until_ended(kubeconfig: Path, ready_file: Path, processes: ProcessFile) -> None:
    """:func:`run` until SIGTERM or SIGINT, or until the rehearsal is abandoned."""
    task = asyncio.create_task(run(kubeconfig, ready_file.touch))
    abandoned = asyncio.create_task(until_abandoned(processes))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    await asyncio.wait({task, abandoned}, return_when=asyncio.FIRST_COMPLETED)
    if abandoned.done():
        task.cancel()
        end_others(abandoned.result())
    with contextlib.suppress(asyncio.CancelledError):
        await task


@click.command()
@click.option("--kubeconfig", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--ready-file", required=True, type=click.Path(path_type=Path))
@click.option("--processes", required=True, type=click.Path(exists=True, path_type=Path))
def main(kubeconfig: Path, ready_file: Path, processes: Path) -> None:
    """Run the controllers of the rehearsal against the API server of KUBECONFIG."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # One line for each request would drown what the controllers have to say.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    asyncio.run(run_until_ended(kubeconfig, ready_file, ProcessFile(processes)))


if __name__ == "__main__":
    main()
