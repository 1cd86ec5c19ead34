"""The provider's own configuration: its checks, and what a change of it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rehearsal.kubernetes.kubeconfig import KubeconfigError, Selection, active_cluster, parse
from rehearsal.standin.provider import Change, CheckFailure, Diff
from rehearsal.standin.values import UNKNOWN, Properties, Value

_SELECTING: Final = ("kubeconfig", "context", "cluster")
_IDENTIFIER: Final = "clusterIdentifier"

_TEXTS: Final = frozenset({*_SELECTING, _IDENTIFIER, "namespace"})
_FLAGS: Final = frozenset(
    {
        "deleteUnreachable",
        "enableConfigMapMutable",
        "enablePatchForce",
        "enableSecretMutable",
        "enableServerSideApply",
        "skipUpdateUnreachable",
        "suppressDeprecationWarnings",
        "suppressHelmHookWarnings",
        "upsertExistingObjects",
    }
)
# How fast requests may follow one another: no result depends on it.
_PACING: Final = frozenset({"kubeClientSettings"})

_NOT_HERE: Final[Mapping[str, str]] = {
    "alwaysRender": "the stand-in applies objects and renders none to files",
    "helmReleaseSettings": "the stand-in has no Helm plugins, drivers or registry configuration",
    "renderYamlToDirectory": "the stand-in applies objects and renders none to files",
}


@dataclass(frozen=True)
class Settings:
    """The configuration as the stand-in uses it."""

    kubeconfig: str | None = None
    """Contents or path; None while it is not known (in a preview)."""
    selection: Selection = field(default_factory=Selection)
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False
    patch_force: bool = False
    upsert: bool = False
    mutable_config_maps: bool = False
    mutable_secrets: bool = False

    @classmethod
    def of(cls, inputs: Properties) -> Settings:
        """The settings that checked inputs say."""
        kubeconfig = inputs.get("kubeconfig")
        return cls(
            kubeconfig=kubeconfig if isinstance(kubeconfig, str) and kubeconfig else None,
            selection=_selection(inputs),
            delete_unreachable=_flag(inputs, "deleteUnreachable"),
            skip_update_unreachable=_flag(inputs, "skipUpdateUnreachable"),
            patch_force=_flag(inputs, "enablePatchForce"),
            upsert=_flag(inputs, "upsertExistingObjects"),
            mutable_config_maps=_flag(inputs, "enableConfigMapMutable"),
            mutable_secrets=_flag(inputs, "enableSecretMutable"),
        )

    def mutable_contents(self, kind: str) -> bool:
        """Whether what objects of this kind hold may change in place."""
        return self.mutable_secrets if kind == "Secret" else self.mutable_config_maps


def failures(inputs: Properties) -> list[CheckFailure]:
    """What of a configuration the stand-in refuses."""
    found = []
    for key, value in inputs.items():
        if key in _NOT_HERE:
            found.append(CheckFailure(key, f"{_NOT_HERE[key]}; use the official plugin"))
        elif key not in _TEXTS | _FLAGS | _PACING:
            found.append(CheckFailure(key, "the Kubernetes provider has no such setting"))
        elif key in _FLAGS and value not in (True, False, "true", "false", None, UNKNOWN):
            found.append(CheckFailure(key, f"expected true or false, not {value!r}"))
        elif key in _TEXTS and not (value in (None, UNKNOWN) or isinstance(value, str)):
            found.append(CheckFailure(key, f"expected a string, not {value!r}"))
    if inputs.get("enableServerSideApply") in (False, "false"):
        reason = "the stand-in applies on the server's side only; use the official plugin"
        found.append(CheckFailure("enableServerSideApply", reason))
    if inputs.get("kubeconfig") in (None, ""):
        reason = (
            "missing: a rehearsal never uses the kubeconfig of the environment, so that it cannot "
            "reach a real cluster"
        )
        found.append(CheckFailure("kubeconfig", reason))
    return found


def diff(old: Properties, new: Properties) -> Diff:
    """What a changed configuration means for the provider, and so for all it made.

    With a ``clusterIdentifier`` nothing but a change of it replaces. Without one the provider is
    replaced when the cluster that the kubeconfig leads to changed, or may have changed because it
    is not known yet.
    """
    changes = {
        key: _change(old.get(key), new.get(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    }
    if not changes:
        return Diff()
    before, after = old.get(_IDENTIFIER), new.get(_IDENTIFIER)
    if before and before == after:
        return Diff(changes)
    replacing = [_IDENTIFIER] if before and after else []
    unknown = [key for key in _SELECTING if new.get(key) is UNKNOWN]
    if unknown:
        # Whether it changed cannot be told: the careful answer is that it did.
        replacing.append(unknown[0])
    elif _moved(old, new):
        replacing += [key for key in _SELECTING if key in changes]
    return Diff(changes | _replacing(replacing, changes))


def _replacing(keys: list[str], changes: Mapping[str, Change]) -> dict[str, Change]:
    kinds = {key: changes.get(key, Change.UPDATE) for key in keys}
    return {key: Change(f"{kind.value}_replace") for key, kind in kinds.items()}


def _moved(old: Properties, new: Properties) -> bool:
    before, after = _active_cluster(old), _active_cluster(new)
    return before is not None and after is not None and before != after


def _active_cluster(inputs: Properties) -> dict[str, Any] | None:
    kubeconfig = inputs.get("kubeconfig")
    if not isinstance(kubeconfig, str):
        return None
    try:
        return active_cluster(parse(kubeconfig), _selection(inputs))
    except KubeconfigError:
        return None


def _selection(inputs: Properties) -> Selection:
    return Selection(*(_text(inputs.get(key)) for key in ("context", "cluster", "namespace")))


def _change(old: Value, new: Value) -> Change:
    if old is None:
        return Change.ADD
    return Change.DELETE if new is None else Change.UPDATE


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _flag(inputs: Properties, key: str) -> bool:
    # The SDKs send the settings of a provider as JSON in strings.
    return inputs.get(key) in (True, "true")
