"""Which hooks of a chart run when, and how long they stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rehearsal.kubernetes.helm.rendering import HOOK
from rehearsal.kubernetes.objects import Object, annotation, name_of

BEFORE_CREATION: Final = "before-hook-creation"
SUCCEEDED: Final = "hook-succeeded"
FAILED: Final = "hook-failed"

_WEIGHT: Final = "helm.sh/hook-weight"
_DELETE_POLICY: Final = "helm.sh/hook-delete-policy"


def at(event: str, hooks: Sequence[Object]) -> list[Object]:
    """The hooks of an event (``pre-install``, …), lightest first."""
    chosen = [hook for hook in hooks if event in _list(annotation(hook, HOOK))]
    return sorted(chosen, key=lambda hook: (_weight(hook), str(hook["kind"]), name_of(hook)))


def deleted(hook: Object, when: str) -> bool:
    """Whether a hook is deleted at a point of its life."""
    return when in (_list(annotation(hook, _DELETE_POLICY)) or [BEFORE_CREATION])


def runs_containers(hook: Object) -> bool:
    """Whether a hook does its work in a container."""
    return hook["kind"] in ("Job", "Pod")


def _weight(hook: Object) -> int:
    try:
        return int(annotation(hook, _WEIGHT) or 0)
    except ValueError:
        return 0


def _list(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
