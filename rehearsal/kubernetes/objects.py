"""Kubernetes objects as plain mappings: names, ids, annotations, and their shape in the state."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from lightkube.utils.quantity import parse_quantity

from rehearsal.standin.values import UNKNOWN, Properties

Object = dict[str, Any]
"""An object as the API server takes and gives it, JSON."""

INITIAL_API_VERSION: Final = "__initialApiVersion"
FIELD_MANAGER: Final = "__fieldManager"

SKIP_AWAIT: Final = "pulumi.com/skipAwait"
WAIT_FOR: Final = "pulumi.com/waitFor"
TIMEOUT_SECONDS: Final = "pulumi.com/timeoutSeconds"
PATCH_FORCE: Final = "pulumi.com/patchForce"
PATCH_FIELD_MANAGER: Final = "pulumi.com/patchFieldManager"
DELETION_PROPAGATION: Final = "pulumi.com/deletionPropagationPolicy"

_READ_ONLY: Final = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)

# Only a real create gives these: what a dry run answers is not what the object will have.
_MADE_BY_CREATION: Final = ("creationTimestamp", "resourceVersion", "uid")

# How the SDKs write the extension fields of a CustomResourceDefinition's schema.
_DASHED: Final = {
    f"x_kubernetes_{name.replace('-', '_')}": f"x-kubernetes-{name}"
    for name in (
        "embedded-resource",
        "int-or-string",
        "list-map-keys",
        "list-type",
        "map-type",
        "preserve-unknown-fields",
        "validations",
    )
}
_UNDERSCORED: Final = {dashed: name for name, dashed in _DASHED.items()}

_QUANTITIES: Final = frozenset(
    {
        "capacity",
        "default",
        "defaultRequest",
        "hard",
        "limits",
        "max",
        "min",
        "overhead",
        "requests",
    }
)


def metadata(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    """The metadata; empty when it is missing or not known yet."""
    found = obj.get("metadata")
    return found if isinstance(found, Mapping) else {}


def name_of(obj: Mapping[str, Any]) -> str:
    """``metadata.name``, or an empty string."""
    return str(metadata(obj).get("name") or "")


def namespace_of(obj: Mapping[str, Any]) -> str | None:
    """``metadata.namespace``, None when it has none."""
    namespace = metadata(obj).get("namespace")
    return str(namespace) if namespace else None


def annotation(obj: Mapping[str, Any], key: str) -> str:
    """An annotation's value, or an empty string."""
    annotations = metadata(obj).get("annotations")
    value = annotations.get(key) if isinstance(annotations, Mapping) else None
    return value if isinstance(value, str) else ""


def id_of(obj: Mapping[str, Any]) -> str:
    """The id in the state: ``namespace/name``, or the name of a cluster-wide object."""
    namespace = namespace_of(obj)
    return f"{namespace}/{name_of(obj)}" if namespace else name_of(obj)


def parse_id(identifier: str) -> tuple[str | None, str]:
    """(namespace, name) of an id."""
    namespace, _, name = identifier.rpartition("/")
    return namespace or None, name


def pluck(obj: Any, *path: str) -> Any:
    """What lies at a path of names, None where it leads nowhere."""
    for key in path:
        obj = obj.get(key) if isinstance(obj, Mapping) else None
    return obj


def to_object(inputs: Properties) -> Object:
    """The object that inputs stand for: the SDKs write ``x_kubernetes_…`` for ``x-kubernetes-…``.

    Raises TypeError on an unknown value, which no API server takes.
    """
    return dict(_renamed(inputs, _DASHED))


def to_outputs(live: Object, manager: str) -> Object:
    """How an object stands in the state: at the top level, with its provenance.

    ``managedFields`` is left out: no program reads it, and it is larger than the rest.
    """
    outputs = dict(_renamed(live, _UNDERSCORED))
    outputs.get("metadata", {}).pop("managedFields", None)
    return outputs | {INITIAL_API_VERSION: live["apiVersion"], FIELD_MANAGER: manager}


def previewed(dry_run: Object, inputs: Mapping[str, Any]) -> Object:
    """What of a dry run's answer a create will give: the rest is unknown until then."""
    known = {key: value for key, value in dry_run.items() if key != "status"}
    known["metadata"] = dict(metadata(dry_run)) | dict.fromkeys(_MADE_BY_CREATION, UNKNOWN)
    if dry_run.get("kind") == "Service":
        spec = dict(known.get("spec", {}))
        for key in ("clusterIP", "clusterIPs"):
            if key in spec and pluck(inputs, "spec", key) is None:
                spec[key] = UNKNOWN
        known["spec"] = spec
    return known


def field_manager(urn: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> str:
    """Who owns the fields: the annotation's, the state's, or a name made of the URN."""
    chosen = annotation(inputs, PATCH_FIELD_MANAGER) or outputs.get(FIELD_MANAGER)
    if isinstance(chosen, str) and chosen:
        return chosen
    return f"pulumi-kubernetes-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"


def without_read_only(obj: Mapping[str, Any]) -> Object:
    """The object without the metadata that only the API server writes."""
    kept = {key: value for key, value in metadata(obj).items() if key not in _READ_ONLY}
    return {**obj, "metadata": kept}


def read_inputs(live: Object, inputs: Mapping[str, Any]) -> Object:
    """The inputs as the live object has them now, under the names that the SDKs use.

    They keep their shape: what they say, with the values of now; without any, as for an import,
    all that can be an input. A quantity that means the same keeps its spelling (``1000m`` for
    ``1``), and a Secret's ``stringData`` is read back from ``data``, so that only true drift is a
    difference.
    """
    now = dict(_renamed(live, _UNDERSCORED))
    found = _in_shape(now, inputs) if inputs else without_read_only(now)
    found.pop("status", None)
    return found


def _in_shape(live: Object, inputs: Mapping[str, Any]) -> Object:
    shaped = dict(_pruned(live, inputs))
    if inputs.get("kind") == "Secret" and isinstance(inputs.get("stringData"), Mapping):
        data = live.get("data") or {}
        shaped["stringData"] = {
            key: _decoded(data[key]) for key in inputs["stringData"] if key in data
        }
    return shaped


def _pruned(live: Any, inputs: Any, *, quantities: bool = False) -> Any:
    if isinstance(live, Mapping) and isinstance(inputs, Mapping):
        # What is empty the API server leaves out: not there is what was asked for.
        return {
            key: _pruned(live.get(key, wanted), wanted, quantities=quantities or key in _QUANTITIES)
            for key, wanted in inputs.items()
            if key in live or not wanted
        }
    if isinstance(live, list) and isinstance(inputs, Sequence) and not isinstance(inputs, str):
        shaped = [
            _pruned(item, wanted, quantities=quantities)
            for item, wanted in zip(live, inputs, strict=False)
        ]
        return shaped + live[len(inputs) :]
    if quantities and _amount(live) is not None and _amount(live) == _amount(inputs):
        return inputs
    return live


def _amount(value: object) -> Decimal | None:
    try:
        return parse_quantity(str(value))
    except ValueError:
        return None


def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if value is UNKNOWN:
        raise TypeError("an unknown value cannot be sent to the API server")
    if isinstance(value, Mapping):
        return {names.get(key, key): _renamed(item, names) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_renamed(item, names) for item in value]
    return value
