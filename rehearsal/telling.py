"""Turn the events of the toolchain and of the engine into progress on the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.observed import Observed
from rehearsal.progress import Step
from rehearsal.toolchain import Phase, ToolEvent

DOING = {"create": "creating", "update": "updating", "delete": "deleting", "same": "checking"}


def of_tools(step: Step) -> Callable[[ToolEvent], None]:
    """Which tool is built, or waited for."""
    built: list[str] = []

    def tell(event: ToolEvent) -> None:
        if event.phase is Phase.BUILDING:
            step.at(f"building {event.tool} {event.version} (once on this machine)")
        elif event.phase is Phase.WAITING:
            step.at(f"{event.tool} {event.version} is being built by another rehearsal")
        elif event.phase is Phase.BUILT:
            built.append(f"built {event.tool} in {event.seconds:.0f} s")
            step.summary = ", ".join(built)

    return tell


def of_engine(step: Step) -> Callable[[dict[str, Any]], None]:
    """How many resources are done, and which one is being worked on."""
    done = 0

    def tell(event: dict[str, Any]) -> None:
        nonlocal done
        if found := event.get("resourcePreEvent"):
            metadata = found["metadata"]
            doing = DOING.get(metadata["op"], metadata["op"])
            step.at(f"{done} done · {doing} {_name(metadata['urn'])}")
        elif found := event.get("resOutputsEvent"):
            done += 1
            step.at(f"{done} done · {_name(found['metadata']['urn'])}")
            step.summary = f"{done} resources"

    return tell


def of_pods(step: Step) -> Callable[[Observed], None]:
    """How many pods run and how many claims are bound."""

    def tell(observed: Observed) -> None:
        running = sum(pod.running for pod in observed.pods)
        bound = sum(claim.phase == "Bound" for claim in observed.claims)
        step.summary = (
            f"{running} of {len(observed.pods)} pods run, "
            f"{bound} of {len(observed.claims)} claims are bound"
        )
        step.at(step.summary)

    return tell


def _name(urn: str) -> str:
    kind, _, name = urn.removeprefix("urn:pulumi:").rpartition("::")
    return f"{kind.rpartition('$')[2].rpartition('::')[2]} {name}"
