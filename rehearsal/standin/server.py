"""Runs a stand-in as the plugin process that the engine expects.

The engine starts the executable with its own address as the last argument, reads the port from the
first line on stdout, and ends the plugin with SIGINT; whatever the plugin says on stderr it keeps
to itself unless the plugin dies.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import grpc
import grpc.aio
from pulumi.runtime.proto import provider_pb2_grpc

from rehearsal.paths import STACK_DIR_VARIABLE
from rehearsal.standin.provider import Provider
from rehearsal.standin.servicer import ProviderServicer

GRACE_SECONDS: Final = 2.0
"""How long calls under way may take to end once the plugin is told to stop. The engine kills a
plugin five seconds after the signal (``ExecPlugin`` in pulumi's ``plugin.go``)."""

_MESSAGE_BYTES: Final = 400 * 1024 * 1024
"""The engine's own limit (``rpcutil.GrpcChannelOptions``)."""

_OPTIONS: Final = (
    ("grpc.max_receive_message_length", _MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),
)


def serve(provider: Provider, argv: Sequence[str] | None = None) -> None:
    """Serve ``provider`` until SIGTERM, SIGINT, or until the engine is gone.

    ``argv`` are the arguments that the engine gives a plugin (by default the process's own): flags
    about logging, which are ignored, and the engine's address.
    """
    arguments = sys.argv[1:] if argv is None else argv
    engine = next((arg for arg in reversed(arguments) if not arg.startswith("-")), None)
    _log_to_file(provider)
    gc.freeze()
    gc.enable()
    asyncio.run(_serve(provider, engine))


def _log_to_file(provider: Provider) -> None:
    """In a rehearsal, keep what the engine would hide: ``<stack directory>/logs/``."""
    stack_dir = os.environ.get(STACK_DIR_VARIABLE)
    handler: logging.Handler = logging.StreamHandler()
    if stack_dir:
        log = Path(stack_dir) / "logs" / f"plugin-{provider.package}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(log, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


async def _serve(provider: Provider, engine: str | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    watches: list[asyncio.Task[None]] = []

    def watch(address: str) -> None:
        watches.append(loop.create_task(_until_gone(address, stop)))

    server = grpc.aio.server(options=_OPTIONS)
    servicer = ProviderServicer(provider, watch)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    if engine is not None:
        watch(engine)

    await stop.wait()
    provider.cancelled.set()
    await server.stop(GRACE_SECONDS)
    for task in watches:
        task.cancel()
    await asyncio.gather(*watches, return_exceptions=True)


async def _until_gone(engine: str, stop: asyncio.Event) -> None:
    """Set ``stop`` when the engine can no longer be reached, without asking it time and again."""
    options = (("grpc.enable_http_proxy", 0),)
    async with grpc.aio.insecure_channel(engine, options) as channel:
        state = channel.get_state(try_to_connect=True)
        while state not in (
            grpc.ChannelConnectivity.TRANSIENT_FAILURE,
            grpc.ChannelConnectivity.SHUTDOWN,
        ):
            await channel.wait_for_state_change(state)
            state = channel.get_state(try_to_connect=True)
    stop.set()
