"""A Secret's contents reach the engine marked as secret and in no other way."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from rehearsal.standin.servicer import ProviderServicer
from rehearsal.standin.wire import SECRET, SIGNATURE_KEY, decode
from tests.rehearsal.cluster import Cluster
from tests.rehearsal.kubernetes.stage import Stage, core, resource
from tests.rehearsal.standin.protocol import init_failed, wire

CANARY = "canary-in-the-mine"
ENCODED = base64.b64encode(CANARY.encode()).decode()
TYPE = core("Secret")
WHO: dict[str, Any] = {"urn": resource(TYPE).urn, "type": TYPE, "name": "it"}


async def _served(stage: Stage) -> AsyncIterator[Any]:
    server = grpc.aio.server()
    servicer = ProviderServicer(stage.provider, lambda address: None)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    await server.stop(0)


@pytest.fixture
async def engine(stage: Stage) -> AsyncIterator[Any]:
    """What the engine holds in its hand."""
    async for stub in _served(stage):
        yield stub


@pytest.fixture
async def hasty_engine(impatient: Stage) -> AsyncIterator[Any]:
    """The same, before a provider that gives up after two seconds."""
    async for stub in _served(impatient):
        yield stub


def inputs(stage: Stage, **changes: Any) -> dict[str, Any]:
    secret = {"apiVersion": "v1", "kind": "Secret", "stringData": {"password": CANARY}}
    return {**secret, **stage.named("it"), **changes}


def in_plain(message: struct_pb2.Struct) -> str:
    """All texts of a message but those marked as secret."""
    return " ".join(_texts(message))


def _texts(struct: struct_pb2.Struct) -> list[str]:
    if SIGNATURE_KEY in struct.fields and struct.fields[SIGNATURE_KEY].string_value == SECRET:
        return []
    return [text for key, value in struct.fields.items() for text in [key, *_texts_of(value)]]


def _texts_of(value: struct_pb2.Value) -> list[str]:
    match value.WhichOneof("kind"):
        case "struct_value":
            return _texts(value.struct_value)
        case "list_value":
            return [text for item in value.list_value.values for text in _texts_of(item)]
        case _:
            return [value.string_value]


def kept_secret(message: struct_pb2.Struct, expected: Mapping[str, str]) -> None:
    """The message has the contents, and has them only as secrets."""
    decoded = decode(message)
    for name, text in expected.items():
        assert decoded.values[name] == {"password": text}
        assert (name,) in decoded.secrets or (name, "password") in decoded.secrets
    assert CANARY not in in_plain(message)
    assert ENCODED not in in_plain(message)


# The engine marks what a program says is secret; a Secret's contents are so even when it does not.
@pytest.mark.parametrize("marked", [[("stringData", "password")], [("stringData",)], []])
async def test_create_update_and_read(engine: Any, stage: Stage, marked: list[Any]) -> None:
    given = wire(inputs(stage), marked)
    preview = provider_pb2.CreateRequest(**WHO, properties=given, preview=True)
    kept_secret((await engine.Create(preview)).properties, {})
    created = await engine.Create(provider_pb2.CreateRequest(**WHO, properties=given))
    kept_secret(created.properties, {"data": ENCODED})
    labelled = inputs(stage)
    labelled["metadata"] = {**labelled["metadata"], "labels": {"a": "b"}}
    update = provider_pb2.UpdateRequest(
        **WHO,
        id=created.id,
        old_inputs=given,
        olds=created.properties,
        news=wire(labelled, marked),
    )
    updated = await engine.Update(update)
    kept_secret(updated.properties, {"data": ENCODED})
    read = await engine.Read(
        provider_pb2.ReadRequest(**WHO, id=created.id, inputs=given, properties=updated.properties)
    )
    kept_secret(read.properties, {"data": ENCODED})
    kept_secret(read.inputs, {"stringData": CANARY})


async def test_an_import(engine: Any, stage: Stage, cluster: Cluster) -> None:
    cluster.create(inputs(stage))
    request = provider_pb2.ReadRequest(**WHO, id=f"{stage.namespace}/it")
    read = await engine.Read(request)
    kept_secret(read.properties, {"data": ENCODED})
    kept_secret(read.inputs, {"data": ENCODED})


async def test_a_secret_that_is_there_and_not_ready(hasty_engine: Any, impatient: Stage) -> None:
    given = inputs(impatient)
    waits = {"pulumi.com/waitFor": "jsonpath={.metadata.labels.ready}=yes"}
    given["metadata"] = {**given["metadata"], "annotations": waits}
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await hasty_engine.Create(provider_pb2.CreateRequest(**WHO, properties=wire(given)))
    detail = init_failed(failed.value)
    kept_secret(detail.properties, {"data": ENCODED})
    kept_secret(detail.inputs, {})
    told = f"{failed.value.details()} {list(detail.reasons)}"
    assert CANARY not in told
    assert ENCODED not in told
