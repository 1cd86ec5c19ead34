"""What charts that cannot be reached would run, by our own values.

A chart's row says which workloads it makes and where in its values their replicas, requests and
placement stand. To add a chart: render it once where it can be reached, and write its workloads
down with the defaults of that version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Where = tuple[str, ...]
"""A path in the values; an element ``name=x`` picks the item of a list that has that name."""


@dataclass(frozen=True)
class Workload:
    """One workload of a chart. ``{release}`` in a name is the release's."""

    kind: str
    """Deployment, DaemonSet or StatefulSet."""
    name: str
    resources: Where
    """Where its ``resources`` stand."""
    namespace: str = ""
    """Where it runs; empty for the release's namespace."""
    replicas: Where = ()
    default_replicas: int = 1
    default_requests: Mapping[str, str] = field(default_factory=dict)
    """The chart's own requests, where the values set none."""
    node_selector: Where = ()
    tolerations: Where = ()
    default_tolerations: Sequence[Mapping[str, str]] = ()
    affinity: Where = ()
    priority_class: Where = ()
    default_priority_class: str = ""


FOOTPRINTS: Final[Mapping[str, Sequence[Workload]]] = {}
"""The workloads by the chart's name. The program installs no chart yet, so there is no row yet."""


def within(values: Any, where: Where) -> Any:
    """What stands at a path of the values, None where it leads nowhere."""
    if not where:
        return None
    for element in where:
        if "=" in element and isinstance(values, Sequence):
            key, _, wanted = element.partition("=")
            values = next(
                (item for item in values if isinstance(item, Mapping) and item.get(key) == wanted),
                None,
            )
        else:
            values = values.get(element) if isinstance(values, Mapping) else None
    return values
