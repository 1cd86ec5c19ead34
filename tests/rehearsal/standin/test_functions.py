"""Function calls, over gRPC."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio
import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.standin.wire import Decoded
from tests.rehearsal.standin.protocol import returned, wire


async def test_invoke(engine: Any) -> None:
    request = provider_pb2.InvokeRequest(tok="toy:index:echo", args=wire({"a": [1, "x"]}))
    assert returned(await engine.Invoke(request)) == Decoded({"a": [1, "x"]})


async def test_a_function_given_a_secret_answers_with_secrets(engine: Any) -> None:
    args = wire({"a": "hush", "b": 1}, [("a",)])
    request = provider_pb2.InvokeRequest(tok="toy:index:echo", args=args)
    assert returned(await engine.Invoke(request)).secrets == {("a",), ("b",)}


async def test_refused_arguments(engine: Any) -> None:
    request = provider_pb2.InvokeRequest(tok="toy:index:echo", args=wire({"forbidden": 1}))
    response = await engine.Invoke(request)
    assert [(f.property, f.reason) for f in response.failures] == [
        ("forbidden", "must not be given")
    ]


async def test_an_unknown_function_is_refused_by_name(engine: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await engine.Invoke(provider_pb2.InvokeRequest(tok="toy:index:nothing"))
    assert refused.value.details() == "toy: the stand-in does not answer toy:index:nothing"


@pytest.mark.parametrize("method", ["Construct", "Call", "GetMapping", "Parameterize"])
async def test_what_only_other_providers_do_is_not_implemented(engine: Any, method: str) -> None:
    request = getattr(provider_pb2, f"{method}Request")()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await getattr(engine, method)(request)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
