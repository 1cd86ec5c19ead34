"""A provider of toys, to try the base with: a cloud in a directory, and orders to misbehave.

Run as ``python -m tests.rehearsal.standin.toy`` it is a plugin; TOY_DIR names its directory.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rehearsal.standin.diffing import structural_diff
from rehearsal.standin.provider import (
    Change,
    Checked,
    CheckFailure,
    CloudError,
    Diff,
    InvokeRefused,
    PartialFailure,
    Prior,
    Provider,
    Resource,
    State,
)
from rehearsal.standin.values import UNKNOWN, Properties

TYPE = "toy:index:Thing"
REFUSAL = "500-InternalError, Out of host capacity.\nSuggestion: try another fault domain"


class ToyProvider(Provider):
    """Things have a size (changed in place), a region (not), a note, tags and parts.

    ``orders.json`` in the directory tells what happens to a thing of a name: ``refuse``,
    ``partial`` (created, then it fails), ``crash``, ``hang`` (until interrupted or timed out).
    """

    package = "toy"
    version = "1.2.3"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.configuration: Properties | None = None
        self.hanging = asyncio.Event()
        self.seen: list[tuple[str, Resource, Prior | None]] = []

    # -- the cloud of toys -----------------------------------------------------------------

    def order(self, **orders: str) -> None:
        """Give orders by the thing's name; none withdraws all."""
        (self.directory / "orders.json").write_text(json.dumps(orders))

    def things(self) -> dict[str, dict[str, Any]]:
        """What exists, by id."""
        return {
            path.stem: json.loads(path.read_text()) for path in self.directory.glob("thing-*.json")
        }

    def log(self) -> list[str]:
        """What was done: ``verb name``."""
        path = self.directory / "log"
        return path.read_text().splitlines() if path.exists() else []

    def _write(self, verb: str, id_: str, inputs: Properties) -> State:
        with (self.directory / "log").open("a") as log:
            log.write(f"{verb} {inputs['name']}\n")
        (self.directory / f"{id_}.json").write_text(json.dumps(inputs))
        outputs = {**inputs, "address": f"toy://{inputs['name']}", "token": f"tok-{id_}-{verb}"}
        return State(id_, outputs, secrets=frozenset({"token"}))

    async def _obey(self, resource: Resource, inputs: Properties, state: State | None) -> None:
        path = self.directory / "orders.json"
        orders: Mapping[str, str] = json.loads(path.read_text()) if path.exists() else {}
        match orders.get(str(inputs["name"])):
            case "refuse":
                raise CloudError(REFUSAL)
            case "crash":
                raise KeyError(f"no such thing {inputs.get('note')}")
            case "partial" if state is not None:
                raise PartialFailure(state, ["it does not start", "it does not answer"])
            case "hang" if state is not None:
                self.hanging.set()
                (self.directory / "hanging").touch()
                try:
                    async with asyncio.timeout(resource.timeout_seconds):
                        await self.cancelled.wait()
                except TimeoutError:
                    reason = f"not ready after {resource.timeout_seconds} s"
                    raise PartialFailure(state, [reason]) from None
                raise PartialFailure(state, ["the operation was interrupted"])

    # -- the provider ----------------------------------------------------------------------

    async def check_config(self, old: Properties, new: Properties) -> Checked:
        """Refuse an endpoint that is no URL."""
        endpoint = new.get("endpoint", "toy://")
        if endpoint is not UNKNOWN and not str(endpoint).startswith("toy://"):
            return Checked(new, [CheckFailure("endpoint", f"{endpoint} is not a toy:// URL")])
        return Checked(new)

    async def diff_config(self, old: Properties, new: Properties) -> Diff:
        """Another endpoint is another provider; a different retry count is not."""
        return structural_diff(old, new, replace=lambda name: name == "endpoint")

    async def configure(self, inputs: Properties) -> None:
        """Remember the configuration."""
        self.configuration = inputs

    async def check(self, resource: Resource, old: Properties | None, new: Properties) -> Checked:
        """Fill in the size; refuse a negative one."""
        if resource.type != TYPE:
            raise CloudError(f"toy: the stand-in does not know the type {resource.type}")
        inputs = {"size": 1, **new}
        if isinstance(size := inputs["size"], int) and size < 0:
            return Checked(inputs, [CheckFailure("size", f"{size} is negative")])
        return Checked(inputs)

    async def diff(
        self, resource: Resource, prior: Prior, new: Properties, ignore_changes: Sequence[str]
    ) -> Diff:
        """Compare inputs; an address that the cloud changed is put right in place."""
        self.seen.append(("diff", resource, prior))
        diff = structural_diff(
            prior.inputs, new, replace=lambda name: name == "region", ignore=ignore_changes
        )
        drifted = prior.outputs.get("address") != f"toy://{prior.inputs['name']}"
        drift = {"address": Change.UPDATE} if drifted else {}
        return Diff({**diff.changes, **drift}, delete_before_replace=bool(new.get("unique")))

    async def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> State:
        """Make a thing."""
        if preview:
            return State("", {**inputs, "address": UNKNOWN, "token": UNKNOWN})
        await self._obey(resource, inputs, None)
        id_ = f"thing-{len(self.log())}"
        state = self._write("create", id_, inputs)
        await self._obey(resource, inputs, state)
        return state

    async def read(self, resource: Resource, prior: Prior) -> State | None:
        """Look for it in the directory."""
        self.seen.append(("read", resource, prior))
        found = self.things().get(prior.id)
        if found is None:
            return None
        inputs = found
        state = State(
            prior.id,
            {**inputs, "address": f"toy://{inputs['name']}", "token": f"tok-{prior.id}-read"},
            inputs,
            frozenset({"token"}),
        )
        await self._obey(resource, inputs, state)
        return state

    async def update(
        self, resource: Resource, prior: Prior, inputs: Properties, *, preview: bool
    ) -> State:
        """Change it."""
        self.seen.append(("update", resource, prior))
        if preview:
            return State(prior.id, {**inputs, "address": prior.outputs["address"]})
        state = self._write("update", prior.id, inputs)
        await self._obey(resource, inputs, state)
        return state

    async def delete(self, resource: Resource, prior: Prior) -> None:
        """Remove it."""
        self.seen.append(("delete", resource, prior))
        await self._obey(resource, prior.inputs, None)
        with (self.directory / "log").open("a") as log:
            log.write(f"delete {prior.inputs['name']}\n")
        (self.directory / f"{prior.id}.json").unlink(missing_ok=True)

    async def invoke(self, token: str, args: Properties) -> Properties:
        """``toy:index:echo`` answers with its arguments."""
        if token != "toy:index:echo":
            return await super().invoke(token, args)
        if "forbidden" in args:
            raise InvokeRefused([CheckFailure("forbidden", "must not be given")])
        return args


if __name__ == "__main__":
    from rehearsal.standin.server import serve

    serve(ToyProvider(Path(os.environ["TOY_DIR"])))
