"""One object at the API server: create, update in place, delete, and wait for each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from rehearsal.kubernetes import ownership
from rehearsal.kubernetes.client import ApiError, Cluster
from rehearsal.kubernetes.kinds import Kind
from rehearsal.kubernetes.objects import (
    DELETION_PROPAGATION,
    PATCH_FORCE,
    SKIP_AWAIT,
    TIMEOUT_SECONDS,
    WAIT_FOR,
    Object,
    annotation,
    metadata,
    name_of,
    namespace_of,
    pluck,
)
from rehearsal.kubernetes.readiness import RULES, Rule, Verdict, endpoints, selects_pods
from rehearsal.kubernetes.waitfor import rule
from rehearsal.kubernetes.waiting import Waiter, Watched

DEFAULT_TIMEOUT: Final = 600.0
"""Seconds that the official provider waits for an object."""

MISORDERED: Final = (1.0, 2.0, 4.0, 8.0)
"""Pauses, in seconds, before a create is tried again whose namespace or kind does not exist yet."""

_STRICT: Final = {"fieldValidation": "Strict"}
_DRY_RUN: Final = {"dryRun": "All"}
_CONFLICT: Final = (
    "server-side apply field conflict detected, see https://www.pulumi.com/registry/packages/"
    "kubernetes/how-to-guides/managing-resources-with-server-side-apply/"
    "#handle-field-conflicts-on-existing-resources for troubleshooting help\n"
    'The resource managed by field manager "{manager}" had an apply conflict: {error}'
)
_EXISTS: Final = (
    "{error}\n\n"
    "The object exists in the cluster already. Either a Pulumi resource was renamed (give it an "
    "alias, or deleteBeforeReplace), or something else made the object (`pulumi import` it, or set "
    "upsertExistingObjects on the provider to take it over)."
)

_SLICES: Final = Kind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", namespaced=True)
_STORAGE_CLASSES: Final = Kind("storage.k8s.io/v1", "StorageClass", "storageclasses", False)


class NoSuchKindError(Exception):
    """The API server does not serve a kind: its CustomResourceDefinition is missing."""


class NoPreviewError(Exception):
    """What a dry run cannot tell, though the real operation may well succeed."""


@dataclass(frozen=True)
class Order:
    """An object to bring about, and how."""

    obj: Object
    manager: str
    timeout: float | None = None
    """Seconds (``customTimeouts``); None for the annotation's or the default."""
    preview: bool = False

    @property
    def patience(self) -> float:
        """Seconds to wait for the object."""
        written = annotation(self.obj, TIMEOUT_SECONDS)
        return self.timeout or (float(written) if written.isdigit() else DEFAULT_TIMEOUT)


