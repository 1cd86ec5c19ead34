"""Why a destroy was refused, as a list and a remedy instead of a page for each resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.engine import EngineError

_REFUSED = "because it is protected"


class ProtectedError(Exception):
    """Protected resources kept a destroy from beginning; the text lists them."""

    remedy = (
        "keep them, or, to empty a throw-away stack: set `protection: off` in its stack file, "
        "then `up`, then `destroy`"
    )


def protected_error(error: EngineError, state: Mapping[str, Any]) -> ProtectedError | None:
    """The refusal in short; None if anything but protection made the operation fail.

    The engine names only the resources that it came to before it stopped; ``state``, the exported
    one, has them all.
    """
    errors = [problem for problem in error.operation.problems if problem.severity == "error"]
    if not any(_REFUSED in problem.message for problem in errors):
        return None
    names = sorted(
        f"{resource['type']} {resource['urn'].rpartition('::')[2]}"
        for resource in state.get("resources") or []
        if resource.get("protect")
    )
    return ProtectedError(
        "These resources are protected, so nothing was deleted:\n"
        + "\n".join(f"  {name}" for name in names)
    )
