"""The random stand-in against the installed SDK and the real provider's documented behaviour."""

from __future__ import annotations

import base64
import inspect
import re
import string
import uuid
from typing import Any

import bcrypt
import pulumi_random
import pytest

from rehearsal.engine.plugins import sdk_version
from rehearsal.random.generators import SPECIAL
from rehearsal.random.provider import RandomProvider
from rehearsal.standin.provider import Change, CloudError, Prior, Resource, State
from rehearsal.standin.values import UNKNOWN, Properties

PROVIDER = RandomProvider()
NAMES = ["RandomString", "RandomPassword", "RandomId", "RandomBytes", "RandomUuid"]


def a(name: str) -> Resource:
    type_ = f"random:index/{name[0].lower()}{name[1:]}:{name}"
    return Resource(f"urn:pulumi:s::p::{type_}::x", type_, "x")


async def create(name: str, **inputs: Any) -> State:
    return await PROVIDER.create(a(name), inputs, preview=False)


async def refusals(name: str, **inputs: Any) -> dict[str, str]:
    checked = await PROVIDER.check(a(name), None, inputs)
    assert checked.inputs == inputs
    return {failure.property: failure.reason for failure in checked.failures}


async def changes(name: str, old: Properties, new: Properties) -> dict[str, Change]:
    diff = await PROVIDER.diff(a(name), Prior("id", old, old), new, ())
    return dict(diff.changes)


# -- what the SDK says ---------------------------------------------------------------------


def camel(parameters: object) -> set[str]:
    names = inspect.signature(parameters).parameters  # type: ignore[arg-type] # a generated class
    words = (name.split("_") for name in names)
    return {first + "".join(word.title() for word in rest) for first, *rest in words}


@pytest.mark.parametrize("name", NAMES)
def test_inputs_and_outputs_are_those_of_the_sdk(name: str) -> None:
    module = inspect.getmodule(getattr(pulumi_random, name))
    type_ = RandomProvider.types[a(name).type]
    assert set(type_.inputs) == camel(getattr(pulumi_random, f"{name}Args"))
    assert {*type_.inputs, *type_.computed} == camel(getattr(module, f"_{name}State"))


@pytest.mark.parametrize("name", NAMES)
def test_secret_outputs_are_those_of_the_sdk(name: str) -> None:
    source = inspect.getsource(getattr(pulumi_random, name))
    declared = re.search(r"additional_secret_outputs=\[(.*)\]", source)
    expected = set(re.findall(r'"(\w+)"', declared[1])) if declared else set()
    assert RandomProvider.types[a(name).type].secrets == expected


def test_the_version_is_that_of_the_sdk() -> None:
    assert RandomProvider.version == sdk_version("random")


# -- what is generated ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["RandomString", "RandomPassword"])
async def test_minimums_are_kept(name: str) -> None:
    state = await create(
        name, length=20, minUpper=3, minLower=4, minNumeric=5, minSpecial=6, overrideSpecial="_-"
    )
    result = str(state.outputs["result"])
    assert len(result) == 20
    assert sum(c in string.ascii_uppercase for c in result) >= 3
    assert sum(c in string.ascii_lowercase for c in result) >= 4
    assert sum(c in string.digits for c in result) >= 5
    assert sum(c in "_-" for c in result) >= 6
    assert set(result) <= set(string.ascii_letters + string.digits + "_-")


async def test_the_minimums_do_not_come_first() -> None:
    state = await create("RandomString", length=60, upper=False, minUpper=30)
    result = str(state.outputs["result"])
    assert not result[:30].isupper()
    assert sum(c.isupper() for c in result) == 30


async def test_character_classes_left_out_are_left_out() -> None:
    for off, characters in {
        "upper": string.ascii_uppercase,
        "lower": string.ascii_lowercase,
        "numeric": string.digits,
        "number": string.digits,
        "special": SPECIAL,
    }.items():
        state = await create("RandomString", length=500, **{off: False})
        assert set(str(state.outputs["result"])).isdisjoint(characters), off


async def test_a_password_comes_with_its_bcrypt_hash() -> None:
    state = await create("RandomPassword", length=100)
    result, digest = str(state.outputs["result"]), str(state.outputs["bcryptHash"])
    assert state.id == "none"
    assert digest.startswith("$2a$10$")
    assert bcrypt.checkpw(result.encode()[:72], digest.encode())


async def test_defaults_are_outputs() -> None:
    outputs = dict((await create("RandomString", length=8, number=False)).outputs)
    outputs.pop("result")
    assert outputs == {
        "length": 8,
        "upper": True,
        "lower": True,
        "special": True,
        "number": False,
        "numeric": False,
        "minUpper": 0,
        "minLower": 0,
        "minNumeric": 0,
        "minSpecial": 0,
    }


async def test_an_id_is_spelt_four_ways() -> None:
    state = await create("RandomId", byteLength=9, prefix="p-")
    raw = bytes.fromhex(str(state.outputs["hex"]).removeprefix("p-"))
    assert len(raw) == 9
    assert state.id == base64.urlsafe_b64encode(raw).decode()
    assert state.outputs["b64Url"] == f"p-{state.id}"
    assert state.outputs["b64Std"] == f"p-{base64.b64encode(raw).decode()}"
    assert state.outputs["dec"] == f"p-{int.from_bytes(raw)}"


