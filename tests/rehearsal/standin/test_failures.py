"""What goes wrong, over gRPC: refusals, partial failures, bugs, interrupts."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from rehearsal.standin.provider import PartialFailure, Prior, Resource, State
from rehearsal.standin.wire import Decoded, decode
from tests.rehearsal.standin.protocol import PATIENCE_SECONDS, WHO, init_failed, wire
from tests.rehearsal.standin.toy import REFUSAL, ToyProvider


async def test_a_refusal_reads_as_the_cloud_wrote_it(engine: Any, toy: ToyProvider) -> None:
    toy.order(car="refuse")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await engine.Create(provider_pb2.CreateRequest(**WHO, properties=wire({"name": "car"})))
    assert refused.value.details() == REFUSAL
    assert refused.value.code() is grpc.StatusCode.UNKNOWN


async def test_created_but_failed_carries_the_state_and_its_secrets(
    engine: Any, toy: ToyProvider
) -> None:
    toy.order(car="partial")
    properties = wire({"name": "car", "note": "hush"}, [("note",)])
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await engine.Create(provider_pb2.CreateRequest(**WHO, properties=properties))
    detail = init_failed(failed.value)
    assert detail.id == "thing-0"
    assert list(detail.reasons) == ["it does not start", "it does not answer"]
    assert decode(detail.properties) == Decoded(
        {"name": "car", "note": "hush", "address": "toy://car", "token": "tok-thing-0-create"},
        frozenset({("note",), ("token",)}),
    )


@pytest.mark.parametrize("method", ["Update", "Read"])
async def test_update_and_read_fail_partially_too(
    engine: Any, toy: ToyProvider, method: str
) -> None:
    inputs = wire({"name": "car", "note": "hush"}, [("note",)])
    created = await engine.Create(provider_pb2.CreateRequest(**WHO, properties=inputs))
    toy.order(car="partial")
    requests = {
        "Update": provider_pb2.UpdateRequest(
            **WHO, id=created.id, old_inputs=inputs, olds=created.properties, news=inputs
        ),
        "Read": provider_pb2.ReadRequest(
            **WHO, id=created.id, inputs=inputs, properties=created.properties
        ),
    }
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await getattr(engine, method)(requests[method])
    detail = init_failed(failed.value)
    assert detail.id == created.id
    assert ("note",) in decode(detail.properties).secrets
    if method == "Read":
        assert decode(detail.inputs).secrets == {("note",)}


async def test_a_failed_read_without_inputs_of_its_own_keeps_the_old_ones(
    engine: Any, toy: ToyProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(resource: Resource, prior: Prior) -> State | None:
        raise PartialFailure(State(prior.id, {"name": "car"}), ["it does not answer"])

    monkeypatch.setattr(toy, "read", read)
    inputs = wire({"name": "car", "note": "hush"}, [("note",)])
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await engine.Read(provider_pb2.ReadRequest(**WHO, id="thing-0", inputs=inputs))
    assert decode(init_failed(failed.value).inputs) == decode(inputs)


async def test_a_bug_is_named_without_a_traceback_and_without_secrets(
    engine: Any, toy: ToyProvider, caplog: pytest.LogCaptureFixture
) -> None:
    toy.order(car="crash")
    properties = wire({"name": "car", "note": "hush-hush"}, [("note",)])
    with caplog.at_level(logging.ERROR), pytest.raises(grpc.aio.AioRpcError) as failed:
        await engine.Create(provider_pb2.CreateRequest(**WHO, properties=properties))
    assert failed.value.code() is grpc.StatusCode.INTERNAL
    assert failed.value.details() == "the stand-in failed: KeyError: 'no such thing [secret]'"
    assert "Traceback" in caplog.text
    assert "hush-hush" not in caplog.text


async def test_cancel_ends_what_waits_and_keeps_what_was_made(
    engine: Any, toy: ToyProvider
) -> None:
    toy.order(car="hang")
    call = engine.Create(provider_pb2.CreateRequest(**WHO, properties=wire({"name": "car"})))
    waiting = asyncio.ensure_future(call)
    await asyncio.wait_for(toy.hanging.wait(), PATIENCE_SECONDS)
    assert not waiting.done()
    await engine.Cancel(empty_pb2.Empty())
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await asyncio.wait_for(waiting, PATIENCE_SECONDS)
    assert list(init_failed(failed.value).reasons) == ["the operation was interrupted"]
    assert list(toy.things()) == ["thing-0"]
