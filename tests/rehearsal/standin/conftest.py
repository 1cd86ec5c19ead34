from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from rehearsal.standin.servicer import ProviderServicer
from rehearsal.toolchain import PulumiCli, Toolchain, pulumi_cli
from tests.rehearsal.standin.toy import ToyProvider
from tests.rehearsal.standin.toys import ToyStack


@pytest.fixture
def toy(tmp_path: Path) -> ToyProvider:
    return ToyProvider(tmp_path)


@pytest.fixture
async def engine(toy: ToyProvider) -> AsyncIterator[Any]:
    """What the engine holds in its hand: a client of the toy provider's gRPC server."""
    server = grpc.aio.server()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(
        ProviderServicer(toy, lambda address: None), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    await server.stop(0)


@pytest.fixture(scope="session")
def pulumi() -> PulumiCli:
    return pulumi_cli(Toolchain())


@pytest.fixture
def toys(tmp_path: Path, pulumi: PulumiCli) -> ToyStack:
    """A stack of toys on the real engine."""
    return ToyStack(tmp_path, pulumi)
