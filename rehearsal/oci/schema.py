"""What the installed pulumi_oci SDK knows of a resource type, read from the SDK itself.

Argument classes say which inputs exist, what type each has and which are required; their
documentation marks what can be changed in place with "(Updatable)". Everything else forces a
replacement. Importing the SDK costs most of a second, so what was read is kept as JSON by SDK
version.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import tempfile
import typing
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import NoneType
from typing import Any

#: Raised whenever the meaning of the cached JSON changes.
FORMAT = 1

_SCALARS: Mapping[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    Any: "any",
}


@dataclass(frozen=True)
class Shape:
    """The type of a value: a scalar, or a list, map or object of others."""

    kind: str
    """string, integer, number, boolean, any, list, map or object."""
    element: Shape | None = None
    """Of a list or a map."""
    fields: Mapping[str, Property] | None = None
    """Of an object."""


@dataclass(frozen=True)
class Property:
    """One input, or one field of a nested object."""

    shape: Shape
    required: bool
    updatable: bool
    """Whether the documentation says that it can be changed in place."""
    documented: bool


@dataclass(frozen=True)
class ResourceSchema:
    """A resource type as the SDK has it; all names as they go over the wire (camelCase)."""

    token: str
    inputs: Mapping[str, Property]
    outputs: Mapping[str, bool]
    """Every output property, and whether the SDK promises a value for it."""


@dataclass(frozen=True)
class Sdk:
    """What was read of the SDK."""

    resources: Mapping[str, ResourceSchema]
    """By type token."""
    provider_inputs: frozenset[str]
    """The names that a provider's configuration may have."""


def sdk_version() -> str:
    """The version of the installed pulumi_oci."""
    return metadata.version("pulumi_oci")


def load(classes: Iterable[str], cache: Path | None) -> Sdk:
    """What the SDK knows of these classes (``core.Vcn``) and of its provider.

    ``cache`` is a directory to keep it in between processes.
    """
    wanted = sorted(classes)
    file = cache / f"pulumi-oci-{sdk_version()}.json" if cache else None
    stored = _read_cache(file)
    if stored is None or stored["format"] != FORMAT or stored["classes"] != wanted:
        schemas = [read(name) for name in wanted]
        stored = {
            "format": FORMAT,
            "classes": wanted,
            "schemas": [_dump_resource(schema) for schema in schemas],
            "provider": sorted(_read_provider()),
        }
        if file is not None:
            _write_cache(file, stored)
    return Sdk(
        resources={entry["token"]: _load_resource(entry) for entry in stored["schemas"]},
        provider_inputs=frozenset(stored["provider"]),
    )


def read(class_name: str) -> ResourceSchema:
    """Read one class, such as ``core.Vcn``, from the SDK."""
    package, _, name = class_name.partition(".")
    resource = getattr(importlib.import_module(f"pulumi_oci.{package}"), name)
    module = importlib.import_module(resource.__module__)
    inputs_module = importlib.import_module(f"pulumi_oci.{package}._inputs")
    return ResourceSchema(
        token=_token(resource),
        inputs=_fields(getattr(module, f"{name}Args"), inputs_module),
        outputs={
            wire_name: not _is_optional(prop.fget.__annotations__.get("return"))
            for wire_name, prop in _properties(resource).items()
        },
    )


def _read_provider() -> frozenset[str]:
    module = importlib.import_module("pulumi_oci.provider")
    return frozenset(_properties(module.ProviderArgs))


def _token(resource: type) -> str:
    constants = resource._internal_init.__code__.co_consts  # type: ignore[attr-defined] # generated
    return next(text for text in constants if isinstance(text, str) and text.startswith("oci:"))


def _properties(owner: type) -> dict[str, Any]:
    """Properties by wire name; the SDK notes it on the getter where it differs."""
    return {
        getattr(prop.fget, "_pulumi_name", name): prop
        for name, prop in vars(owner).items()
        if isinstance(prop, property)
    }


def _fields(arguments: type, module: Any) -> dict[str, Property]:
    parameters = inspect.signature(arguments.__init__).parameters  # type: ignore[misc] # generated
    fields = {}
    for wire_name, prop in _properties(arguments).items():
        getter: Any = prop.fget
        documentation = getter.__doc__ or ""
        parameter = parameters[getter.__name__]
        fields[wire_name] = Property(
            shape=_shape(parameter.annotation, module),
            required=parameter.default is inspect.Parameter.empty,
            updatable="(Updatable)" in documentation,
            documented=bool(documentation.strip()),
        )
    return fields


def _shape(annotation: Any, module: Any) -> Shape:
    hint = _bare(annotation)
    if hint in _SCALARS:
        return Shape(_SCALARS[hint])
    if isinstance(hint, typing.ForwardRef | str):
        name = hint.__forward_arg__ if isinstance(hint, typing.ForwardRef) else hint
        return Shape("object", fields=_fields(getattr(module, name), module))
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Sequence:
        return Shape("list", element=_shape(arguments[0], module))
    if origin is Mapping:
        return Shape("map", element=_shape(arguments[1], module))
    raise TypeError(f"pulumi_oci: cannot read the type {annotation!r}")


def _bare(annotation: Any) -> Any:
    """``Input[Optional[T]]`` without what wraps it: ``T``."""
    if typing.get_origin(annotation) is not typing.Union:
        return annotation
    kept = [
        item
        for item in typing.get_args(annotation)
        if item is not NoneType
        and typing.get_origin(item) is not Awaitable
        and item != typing.ForwardRef("Output[T]")
    ]
    if len(kept) != 1:
        raise TypeError(f"pulumi_oci: cannot read the type {annotation!r}")
    return _bare(kept[0])


def _is_optional(annotation: Any) -> bool:
    inner = typing.get_args(annotation)
    return bool(inner) and NoneType in typing.get_args(inner[0])


def _read_cache(file: Path | None) -> dict[str, Any] | None:
    if file is None or not file.exists():
        return None
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def _write_cache(file: Path, content: Mapping[str, Any]) -> None:
    """Put the file in place in one step: several plugin processes start at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(content, stream)
    Path(scratch).replace(file)


def _dump_resource(schema: ResourceSchema) -> dict[str, Any]:
    return {
        "token": schema.token,
        "inputs": _dump_fields(schema.inputs),
        "outputs": dict(schema.outputs),
    }


def _dump_fields(fields: Mapping[str, Property]) -> dict[str, Any]:
    return {
        name: [_dump_shape(item.shape), item.required, item.updatable, item.documented]
        for name, item in fields.items()
    }


def _dump_shape(shape: Shape) -> dict[str, Any]:
    dumped: dict[str, Any] = {"kind": shape.kind}
    if shape.element is not None:
        dumped["element"] = _dump_shape(shape.element)
    if shape.fields is not None:
        dumped["fields"] = _dump_fields(shape.fields)
    return dumped


def _load_resource(entry: Mapping[str, Any]) -> ResourceSchema:
    return ResourceSchema(
        token=entry["token"], inputs=_load_fields(entry["inputs"]), outputs=entry["outputs"]
    )


def _load_fields(entry: Mapping[str, Any]) -> dict[str, Property]:
    return {
        name: Property(_load_shape(shape), required, updatable, documented)
        for name, (shape, required, updatable, documented) in entry.items()
    }


def _load_shape(entry: Mapping[str, Any]) -> Shape:
    return Shape(
        entry["kind"],
        element=_load_shape(entry["element"]) if "element" in entry else None,
        fields=_load_fields(entry["fields"]) if "fields" in entry else None,
    )
