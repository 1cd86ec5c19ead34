"""The random provider's types, with the inputs and limits of hashicorp/terraform-provider-random.

RandomPet, RandomShuffle, RandomInteger and the versioned UUIDs are not stood in for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib.metadata import version
from typing import ClassVar, Final

from rehearsal.random import generators
from rehearsal.standin.inputs import Input, Kind
from rehearsal.standin.provider import CheckFailure
from rehearsal.standin.stateonly import GeneratedType, StateOnlyProvider
from rehearsal.standin.values import UNKNOWN, Properties, Value, contains_unknown

_KEEPERS: Final = {"keepers": Input(Kind.STRINGS)}
_CLASSES: Final = ("upper", "lower", "numeric", "special")
_MINIMA: Final = ("minUpper", "minLower", "minNumeric", "minSpecial")

_STRING_INPUTS: Final[Mapping[str, Input]] = {
    "length": Input(Kind.INTEGER, required=True, minimum=1),
    **{name: Input(Kind.BOOLEAN, default=True) for name in (*_CLASSES, "number")},
    **{name: Input(Kind.INTEGER, default=0, minimum=0) for name in _MINIMA},
    "overrideSpecial": Input(Kind.STRING),
    **_KEEPERS,
}


def _number_is_numeric(inputs: Properties) -> Properties:
    """``number`` is the deprecated name of ``numeric``: the one that is given gives the other."""
    number, numeric = inputs.get("number"), inputs.get("numeric")
    given = number if numeric is None else numeric
    return inputs if given is None else {"number": given, "numeric": given, **_present(inputs)}


def _string_refused(inputs: Properties) -> list[CheckFailure]:
    failures = []
    if inputs["number"] is not inputs["numeric"] and not contains_unknown(
        [inputs["number"], inputs["numeric"]]
    ):
        failures.append(
            CheckFailure("number", "differs from numeric; number is deprecated, use numeric alone")
        )
    if all(inputs[name] is False for name in _CLASSES):
        failures.append(CheckFailure("numeric", f"one of {', '.join(_CLASSES)} must be true"))
    length, minima = inputs["length"], [inputs[name] for name in _MINIMA]
    if isinstance(length, int) and length < (least := _sum(minima)):
        sum_of = " + ".join(_MINIMA)
        failures.append(
            CheckFailure("length", f"must be at least {least} ({sum_of}), got {length}")
        )
    return failures


def _keepers_without_meaning(old: Properties, new: Properties) -> Collection[str]:
    """Keepers that only gain or lose nulls, or come or go empty, keep what was generated."""
    old_keepers, new_keepers = old.get("keepers"), new.get("keepers")
    if new_keepers is UNKNOWN or _present(old_keepers) != _present(new_keepers):
        return ()
    return ("keepers",)


def _string_in_place(old: Properties, new: Properties) -> Collection[str]:
    emptied = old.get("overrideSpecial") == "" and new.get("overrideSpecial") is None
    return (*_keepers_without_meaning(old, new), *(("overrideSpecial",) if emptied else ()))


def _present(values: Value) -> dict[str, Value]:
    if not isinstance(values, Mapping):
        return {}
    return {key: value for key, value in values.items() if value is not None}


def _sum(values: Collection[Value]) -> int:
    return sum(value for value in values if isinstance(value, int))


class RandomProvider(StateOnlyProvider):
    """Stands in for pulumi-random."""

    package = "random"
    version = version("pulumi-random")
    types: ClassVar[Mapping[str, GeneratedType]] = {
        "random:index/randomString:RandomString": GeneratedType(
            inputs=_STRING_INPUTS,
            computed=("result",),
            generate=generators.string,
            normalise=_number_is_numeric,
            also_refused=_string_refused,
            in_place=_string_in_place,
        ),
        "random:index/randomPassword:RandomPassword": GeneratedType(
            inputs=_STRING_INPUTS,
            computed=("result", "bcryptHash"),
            generate=generators.password,
            secrets=frozenset({"result", "bcryptHash"}),
            normalise=_number_is_numeric,
            also_refused=_string_refused,
            in_place=_string_in_place,
        ),
        "random:index/randomId:RandomId": GeneratedType(
            inputs={
                "byteLength": Input(Kind.INTEGER, required=True, minimum=1),
                "prefix": Input(Kind.STRING),
                **_KEEPERS,
            },
            computed=("b64Std", "b64Url", "dec", "hex"),
            generate=generators.identifier,
            in_place=_keepers_without_meaning,
        ),
        "random:index/randomBytes:RandomBytes": GeneratedType(
            inputs={"length": Input(Kind.INTEGER, required=True, minimum=1), **_KEEPERS},
            computed=("base64", "hex"),
            generate=generators.octets,
            secrets=frozenset({"base64", "hex"}),
            in_place=_keepers_without_meaning,
        ),
        "random:index/randomUuid:RandomUuid": GeneratedType(
            inputs=_KEEPERS,
            computed=("result",),
            generate=generators.uuid_formatted,
            in_place=_keepers_without_meaning,
        ),
    }
