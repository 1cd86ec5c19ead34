"""Create, read, update and delete, many at once, over gRPC."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import grpc.aio
import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.standin.provider import Prior, Resource, State
from rehearsal.standin.values import UNKNOWN, Properties
from rehearsal.standin.wire import Decoded, decode
from tests.rehearsal.standin.protocol import URN, WHO, wire
from tests.rehearsal.standin.toy import TYPE, ToyProvider


async def test_a_preview_answers_with_unknowns_and_makes_nothing(
    engine: Any, toy: ToyProvider
) -> None:
    request = provider_pb2.CreateRequest(
        **WHO, properties=wire({"name": "car", "size": UNKNOWN}), preview=True
    )
    response = await engine.Create(request)
    assert response.id == ""
    assert decode(response.properties).values == {
        "name": "car",
        "size": UNKNOWN,
        "address": UNKNOWN,
        "token": UNKNOWN,
    }
    assert toy.things() == {}


async def test_outputs_of_secret_inputs_and_named_outputs_are_secret(engine: Any) -> None:
    properties = wire(
        {"name": "car", "note": "hush", "tags": {"a": "x"}}, [("note",), ("tags", "a")]
    )
    response = await engine.Create(provider_pb2.CreateRequest(**WHO, properties=properties))
    assert decode(response.properties).secrets == {("note",), ("tags",), ("token",)}


async def test_whole_numbers_arrive_as_integers(engine: Any, toy: ToyProvider) -> None:
    properties = wire({"name": "car", "size": 2.0, "weight": 0.5})
    await engine.Create(provider_pb2.CreateRequest(**WHO, properties=properties))
    stored = toy.things()["thing-0"]
    assert (stored["size"], type(stored["size"])) == (2, int)
    assert stored["weight"] == 0.5


async def test_an_unknown_output_after_a_real_operation_is_an_error(
    engine: Any, toy: ToyProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def create(resource: Resource, inputs: Properties, *, preview: bool) -> State:
        return State("id", {"address": {"host": UNKNOWN}})

    monkeypatch.setattr(toy, "create", create)
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await engine.Create(provider_pb2.CreateRequest(**WHO, properties=wire({})))
    assert failed.value.details() == "address.host is still unknown after the operation"


async def test_old_inputs_and_outputs_reach_diff_update_and_delete(
    engine: Any, toy: ToyProvider
) -> None:
    inputs: Properties = {"name": "car"}
    outputs: Properties = {"name": "car", "address": "toy://car"}
    prior = Prior("thing-0", inputs, outputs)
    old: dict[str, Any] = {"id": "thing-0", "old_inputs": wire(inputs)}
    await engine.Diff(provider_pb2.DiffRequest(**WHO, **old, olds=wire(outputs), news=wire(inputs)))
    await engine.Update(
        provider_pb2.UpdateRequest(
            **WHO, **old, olds=wire(outputs), news=wire({"name": "car", "size": 3})
        )
    )
    await engine.Delete(provider_pb2.DeleteRequest(**WHO, **old, properties=wire(outputs)))
    who = Resource(URN, TYPE, "car")
    assert toy.seen == [("diff", who, prior), ("update", who, prior), ("delete", who, prior)]


async def test_read_finds_what_is_there_and_keeps_its_secrets(
    engine: Any, toy: ToyProvider
) -> None:
    inputs = wire({"name": "car", "note": "hush"}, [("note",)])
    created = await engine.Create(provider_pb2.CreateRequest(**WHO, properties=inputs))
    response = await engine.Read(
        provider_pb2.ReadRequest(**WHO, id=created.id, inputs=inputs, properties=created.properties)
    )
    assert response.id == created.id
    assert decode(response.inputs) == Decoded(
        {"name": "car", "note": "hush"}, frozenset({("note",)})
    )
    assert decode(response.properties).secrets == {("note",), ("token",)}


async def test_read_of_what_is_gone_answers_without_an_id(engine: Any) -> None:
    response = await engine.Read(provider_pb2.ReadRequest(**WHO, id="thing-9"))
    assert response == provider_pb2.ReadResponse()


async def test_read_without_inputs_of_its_own_keeps_the_old_ones(
    engine: Any, toy: ToyProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(resource: Resource, prior: Prior) -> State | None:
        return State(prior.id, {"name": "car"})

    monkeypatch.setattr(toy, "read", read)
    inputs = wire({"name": "car", "note": "hush"}, [("note",)])
    response = await engine.Read(provider_pb2.ReadRequest(**WHO, id="thing-0", inputs=inputs))
    assert decode(response.inputs) == decode(inputs)


async def test_the_programs_timeout_reaches_the_provider(engine: Any, toy: ToyProvider) -> None:
    await engine.Delete(
        provider_pb2.DeleteRequest(**WHO, id="t", old_inputs=wire({"name": "car"}), timeout=90)
    )
    assert toy.seen[0][1].timeout_seconds == 90


async def test_operations_run_at_once(
    engine: Any, toy: ToyProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of four creates ends only after all four have begun."""
    together = asyncio.Barrier(4)

    async def create(resource: Resource, inputs: Properties, *, preview: bool) -> State:
        await together.wait()
        return State(str(inputs["name"]), inputs)

    monkeypatch.setattr(toy, "create", create)
    requests = [
        provider_pb2.CreateRequest(**WHO, properties=wire({"name": name})) for name in "abcd"
    ]
    responses = await asyncio.gather(*(engine.Create(request) for request in requests))
    assert [response.id for response in responses] == list("abcd")
