"""Bringing a release about, changing it, and taking it away, object by object as Helm does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rehearsal.kubernetes.access import Reached
from rehearsal.kubernetes.applying import NoSuchKindError, Order
from rehearsal.kubernetes.client import ApiError
from rehearsal.kubernetes.helm import hooks
from rehearsal.kubernetes.helm.history import DEPLOYED, FAILED, SUPERSEDED, History, Revision
from rehearsal.kubernetes.helm.readiness import RULES
from rehearsal.kubernetes.helm.rendering import Rendered
from rehearsal.kubernetes.objects import Object, annotation, id_of, metadata, name_of, pluck
from rehearsal.kubernetes.symptoms import reasons
from rehearsal.kubernetes.waiting import NotReadyError

MANAGER: Final = "helm"
CASCADE: Final = "Background"
"""Helm's own way of deleting what an object owns."""

_NAME: Final = "meta.helm.sh/release-name"
_NAMESPACE: Final = "meta.helm.sh/release-namespace"
_MANAGED_BY: Final = "app.kubernetes.io/managed-by"
_KEEP: Final = "helm.sh/resource-policy"


class ReleaseError(Exception):
    """The release was refused; nothing of it was made that was not there."""


class ReleaseFailedError(Exception):
    """Objects were made, but the release did not succeed."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class Manner:
    """How a release is brought about; ``timeout`` in seconds."""

    timeout: float = 300.0
    wait: bool = True
    wait_for_jobs: bool = False
    run_hooks: bool = True
    create_namespace: bool = False
    take_ownership: bool = False
    strict: bool = True


class Installer:
    """Works on the releases of one cluster."""

    def __init__(self, reached: Reached) -> None:
        self._cluster = reached.cluster
        self._applier = reached.applier
        self.history = History(reached.cluster)

    async def install(self, revision: Revision, rendered: Rendered, manner: Manner) -> Revision:
        """Install a new release. Raises ReleaseError, ReleaseFailedError."""
        if await self.history.last(revision.namespace, revision.name) is not None:
            raise ReleaseError("cannot re-use a name that is still in use")
        if manner.create_namespace:
            await self._ensure_namespace(revision)
        await self._define(rendered.definitions, revision, manner)
        objects = [_owned(obj, revision) for obj in await self._placed(rendered.objects, revision)]
        if not manner.take_ownership:
            await self._refuse_foreign(objects, revision)
        return await self._bring_about(
            replace(revision, objects=objects), rendered, manner, event="install"
        )

    async def upgrade(self, revision: Revision, rendered: Rendered, manner: Manner) -> Revision:
        """Bring a release to its next revision. Raises ReleaseError, ReleaseFailedError."""
        last = await self.history.last(revision.namespace, revision.name)
        if last is None:
            raise ReleaseError(f'"{revision.name}" has no deployed releases')
        objects = [_owned(obj, revision) for obj in await self._placed(rendered.objects, revision)]
        await self._refuse_foreign(objects, revision)
        succeeding = replace(revision, objects=objects, revision=last.revision + 1)
        done = await self._bring_about(succeeding, rendered, manner, event="upgrade")
        kept = {_key(obj) for obj in objects}
        await self._remove([obj for obj in last.objects if _key(obj) not in kept], manner.timeout)
        await self.history.write(last.told(SUPERSEDED))
        return done

    async def uninstall(self, namespace: str, name: str, timeout_seconds: float) -> None:
        """Delete a release's objects, last made first; custom resource definitions stay.

        Raises ReleaseFailedError.
        """
        last = await self.history.last(namespace, name)
        if last is None:
            return
        try:
            await self._remove(list(reversed(last.objects)), timeout_seconds)
        except NotReadyError as error:
            raise ReleaseFailedError([str(error)]) from error
        await self.history.forget(namespace, name)

    async def _bring_about(
        self, revision: Revision, rendered: Rendered, manner: Manner, *, event: str
    ) -> Revision:
        chosen = rendered.hooks if manner.run_hooks else ()
        status, failure = DEPLOYED, None
        try:
            await self._run(hooks.at(f"pre-{event}", chosen), revision, manner)
            for obj in revision.objects:
                live = await self._apply(obj, revision, strict=manner.strict)
                if obj["kind"] == "CustomResourceDefinition":
                    await self._wait(obj, manner, live)
            if manner.wait:
                await self._wait_for_all(revision, manner)
            await self._run(hooks.at(f"post-{event}", chosen), revision, manner)
        except (ApiError, NoSuchKindError, NotReadyError) as error:
            status, failure = FAILED, error
        # Kinds that the release defines itself are known by now, and so is where their objects are.
        objects = await self._placed(revision.objects, revision)
        done = replace(revision, objects=objects, status=status)
        await self.history.write(done)
        if failure is not None:
            raise ReleaseFailedError(await self._told(failure)) from failure
        return done

    async def _wait_for_all(self, revision: Revision, manner: Manner) -> None:
        waits = [self._wait(obj, manner) for obj in revision.objects]
        ended = await asyncio.gather(*waits, return_exceptions=True)
        for failure in ended:
            if isinstance(failure, BaseException):
                raise failure

    async def _run(self, chosen: Sequence[Object], revision: Revision, manner: Manner) -> None:
        for hook in await self._placed(chosen, revision):
            if hooks.deleted(hook, hooks.BEFORE_CREATION):
                await self._applier.delete(hook, manner.timeout, CASCADE)
            live = await self._apply(hook, revision, strict=manner.strict)
            try:
                if hook["kind"] == "Job":
                    await self._applier.wait(Order(hook, MANAGER, manner.timeout), live)
            except NotReadyError:
                if hooks.deleted(hook, hooks.FAILED):
                    await self._applier.delete(hook, manner.timeout, CASCADE)
                raise
            if hooks.deleted(hook, hooks.SUCCEEDED):
                await self._applier.delete(hook, manner.timeout, CASCADE)

    async def _apply(self, obj: Object, revision: Revision, *, strict: bool = True) -> Object:
        (placed,) = await self._placed([obj], revision)
        kind, placed = await self._applier.locate(placed)
        validation = "Strict" if strict else "Warn"
        params = {"fieldManager": MANAGER, "force": "true", "fieldValidation": validation}
        return await self._cluster.apply(kind, placed, params)

    async def _wait(self, obj: Object, manner: Manner, live: Object | None = None) -> None:
        key = (str(obj["apiVersion"]), str(obj["kind"]))
        if key not in RULES or (obj["kind"] == "Job" and not manner.wait_for_jobs):
            return
        live = live or await self._applier.read(obj)
        if live is not None:
            await self._applier.wait(Order(obj, MANAGER, manner.timeout), live, RULES[key])

    async def _define(
        self, definitions: Sequence[Object], revision: Revision, manner: Manner
    ) -> None:
        """Make the chart's custom resource definitions, unless they exist, and wait for them."""
        for definition in definitions:
            if await self._applier.read(definition) is None:
                live = await self._apply(definition, revision)
                await self._wait(definition, manner, live)

    async def _ensure_namespace(self, revision: Revision) -> None:
        name = revision.namespace
        labels = {"name": name}
        obj = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": labels},
        }
        if await self._applier.read(obj) is None:
            await self._apply(obj, revision)

    async def _placed(self, objects: Sequence[Object], revision: Revision) -> list[Object]:
        """The objects in their namespaces: the release's, where they name none."""
        placed = []
        for obj in objects:
            kind = await self._cluster.kind(str(obj["apiVersion"]), str(obj["kind"]))
            data = dict(metadata(obj))
            # A kind that the release defines itself is not known until that is applied.
            if kind is not None and kind.namespaced:
                data.setdefault("namespace", revision.namespace)
            placed.append({**obj, "metadata": data})
        return placed

    async def _refuse_foreign(self, objects: Sequence[Object], revision: Revision) -> None:
        for obj in objects:
            live = await self._applier.read(obj)
            if live is None or _owner(live) == (revision.namespace, revision.name):
                continue
            raise ReleaseError(
                f'{obj["kind"]} "{name_of(obj)}" in namespace '
                f'"{metadata(obj).get("namespace", "")}" exists and cannot be imported into the '
                f"current release: it does not belong to {revision.namespace}/{revision.name} by "
                f"its label {_MANAGED_BY} and its annotations {_NAME} and {_NAMESPACE}"
            )

    async def _remove(self, objects: Sequence[Object], timeout_seconds: float) -> None:
        for obj in objects:
            if annotation(obj, _KEEP) != "keep":
                await self._applier.delete(obj, timeout_seconds, CASCADE)

    async def _told(self, error: Exception) -> list[str]:
        if isinstance(error, NotReadyError):
            why = await reasons(self._cluster, error.live, error.verdict)
            return [f"{error.live.get('kind')} {id_of(error.live)}: {error}", *why]
        return [str(error)]


def _owned(obj: Object, revision: Revision) -> Object:
    data = metadata(obj)
    return {
        **obj,
        "metadata": {
            **data,
            "labels": {**(data.get("labels") or {}), _MANAGED_BY: "Helm"},
            "annotations": {
                **(data.get("annotations") or {}),
                _NAME: revision.name,
                _NAMESPACE: revision.namespace,
            },
        },
    }


def _owner(live: Object) -> tuple[str, str] | None:
    if pluck(live, "metadata", "labels", _MANAGED_BY) != "Helm":
        return None
    return annotation(live, _NAMESPACE), annotation(live, _NAME)


def _key(obj: Object) -> tuple[str, str, str]:
    return str(obj["apiVersion"]).rpartition("/")[0], str(obj["kind"]), id_of(obj)