async def test_bytes_and_uuid() -> None:
    octets = await create("RandomBytes", length=32)
    raw = bytes.fromhex(str(octets.outputs["hex"]))
    assert len(raw) == 32
    assert octets.outputs["base64"] == base64.b64encode(raw).decode()
    identifier = await create("RandomUuid")
    assert str(uuid.UUID(identifier.id)) == identifier.id == identifier.outputs["result"]


async def test_two_are_never_the_same() -> None:
    first, second = (
        await create("RandomPassword", length=16),
        await create("RandomPassword", length=16),
    )
    assert first.outputs["result"] != second.outputs["result"]


async def test_a_preview_generates_nothing() -> None:
    state = await PROVIDER.create(a("RandomPassword"), {"length": UNKNOWN}, preview=True)
    assert state.outputs["result"] is state.outputs["bcryptHash"] is UNKNOWN
    assert state.outputs["length"] is UNKNOWN
    assert state.outputs["upper"] is True


# -- what is refused -----------------------------------------------------------------------


async def test_right_inputs_are_not_refused() -> None:
    assert (
        await refusals("RandomPassword", length=4, minUpper=2, minSpecial=2, keepers={"a": "b"})
        == {}
    )
    assert await refusals("RandomPassword", length=UNKNOWN, special=UNKNOWN, minUpper=9) == {}


@pytest.mark.parametrize(
    ("inputs", "refused"),
    [
        ({}, {"length": "required and missing"}),
        ({"length": 0}, {"length": "must be at least 1, got 0"}),
        ({"length": "16"}, {"length": "must be a whole number"}),
        ({"length": 8, "special": "no"}, {"special": "must be a boolean"}),
        ({"length": 8, "keepers": {"a": 1}}, {"keepers": "must be a map of strings"}),
        ({"length": 8, "overrideSpecial": 5}, {"overrideSpecial": "must be a string"}),
        (
            {"length": 3, "minUpper": 2, "minLower": 2},
            {"length": "must be at least 4 (minUpper + minLower + minNumeric + minSpecial), got 3"},
        ),
        (
            {"length": 8, "number": True, "numeric": False},
            {"number": "differs from numeric; number is deprecated, use numeric alone"},
        ),
        (
            {"length": 8, "upper": False, "lower": False, "numeric": False, "special": False},
            {"numeric": "one of upper, lower, numeric, special must be true"},
        ),
    ],
)
async def test_wrong_inputs_are_refused(inputs: dict[str, Any], refused: dict[str, str]) -> None:
    assert await refusals("RandomPassword", **inputs) == refused


async def test_an_unknown_input_is_refused_with_those_that_are_known() -> None:
    assert await refusals("RandomUuid", length=1) == {
        "length": "unknown input; this type takes keepers"
    }


async def test_an_unknown_type_is_refused_by_name() -> None:
    with pytest.raises(CloudError, match="does not know the type random:index/randomPet:RandomPet"):
        await PROVIDER.check(a("RandomPet"), None, {})


# -- what changes --------------------------------------------------------------------------


async def test_every_change_replaces() -> None:
    old: Properties = {"length": 8, "keepers": {"a": "1"}}
    assert await changes("RandomPassword", old, {"length": 9, "keepers": {"a": "2"}}) == {
        "length": Change.UPDATE_REPLACE,
        "keepers.a": Change.UPDATE_REPLACE,
    }
    assert await changes("RandomPassword", old, {**old, "upper": False}) == {
        "upper": Change.UPDATE_REPLACE
    }
    assert await changes("RandomPassword", old, {"length": 8}) == {"keepers": Change.DELETE_REPLACE}


async def test_a_default_written_out_changes_nothing() -> None:
    written: Properties = {"length": 8, "special": True, "minUpper": 0, "number": True}
    assert await changes("RandomPassword", {"length": 8}, written) == {}


async def test_keepers_without_meaning_and_an_emptied_override_keep_what_was_generated() -> None:
    old: Properties = {"length": 8, "overrideSpecial": ""}
    new: Properties = {"length": 8, "keepers": {}}
    assert await changes("RandomPassword", old, new) == {
        "keepers": Change.ADD,
        "overrideSpecial": Change.DELETE,
    }
    created = await create("RandomPassword", **old)
    updated = await PROVIDER.update(
        a("RandomPassword"), Prior("none", old, created.outputs), new, preview=False
    )
    assert updated.outputs["result"] == created.outputs["result"]
    assert updated.outputs["bcryptHash"] == created.outputs["bcryptHash"]
    assert "overrideSpecial" not in updated.outputs
    assert updated.secrets == {"result", "bcryptHash"}


async def test_reading_touches_nothing_and_importing_is_refused() -> None:
    created = await create("RandomId", byteLength=4)
    prior = Prior(created.id, {"byteLength": 4}, created.outputs)
    read = await PROVIDER.read(a("RandomId"), prior)
    assert read == State(created.id, created.outputs, {"byteLength": 4})
    with pytest.raises(CloudError, match="cannot import"):
        await PROVIDER.read(a("RandomId"), Prior("AAAA", {}, {}))
