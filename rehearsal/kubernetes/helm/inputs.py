"""What a program may say of a Release, and what the stand-in makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rehearsal.kubernetes.helm.charts import Reference
from rehearsal.kubernetes.helm.installing import Manner
from rehearsal.standin.provider import CheckFailure
from rehearsal.standin.values import UNKNOWN, Properties

DEFAULT_TIMEOUT: Final = 300
"""Seconds, the official provider's default for a Release."""

_TEXTS: Final = frozenset({"chart", "name", "namespace", "version", "description", "keyring"})
_FLAGS: Final = frozenset(
    {
        "allowNullValues",
        "atomic",
        "cleanupOnFail",
        "createNamespace",
        "dependencyUpdate",
        "devel",
        "disableCRDHooks",
        "disableOpenapiValidation",
        "disableWebhooks",
        "lint",
        "renderSubchartNotes",
        "resetValues",
        "skipAwait",
        "skipCrds",
        "takeOwnership",
        "waitForJobs",
    }
)
_NUMBERS: Final = frozenset({"maxHistory", "timeout"})
_OBJECTS: Final = frozenset({"repositoryOpts", "values"})
# ``compat`` is the SDK's own; the other two are outputs that it lets through.
_IGNORED: Final = frozenset({"compat", "manifest", "resourceNames"})

_NOT_HERE: Final[Mapping[str, str]] = {
    "forceUpdate": "the stand-in does not delete and recreate objects in an upgrade",
    "postrender": "the stand-in runs no commands but Helm",
    "recreatePods": "the stand-in does not restart pods in an upgrade",
    "replace": "the stand-in does not take over the name of another release",
    "reuseValues": "the stand-in does not merge the last release's values; give them in full",
    "valueYamlFiles": "the stand-in takes no assets; read the file into `values`",
    "verify": "the stand-in has no keyring to verify charts against",
}
_NO_LOGIN: Final = "the stand-in does not log in to chart repositories"


def failures(inputs: Properties) -> list[CheckFailure]:
    """What of a Release's inputs the stand-in refuses."""
    found = [
        CheckFailure(key, reason)
        for key, value in inputs.items()
        if value not in (None, UNKNOWN) and (reason := _refused(key, value))
    ]
    options = inputs.get("repositoryOpts")
    if isinstance(options, Mapping):
        found += [
            CheckFailure(f"repositoryOpts.{key}", _NO_LOGIN)
            for key, value in options.items()
            if key != "repo" and value
        ]
    found += [
        CheckFailure(key, "missing: a Release needs one" + hint)
        for key, hint in (("chart", ""), ("name", "; a random one would differ in every preview"))
        if inputs.get(key) in (None, "")
    ]
    return found


def _refused(key: str, value: object) -> str:
    if key in _NOT_HERE:
        return f"{_NOT_HERE[key]}, or use the official plugin" if value else ""
    if key in _IGNORED:
        return ""
    kinds: Mapping[str, tuple[frozenset[str], type | tuple[type, ...]]] = {
        "a string": (_TEXTS, str),
        "true or false": (_FLAGS, bool),
        "a number": (_NUMBERS, (int, float)),
        "an object": (_OBJECTS, Mapping),
    }
    for expected, (keys, types) in kinds.items():
        if key in keys:
            return "" if isinstance(value, types) else f"expected {expected}, not {value!r}"
    return "a Release has no such input"


def reference(inputs: Mapping[str, Any]) -> Reference:
    """Which chart the inputs mean."""
    return Reference(
        chart=str(inputs["chart"]),
        version=str(inputs.get("version") or ""),
        repo=str((inputs.get("repositoryOpts") or {}).get("repo") or ""),
        devel=bool(inputs.get("devel")),
    )


def manner(inputs: Mapping[str, Any], *, upgrade: bool, timeout: float | None) -> Manner:
    """How the inputs want the release brought about; ``timeout`` is ``customTimeouts``'."""
    hooks_off = inputs.get("disableCRDHooks" if upgrade else "disableWebhooks")
    return Manner(
        timeout=float(timeout or inputs.get("timeout") or DEFAULT_TIMEOUT),
        wait=not inputs.get("skipAwait"),
        wait_for_jobs=bool(inputs.get("waitForJobs")),
        run_hooks=not hooks_off,
        create_namespace=bool(inputs.get("createNamespace")),
        take_ownership=bool(inputs.get("takeOwnership")),
        strict=not inputs.get("disableOpenapiValidation"),
    )
