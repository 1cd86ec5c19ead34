"""Between the engine's wire format (protobuf structs) and plain values.

Unknown values, secrets and output values travel as marked strings and objects; the marks are the
engine's protocol (``sdk/go/common/resource/properties.go`` and ``plugin/rpc.go`` of
pulumi/pulumi). A decoded message is plain values plus the set of paths that were secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from google.protobuf import struct_pb2

from rehearsal.standin.paths import Path, join
from rehearsal.standin.values import UNKNOWN, Properties, Unknown, Value, is_list

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a mark, not a secret)
OUTPUT_VALUE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_NOT_PLAIN: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
    "5cf8f73096256a8f31e491e813e4eb8e": "a resource reference",
}

UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS: Final = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)

EXACT_INTEGERS: Final = 2**53
"""Numbers travel as doubles: beyond this an integer would arrive as another one."""


class WireError(Exception):
    """A value that cannot cross between the engine and a stand-in."""


@dataclass(frozen=True)
class Decoded:
    """Plain properties, and the paths at which the engine had marked them secret."""

    values: Properties = field(default_factory=dict)
    secrets: frozenset[Path] = frozenset()


def decode(struct: struct_pb2.Struct) -> Decoded:
    """Read a message's properties. Raises WireError on assets, archives and resource references."""
    secrets: set[Path] = set()
    return Decoded(_decode_fields(struct, (), secrets), frozenset(secrets))


def _decode_fields(struct: struct_pb2.Struct, at: Path, secrets: set[Path]) -> dict[str, Value]:
    return {key: _decode(value, (*at, key), secrets) for key, value in struct.fields.items()}


def _decode(value: struct_pb2.Value, at: Path, secrets: set[Path]) -> Value:
    match value.WhichOneof("kind"):
        case "bool_value":
            return value.bool_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
        case "list_value":
            items = enumerate(value.list_value.values)
            return [_decode(item, (*at, index), secrets) for index, item in items]
        case "struct_value":
            return _decode_struct(value.struct_value, at, secrets)
        case _:
            return None


def _decode_struct(struct: struct_pb2.Struct, at: Path, secrets: set[Path]) -> Value:
    if SIGNATURE_KEY not in struct.fields:
        return _decode_fields(struct, at, secrets)
    signature = struct.fields[SIGNATURE_KEY].string_value
    if signature == SECRET:
        secrets.add(at)
        return _decode(struct.fields["value"], at, secrets)
    if signature == OUTPUT_VALUE:
        if struct.fields["secret"].bool_value:
            secrets.add(at)
        return _decode(struct.fields["value"], at, secrets) if "value" in struct.fields else UNKNOWN
    kind = _NOT_PLAIN.get(signature, f"a value with the signature {signature}")
    raise WireError(f"{join(at)} is {kind}: stand-ins take plain values only")


def encode(
    values: Properties, secrets: Iterable[Path] = (), *, allow_unknown: bool = False
) -> struct_pb2.Struct:
    """Write properties, marking what lies at ``secrets``.

    Raises WireError on an unknown value unless ``allow_unknown`` (previews only), on an integer
    that a double cannot hold, and on a type that has no wire format.
    """
    struct = struct_pb2.Struct()
    _Encoder(frozenset(secrets), allow_unknown).fields(struct, values, ())
    return struct


@dataclass(frozen=True)
class _Encoder:
    secrets: frozenset[Path]
    allow_unknown: bool

    def fields(self, struct: struct_pb2.Struct, values: Properties, at: Path) -> None:
        for key, item in values.items():
            self.value(struct.fields[key], item, (*at, key))

    def value(self, target: struct_pb2.Value, value: Value, at: Path) -> None:
        if at in self.secrets:
            target.struct_value.fields[SIGNATURE_KEY].string_value = SECRET
            within = _Encoder(frozenset(), self.allow_unknown)
            within.value(target.struct_value.fields["value"], value, at)
        elif value is None:
            target.null_value = struct_pb2.NULL_VALUE
        elif isinstance(value, bool):
            target.bool_value = value
        elif isinstance(value, str):
            target.string_value = value
        elif isinstance(value, Unknown):
            if not self.allow_unknown:
                raise WireError(f"{join(at)} is still unknown after the operation")
            target.string_value = UNKNOWN_STRING
        elif isinstance(value, int | float):
            if isinstance(value, int) and abs(value) > EXACT_INTEGERS:
                raise WireError(f"{join(at)}: {value} is too large to be exact on the wire")
            target.number_value = value
        elif isinstance(value, Mapping):
            target.struct_value.SetInParent()
            self.fields(target.struct_value, value, at)
        elif is_list(value):
            target.list_value.SetInParent()
            for index, item in enumerate(value):
                self.value(target.list_value.values.add(), item, (*at, index))
        else:
            raise WireError(f"{join(at)}: a {type(value).__name__} has no wire format")
