"""The plugin as a process: the port, the signals, the engine's end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import grpc
import grpc.aio
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from rehearsal.paths import REPOSITORY, STACK_DIR_VARIABLE
from tests.rehearsal.standin.protocol import PATIENCE_SECONDS, WHO, appears, init_failed, wire
from tests.rehearsal.standin.toy import ToyProvider

Start = Callable[..., Awaitable[tuple[Process, int]]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts the toy plugin with arguments; gives the process and its port."""
    processes: list[Process] = []

    async def start(*arguments: str, **environment: str) -> tuple[Process, int]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.rehearsal.standin.toy",
            *arguments,
            cwd=REPOSITORY.root,
            # gRPC's own remarks about connections that end are not the plugin's.
            env={**os.environ, "TOY_DIR": str(tmp_path), "GRPC_VERBOSITY": "NONE", **environment},
            stdout=PIPE,
            stderr=PIPE,
        )
        processes.append(process)
        assert process.stdout is not None
        return process, int(await process.stdout.readline())

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def last_words(process: Process) -> tuple[bytes, bytes, int | None]:
    stdout, stderr = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    return stdout, stderr, process.returncode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_serves_until_told_to_stop_and_says_nothing(
    start: Start, number: signal.Signals
) -> None:
    process, port = await start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        assert (await stub.GetPluginInfo(empty_pb2.Empty())).version == ToyProvider.version
    process.send_signal(number)
    assert await last_words(process) == (b"", b"", 0)


async def test_a_signal_ends_what_waits(start: Start, tmp_path: Path) -> None:
    ToyProvider(tmp_path).order(car="hang")
    process, port = await start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        request = provider_pb2.CreateRequest(**WHO, properties=wire({"name": "car"}))
        waiting = asyncio.ensure_future(stub.Create(request))
        await asyncio.to_thread(appears, tmp_path / "hanging")
        process.send_signal(signal.SIGINT)
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await asyncio.wait_for(waiting, PATIENCE_SECONDS)
    assert init_failed(failed.value).id == "thing-0"
    assert await last_words(process) == (b"", b"", 0)


async def test_it_ends_with_the_engine(start: Start) -> None:
    engine = grpc.aio.server()
    address = f"127.0.0.1:{engine.add_insecure_port('127.0.0.1:0')}"
    await engine.start()
    process, port = await start("--logtostderr", "-v=9", address)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        await stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=address))
    assert process.returncode is None
    await engine.stop(0)
    assert await last_words(process) == (b"", b"", 0)


async def test_it_ends_when_there_is_no_engine(start: Start) -> None:
    process, _ = await start("127.0.0.1:1")
    assert await last_words(process) == (b"", b"", 0)


async def test_in_a_rehearsal_a_bug_is_kept_in_the_stacks_log(start: Start, tmp_path: Path) -> None:
    ToyProvider(tmp_path).order(car="crash")
    process, port = await start(**{STACK_DIR_VARIABLE: str(tmp_path / "stack")})
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        request = provider_pb2.CreateRequest(**WHO, properties=wire({"name": "car"}))
        with pytest.raises(grpc.aio.AioRpcError):
            await stub.Create(request)
    process.terminate()
    assert await last_words(process) == (b"", b"", 0)
    log = (tmp_path / "stack" / "logs" / "plugin-toy.log").read_text()
    assert "Traceback" in log
    assert "KeyError" in log
