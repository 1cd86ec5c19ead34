"""Questions to the cloud before anything is made, and what it means when it does not answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pulumi

Answer = TypeVar("Answer")


def ask(question: str, invoke: Callable[[], Answer]) -> Answer:
    """The answer to ``invoke``, the first kind of request that a wrong sign-in or OCID breaks.

    Raises:
        pulumi.RunError: OCI refused, in its own words, with the settings to check.
    """
    try:
        return invoke()
    except Exception as refusal:  # the SDK raises no class of its own
        raise pulumi.RunError(
            f"OCI does not say {question}: {refusal}\n"
            "Check cloud.tenancy_id and cloud.compartment_id in the stack file, and the sign-in: "
            "the stack's oci: settings, or the environment, or ~/.oci/config."
        ) from None
