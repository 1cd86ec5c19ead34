from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi import Output
from pulumi.output import contains_unknowns
from pulumi.runtime import rpc, settings

from rehearsal.standin.values import UNKNOWN, Properties, Value
from rehearsal.standin.wire import EXACT_INTEGERS, Decoded, WireError, decode, encode

SIGNATURE = "4dabf18193072939515e22adb298388d"

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-EXACT_INTEGERS, EXACT_INTEGERS)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not x.is_integer())
    | st.text()
    | st.just(UNKNOWN)
)
values: st.SearchStrategy[Value] = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def struct(**fields: Any) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    message.update(fields)
    return message


@given(st.dictionaries(st.text(), values))
def test_values_survive_the_way_there_and_back(properties: Properties) -> None:
    assert decode(encode(properties, allow_unknown=True)) == Decoded(properties)


def test_secrets_survive_the_way_there_and_back() -> None:
    properties: Properties = {"a": {"b": ["x", "y"]}, "c": {"d": 1}, "e": None}
    secrets = frozenset({("a", "b", 1), ("c",), ("e",)})
    assert decode(encode(properties, secrets)) == Decoded(properties, secrets)


def test_a_secret_within_a_secret_is_marked_once() -> None:
    assert decode(encode({"a": {"b": 1}}, [("a",), ("a", "b")])).secrets == {("a",)}


def test_the_sdk_reads_what_is_written() -> None:
    written = encode({"a": UNKNOWN, "b": "hush", "c": 1}, [("b",)], allow_unknown=True)
    read = rpc.deserialize_properties(written, keep_unknowns=True)
    assert rpc.is_rpc_secret(read["b"])
    assert rpc.unwrap_rpc_secret(read["b"]) == "hush"
    assert contains_unknowns(read["a"])
    assert read["c"] == 1


async def test_what_the_sdk_writes_is_read() -> None:
    unknown = Output.from_input({"deep": [1, 2.5]}).apply(lambda x: x)
    settings.reset_options()
    written = await rpc.serialize_properties(
        {"known": unknown, "text": "x", "none": None, "nested": {"secret": "y"}}, {}
    )
    assert decode(written).values == {
        "known": {"deep": [1, 2.5]},
        "text": "x",
        "nested": {"secret": "y"},
    }


@pytest.mark.parametrize(
    "mark",
    [
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # a string
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # an array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an object
    ],
)
def test_the_engine_marks_an_unknown_with_what_it_would_be(mark: str) -> None:
    assert decode(struct(a=[mark])).values == {"a": [UNKNOWN]}


def test_output_values() -> None:
    signature = {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4"}
    decoded = decode(
        struct(
            known={**signature, "value": {"a": 1}, "dependencies": ["urn"]},
            unknown={**signature, "secret": True},
        )
    )
    assert decoded == Decoded({"known": {"a": 1}, "unknown": UNKNOWN}, frozenset({("unknown",)}))


def test_an_unknown_secret() -> None:
    decoded = decode(encode({"a": UNKNOWN}, [("a",)], allow_unknown=True))
    assert decoded == Decoded({"a": UNKNOWN}, frozenset({("a",)}))


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        ("c44067f5952c0a294b673a41bacd8c17", "an asset"),
        ("0def7320c3a5731c473e5ecbe6d01bc7", "an archive"),
        ("5cf8f73096256a8f31e491e813e4eb8e", "a resource reference"),
        ("new", "a value with the signature new"),
    ],
)
def test_what_is_not_plain_is_refused_with_its_path(signature: str, words: str) -> None:
    with pytest.raises(WireError, match=rf"^a\.b\[0\] is {words}: stand-ins take plain values"):
        decode(struct(a={"b": [{SIGNATURE: signature}]}))


def test_an_unknown_value_is_refused_where_all_must_be_known() -> None:
    with pytest.raises(WireError, match=r"^a\[0\] is still unknown after the operation$"):
        encode({"a": [UNKNOWN]})


def test_an_integer_that_would_arrive_as_another_is_refused() -> None:
    with pytest.raises(WireError, match="too large to be exact"):
        encode({"a": EXACT_INTEGERS + 1})


def test_what_has_no_wire_format_is_refused() -> None:
    with pytest.raises(WireError, match=r"^a: a bytes has no wire format$"):
        encode({"a": b"x"})


def test_whole_numbers_are_integers_and_booleans_stay_booleans() -> None:
    values = decode(struct(a=3.0, b=2.5, c=True)).values
    assert [(name, type(value)) for name, value in values.items()] == [
        ("a", int),
        ("b", float),
        ("c", bool),
    ]
