"""Check and diff, over gRPC."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import grpc
import grpc.aio
import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.standin.provider import Checked, Resource
from rehearsal.standin.values import UNKNOWN, Properties
from rehearsal.standin.wire import Decoded, decode
from tests.rehearsal.standin.protocol import URN, WHO, wire
from tests.rehearsal.standin.toy import ToyProvider

PropertyDiff = provider_pb2.PropertyDiff
DiffResponse = provider_pb2.DiffResponse


async def test_check_sees_unknowns_and_plain_values_and_returns_unknowns_and_secrets(
    engine: Any, toy: ToyProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Properties | None, Properties]] = []

    async def check(resource: Resource, old: Properties | None, new: Properties) -> Checked:
        seen.append((old, new))
        return Checked({"size": 1, **new})

    monkeypatch.setattr(toy, "check", check)
    given: Properties = {"name": UNKNOWN, "note": "hush", "tags": {"a": "x", "b": "y"}}
    response = await engine.Check(
        provider_pb2.CheckRequest(**WHO, news=wire(given, [("note",), ("tags", "b")]))
    )
    assert seen == [(None, given)]
    assert decode(response.inputs) == Decoded(
        {"size": 1, **given}, frozenset({("note",), ("tags", "b")})
    )


async def test_check_failures_carry_their_property(engine: Any) -> None:
    response = await engine.Check(
        provider_pb2.CheckRequest(**WHO, news=wire({"name": "car", "size": -1}))
    )
    assert [(f.property, f.reason) for f in response.failures] == [("size", "-1 is negative")]


async def test_an_unknown_type_is_refused_by_name(engine: Any) -> None:
    request = provider_pb2.CheckRequest(urn=URN, type="toy:index:Nothing", news=wire({}))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await engine.Check(request)
    assert refused.value.details() == "toy: the stand-in does not know the type toy:index:Nothing"


async def test_an_asset_is_refused_with_its_path(engine: Any) -> None:
    asset: Properties = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17"}
    request = provider_pb2.CheckRequest(**WHO, news=wire({"files": [asset]}))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await engine.Check(request)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details() == "files[0] is an asset: stand-ins take plain values only"


def diff_request(
    old: Properties, new: Properties, outputs: Properties | None = None, ignore: Iterable[str] = ()
) -> provider_pb2.DiffRequest:
    live = {**old, "address": f"toy://{old['name']}"} if outputs is None else outputs
    return provider_pb2.DiffRequest(
        **WHO,
        id="thing-0",
        old_inputs=wire(old),
        olds=wire(live),
        news=wire(new),
        ignoreChanges=list(ignore),
    )


async def test_no_difference(engine: Any) -> None:
    same: Properties = {"name": "car", "size": 2, "tags": {"a": "x"}}
    diff = await engine.Diff(diff_request(same, same))
    assert diff.changes == DiffResponse.DIFF_NONE
    assert diff.hasDetailedDiff
    assert not diff.detailedDiff
    assert not diff.replaces


async def test_differences_are_detailed_and_name_what_replaces(engine: Any) -> None:
    old: Properties = {"name": "car", "size": 2, "region": "jed", "tags": {"a": "x", "b": "y"}}
    new: Properties = {"name": "car", "size": 3, "region": "ruh", "tags": {"a": "x", "c.d": "z"}}
    diff = await engine.Diff(diff_request(old, new))
    assert diff.changes == DiffResponse.DIFF_SOME
    assert {path: change.kind for path, change in diff.detailedDiff.items()} == {
        "size": PropertyDiff.UPDATE,
        "region": PropertyDiff.UPDATE_REPLACE,
        "tags.b": PropertyDiff.DELETE,
        'tags["c.d"]': PropertyDiff.ADD,
    }
    assert all(change.inputDiff for change in diff.detailedDiff.values())
    assert list(diff.diffs) == ["region", "size", "tags"]
    assert list(diff.replaces) == ["region"]
    assert not diff.deleteBeforeReplace


async def test_delete_before_replace(engine: Any) -> None:
    old: Properties = {"name": "car", "unique": True, "region": "jed"}
    diff = await engine.Diff(diff_request(old, {**old, "region": "ruh"}))
    assert diff.deleteBeforeReplace


async def test_drift_is_not_an_input_diff(engine: Any) -> None:
    same: Properties = {"name": "car"}
    diff = await engine.Diff(diff_request(same, same, outputs={"address": "toy://moved"}))
    assert diff.detailedDiff["address"].kind == PropertyDiff.UPDATE
    assert not diff.detailedDiff["address"].inputDiff


async def test_ignored_changes_reach_the_provider(engine: Any) -> None:
    old: Properties = {"name": "car", "tags": {"a": "x"}, "size": 1}
    new: Properties = {"name": "car", "tags": {"a": "y"}, "size": 2}
    diff = await engine.Diff(diff_request(old, new, ignore=["tags.a"]))
    assert list(diff.detailedDiff) == ["size"]


async def test_an_unknown_value_is_a_change(engine: Any) -> None:
    old: Properties = {"name": "car", "size": 1}
    diff = await engine.Diff(diff_request(old, {"name": "car", "size": UNKNOWN}))
    assert diff.detailedDiff["size"].kind == PropertyDiff.UPDATE