class Applier:
    """Brings objects about on one cluster."""

    def __init__(
        self,
        cluster: Cluster,
        waiter: Waiter,
        *,
        patch_force: bool = False,
        upsert: bool = False,
    ) -> None:
        self._cluster = cluster
        self._waiter = waiter
        self._patch_force = patch_force
        self._upsert = upsert

    async def create(self, order: Order) -> Object:
        """Create the object; without a preview, wait until it is ready.

        Raises ApiError, NoSuchKindError, NoPreviewError, NotReadyError.
        """
        live = await self._create_patiently(order)
        return live if order.preview else await self.wait(order, live)

    async def update(self, order: Order) -> Object:
        """Change the object in place; without a preview, wait until it is ready again.

        Raises ApiError, NoSuchKindError, NotReadyError.
        """
        kind, obj = await self.locate(order.obj)
        live = await self._cluster.get(kind, namespace_of(obj), name_of(obj))
        if live is None:
            gone = f'{kind.plural} "{name_of(obj)}" not found'
            raise ApiError(404, {"message": gone, "reason": "NotFound"})
        params = _params(order)
        if kind.kind == "CustomResourceDefinition":
            # An apply cannot take a version out of the middle of the list; a replacement can.
            version = metadata(live)["resourceVersion"]
            obj = {**obj, "metadata": {**metadata(obj), "resourceVersion": version}}
            changed = await self._cluster.replace(kind, obj, params)
        else:
            changed = await self._apply(kind, live, obj, order)
        return changed if order.preview else await self.wait(order, changed)

    async def read(self, obj: Object) -> Object | None:
        """The live object, None if it, or its kind, does not exist."""
        try:
            kind, obj = await self.locate(obj)
        except NoSuchKindError:
            return None
        return await self._cluster.get(kind, namespace_of(obj), name_of(obj))

    async def delete(
        self, obj: Object, timeout_seconds: float | None = None, policy: str = "Foreground"
    ) -> None:
        """Delete the object and wait until it is gone; it may be gone already.

        ``policy``: what becomes of what it owns, unless its annotation says.

        Raises ApiError, NotReadyError.
        """
        live = await self.read(obj)
        if live is None:
            return
        kind, _ = await self.locate(obj)
        asked = annotation(obj, DELETION_PROPAGATION).capitalize()
        if asked in ("Orphan", "Background"):
            policy = asked
        try:
            await self._cluster.delete(kind, namespace_of(live), name_of(live), policy)
        except ApiError as error:
            if error.not_found:
                return
            raise
        order = Order(obj, manager="", timeout=timeout_seconds)
        await self._waiter.until_gone(kind, live, order.patience)

    async def wait(self, order: Order, live: Object, rules: Rule | None = None) -> Object:
        """Wait until a live object is ready, by ``rules`` or by those of its kind."""
        if annotation(order.obj, SKIP_AWAIT) == "true":
            return live
        kind, _ = await self.locate(order.obj)
        asked = annotation(order.obj, WAIT_FOR)
        judge = rules or (rule(asked) if asked else None)
        related: list[Watched] = []
        if judge is None:
            judge = RULES.get((kind.api_version, kind.kind))
            if kind.kind == "Service" and selects_pods(live):
                related = [_slices_of(live)]
        if judge is None:
            return live

        async def verdict(now: Object) -> Verdict:
            found = judge(now)
            if asked or rules:
                return found
            if found is None and related:
                slices = await self._cluster.list_objects(
                    _SLICES, related[0].namespace, related[0].selectors
                )
                return endpoints(now, slices)
            if found is not None and await self._waits_for_consumer(now):
                return None
            return found

        watched = [Watched.of(kind, live), *related]
        return await self._waiter.until_ready(watched, live, verdict, order.patience)

    async def locate(self, obj: Object) -> tuple[Kind, Object]:
        """An object's kind, and the object in the namespace that it will be in.

        Raises NoSuchKindError.
        """
        api_version, name = str(obj["apiVersion"]), str(obj["kind"])
        kind = await self._cluster.kind(api_version, name)
        if kind is None:
            raise NoSuchKindError(f'no matches for kind "{name}" in version "{api_version}"')
        data = dict(metadata(obj))
        if kind.namespaced:
            data.setdefault("namespace", self._cluster.namespace)
        else:
            data.pop("namespace", None)
        return kind, {**obj, "metadata": data}

    async def _create(self, located: tuple[Kind, Object], order: Order) -> Object:
        kind, obj = located
        params = _params(order)
        if self._upsert:
            return await self._cluster.apply(kind, obj, params | {"force": "true"})
        try:
            return await self._cluster.create(
                kind, obj, params | {"fieldManager": ownership.CREATOR}
            )
        except ApiError as error:
            if error.already_exists and order.preview:
                raise NoPreviewError(str(error)) from error
            if error.already_exists:
                status = {"message": _EXISTS.format(error=error), "reason": error.reason}
                raise ApiError(error.code, status) from error
            raise

    async def _apply(self, kind: Kind, live: Object, obj: Object, order: Order) -> Object:
        handing_over = ownership.handing_over(live, order.manager)
        forced = self._patch_force or annotation(obj, PATCH_FORCE) == "true"
        forced = forced or not metadata(live).get("managedFields")
        if order.preview:
            # The hand-over is only made for real: what it would settle is no conflict.
            forced = forced or ownership.created_by_us(live)
        elif handing_over:
            await self._cluster.patch(kind, live, handing_over)
        params = _params(order) | {"force": "true" if forced else "false"}
        try:
            return await self._cluster.apply(kind, obj, params)
        except ApiError as error:
            if not error.conflict:
                raise
            text = _CONFLICT.format(manager=order.manager, error=error)
            raise ApiError(error.code, {"message": text, "reason": error.reason}) from error

    async def _create_patiently(self, order: Order) -> Object:
        """Create in spite of some misorder: a namespace or a kind may come to exist meanwhile."""
        pauses = iter(() if order.preview else MISORDERED)
        while True:
            try:
                return await self._create(await self.locate(order.obj), order)
            except (ApiError, NoSuchKindError) as error:
                if not (isinstance(error, NoSuchKindError) or error.not_found):
                    raise
                if order.preview:
                    raise NoPreviewError(str(error)) from error
                pause = next(pauses, None)
                if pause is None:
                    raise
            await asyncio.sleep(pause)

    async def _waits_for_consumer(self, claim: Object) -> bool:
        """Whether a pending claim is as ready as it gets before a pod uses it."""
        name = pluck(claim, "spec", "storageClassName")
        if claim.get("kind") != "PersistentVolumeClaim" or not name:
            return False
        storage_class = await self._cluster.get(_STORAGE_CLASSES, None, str(name))
        return bool(pluck(storage_class, "volumeBindingMode") == "WaitForFirstConsumer")


def _params(order: Order) -> dict[str, str]:
    params = _STRICT | {"fieldManager": order.manager}
    return params | _DRY_RUN if order.preview else params


def _slices_of(service: Object) -> Watched:
    selectors = {"labelSelector": f"kubernetes.io/service-name={name_of(service)}"}
    return Watched(_SLICES, namespace_of(service), selectors)
