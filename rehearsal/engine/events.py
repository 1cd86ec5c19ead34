"""What the engine tells of an operation while it runs, as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pulumi.automation.events import BaseEvent, EngineEvent

JsonEvent = dict[str, Any]

#: What differs between two runs of the very same operation: in the event, and by kind of event.
_OF_THE_RUN = ("sequence", "timestamp")
_OF_THE_RUN_BY_KIND = {"summaryEvent": "durationSeconds", "diagnosticEvent": "streamId"}

_COLOUR = re.compile(r"<\{%[^%]*%\}>")


def is_debugging(event: EngineEvent) -> bool:
    """Whether an event is meant for those who debug the SDK.

    Such messages hold whole resources, their secrets in plain text: they must not be kept.
    """
    return event.diagnostic_event is not None and event.diagnostic_event.severity == "debug"


def to_json(event: EngineEvent) -> JsonEvent:
    """An event as the engine wrote it: camelCase names, and nothing that is not set."""
    converted = _to_json(event)
    assert isinstance(converted, dict)  # noqa: S101 - tells the type checker what an event is
    return converted


def _to_json(value: object) -> object:
    if isinstance(value, BaseEvent):
        return {
            _camel_case(name): _to_json(item)
            for name, item in vars(value).items()
            if item is not None
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {
            key.value if isinstance(key, Enum) else key: _to_json(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    return value


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def normalised(events: Iterable[JsonEvent]) -> tuple[JsonEvent, ...]:
    """The events without what differs between two runs of the same operation.

    Numbers and times of the run are dropped, and so are messages that are shown only for a
    moment. Resources are worked on side by side, so the events are put in an order of their own:
    two runs are the same if these are equal.
    """
    kept = [_without_run(event) for event in events if not _is_ephemeral(event)]
    return tuple(sorted(kept, key=lambda event: json.dumps(event, sort_keys=True)))


def _is_ephemeral(event: JsonEvent) -> bool:
    return bool(event.get("diagnosticEvent", {}).get("ephemeral"))


def _without_run(event: JsonEvent) -> JsonEvent:
    kept = {name: value for name, value in event.items() if name not in _OF_THE_RUN}
    for kind, name in _OF_THE_RUN_BY_KIND.items():
        if kind in kept:
            kept[kind] = {key: value for key, value in kept[kind].items() if key != name}
    return kept


@dataclass(frozen=True)
class Problem:
    """An error or a warning, in the engine's or the provider's own words."""

    severity: str
    """``error`` or ``warning``."""
    urn: str
    """The resource it is about; empty when it is about none."""
    message: str


@dataclass(frozen=True)
class PolicyViolation:
    """What a policy pack found."""

    pack: str
    policy: str
    level: str
    """``advisory`` or ``mandatory``."""
    urn: str
    message: str


def problems(events: Iterable[JsonEvent]) -> Iterator[Problem]:
    """The errors and warnings, in the order in which they came."""
    for event in events:
        found = event.get("diagnosticEvent", {})
        if found.get("severity") in ("error", "warning"):
            yield Problem(found["severity"], found.get("urn", ""), plain(found["message"]))


def policy_violations(events: Iterable[JsonEvent]) -> Iterator[PolicyViolation]:
    """What the policy packs found, in the order in which it came."""
    for event in events:
        if found := event.get("policyEvent"):
            yield PolicyViolation(
                pack=found["policyPackName"],
                policy=found["policyName"],
                level=found["enforcementLevel"],
                urn=found.get("resourceUrn", ""),
                message=plain(found["message"]),
            )


def changes(events: Iterable[JsonEvent]) -> dict[str, int]:
    """How many resources by operation (``create``, ``same``, …), from the engine's summary."""
    for event in events:
        if summary := event.get("summaryEvent"):
            return dict(summary.get("resourceChanges") or {})
    return {}


def plain(message: str) -> str:
    """A message without the engine's colour marks."""
    return _COLOUR.sub("", message).strip()
