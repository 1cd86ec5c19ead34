"""Kubernetes objects as Pulumi resources: check, diff, create, read, update, delete."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from rehearsal.kubernetes import immutables, kinds
from rehearsal.kubernetes.access import Access, Reached
from rehearsal.kubernetes.applying import NoPreviewError, NoSuchKindError, Order
from rehearsal.kubernetes.client import ApiError, UnreachableError
from rehearsal.kubernetes.objects import (
    WAIT_FOR,
    Object,
    annotation,
    field_manager,
    id_of,
    metadata,
    name_of,
    namespace_of,
    parse_id,
    previewed,
    read_inputs,
    to_object,
    to_outputs,
    without_read_only,
)
from rehearsal.kubernetes.symptoms import reasons
from rehearsal.kubernetes.waitfor import WaitForError, rule
from rehearsal.kubernetes.waiting import NotReadyError
from rehearsal.standin.diffing import structural_diff
from rehearsal.standin.provider import (
    Checked,
    CheckFailure,
    CloudError,
    Diff,
    PartialFailure,
    Prior,
    Resource,
    State,
)
from rehearsal.standin.values import UNKNOWN, Properties, contains_unknown

_CONTENTS: Final = frozenset({"data", "stringData"})

_T = TypeVar("_T")


class Resources:
    """All resources of the package but Helm releases."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def check(self, resource: Resource, old: Properties | None, new: Properties) -> Checked:
        """Settle which object the inputs mean, and refuse what has no name."""
        token = kinds.parse(resource.type)
        if old is not None and await self._access.kept_as_it_was():
            return Checked(old)
        settled = {**new, "apiVersion": token.api_version, "kind": token.kind}
        failures = [
            CheckFailure(key, f"a {resource.type} has {key} {settled[key]}, not {new[key]}")
            for key in ("apiVersion", "kind")
            if new.get(key) not in (None, UNKNOWN, settled[key])
        ]
        data = new.get("metadata")
        if data is UNKNOWN:
            return Checked(settled, failures)
        settled["metadata"] = data = dict(metadata(new))
        if data.get("name") in (None, ""):
            reason = (
                "autonaming is disabled, resource requires the .metadata.name field to be set: "
                "random names would make every preview another one"
            )
            failures.append(CheckFailure("metadata.name", reason))
        failures += _wait_for_failures(settled)
        if not data.get("namespace") and (default := await self._default_namespace(token)):
            data["namespace"] = default
        return Checked(without_read_only(settled), failures)

    async def diff(
        self, resource: Resource, prior: Prior, new: Properties, ignore_changes: Sequence[str]
    ) -> Diff:
        """Compare the inputs; an object of the same name is deleted before it is replaced."""
        old_inputs = self._comparable(resource, without_read_only(prior.inputs))
        new_inputs = self._comparable(resource, new)
        found = structural_diff(
            old_inputs,
            new_inputs,
            replace=immutables.replaces(
                dict(new_inputs),
                mutable_contents=self._access.settings.mutable_contents(str(new.get("kind"))),
            ),
            ignore=ignore_changes,
        )
        replaced = any(change.replaces for change in found.changes.values())
        same = (name_of(old_inputs), namespace_of(old_inputs)) == (
            name_of(new_inputs),
            namespace_of(new_inputs),
        )
        return replace(found, delete_before_replace=replaced and same)

    async def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> State:
        """Create the object and wait for it."""
        manager = field_manager(resource.urn, inputs, {})
        if preview:
            reached = None if contains_unknown(inputs) else await self._access.if_reached()
            return await self._previewed_create(reached, inputs, manager, resource)
        reached = await self._access.required()
        order = Order(to_object(inputs), manager, resource.timeout_seconds)
        try:
            live = await reached.applier.create(order)
        except (ApiError, NoSuchKindError) as error:
            raise self._refused(resource, error) from error
        except NotReadyError as ended:
            raise await self._unready(
                reached,
                _state(ended.live, manager),
                ended,
                f'resource "{resource.urn}" was successfully created, but the Kubernetes API '
                "server reported that it failed to fully initialize or become live",
            ) from ended
        except UnreachableError as error:
            raise CloudError(f"configured Kubernetes cluster is unreachable: {error}") from error
        return _state(live, manager)

    async def read(self, resource: Resource, prior: Prior) -> State | None:
        """The live object; its inputs in the shape they had, or whole for an import."""
        if await self._access.kept_as_it_was():
            return State(prior.id, prior.outputs, prior.inputs)
        reached = await self._access.required_to_forget()
        if reached is None:
            return None
        live = await _told(reached.applier.read(_identity(resource, prior)))
        if live is None:
            return None
        manager = field_manager(resource.urn, prior.inputs, prior.outputs)
        inputs = read_inputs(live, prior.inputs)
        return replace(_state(live, manager), id=prior.id, inputs=inputs)

    async def update(
        self, resource: Resource, prior: Prior, inputs: Properties, *, preview: bool
    ) -> State:
        """Apply the new inputs and wait for the object."""
        manager = field_manager(resource.urn, inputs, prior.outputs)
        if preview:
            reached = None if contains_unknown(inputs) else await self._access.if_reached()
            if reached is None:
                return State(prior.id, inputs, secrets=_secrets(inputs))
        else:
            reached = await self._access.required()
        order = Order(to_object(inputs), manager, resource.timeout_seconds, preview=preview)
        try:
            live = await reached.applier.update(order)
        except (ApiError, NoSuchKindError) as error:
            raise CloudError(f'update of resource "{resource.urn}" failed: {error}') from error
        except NotReadyError as ended:
            raise await self._unready(
                reached,
                _state(ended.live, manager),
                ended,
                f'the Kubernetes API server reported that "{id_of(ended.live)}" failed to fully '
                "initialize or become live",
            ) from ended
        except UnreachableError as error:
            raise CloudError(f"configured Kubernetes cluster is unreachable: {error}") from error
        return _state(live, manager)

    async def delete(self, resource: Resource, prior: Prior) -> None:
        """Delete the object with all that it owns, and wait until it is gone."""
        reached = await self._access.required_to_forget()
        if reached is None:
            return
        obj = _identity(resource, prior)
        try:
            await _told(reached.applier.delete(obj, resource.timeout_seconds))
        except NotReadyError as ended:
            why = await reasons(reached.cluster, ended.live, ended.verdict)
            raise CloudError("\n".join([str(ended), *why])) from ended

    async def _previewed_create(
        self, reached: Reached | None, inputs: Properties, manager: str, resource: Resource
    ) -> State:
        if reached is None:
            return State("", inputs, secrets=_secrets(inputs))
        order = Order(to_object(inputs), manager, preview=True)
        try:
            dry_run = await reached.applier.create(order)
        except NoPreviewError:
            return State("", inputs, secrets=_secrets(inputs))
        except (ApiError, NoSuchKindError) as error:
            raise self._refused(resource, error) from error
        state = _state(dry_run, manager)
        return State("", previewed(dict(state.outputs), inputs), secrets=state.secrets)

    def _refused(self, resource: Resource, error: ApiError | NoSuchKindError) -> CloudError:
        if isinstance(error, NoSuchKindError):
            token = kinds.parse(resource.type)
            return CloudError(
                f'creation of resource "{resource.urn}" with kind {token.api_version}/{token.kind} '
                "failed because the Kubernetes API server reported that the apiVersion for this "
                "resource does not exist. Verify that any required CRDs have been created: "
                f"{error}"
            )
        return CloudError(
            f'resource "{resource.urn}" was not successfully created by the Kubernetes API server: '
            f"{error}"
        )

    async def _unready(
        self, reached: Reached, state: State, ended: NotReadyError, what: str
    ) -> PartialFailure:
        why = await reasons(reached.cluster, ended.live, ended.verdict)
        return PartialFailure(state, [f"{what}: {ended}", *why])

    async def _default_namespace(self, token: kinds.Token) -> str:
        """The namespace for an object without one; empty for a cluster-wide kind."""
        if token.typed is not None and not token.typed.namespaced:
            return ""
        reached = await self._access.if_reached()
        if reached is None:
            return self._access.settings.selection.namespace
        kind = token.typed or await reached.cluster.kind(token.api_version, token.kind)
        # A custom resource whose definition is still to come may be either; its create knows.
        return reached.cluster.namespace if kind is None or kind.namespaced else ""

    def _comparable(self, resource: Resource, inputs: Mapping[str, Any]) -> Object:
        """The inputs with the namespace that an object without one is in."""
        typed = kinds.parse(resource.type).typed
        data = inputs.get("metadata")
        if data is UNKNOWN or not isinstance(data, Mapping):
            return dict(inputs)
        scope = {} if typed and not typed.namespaced else {"namespace": "default"}
        named = {key: value for key, value in data.items() if value not in (None, "")}
        if typed and not typed.namespaced:
            named.pop("namespace", None)
        return {**inputs, "metadata": scope | named}


def _state(live: Object, manager: str) -> State:
    return State(id_of(live), to_outputs(live, manager), secrets=_secrets(live))


def _secrets(obj: Mapping[str, Any]) -> frozenset[str]:
    """What is secret in an object by its nature: a Secret's contents, whoever gave them."""
    secret = obj.get("kind") == "Secret" and obj.get("apiVersion") == "v1"
    return _CONTENTS if secret else frozenset()


def _identity(resource: Resource, prior: Prior) -> Object:
    """The object that the id names; the annotations are those that the state knows."""
    token = kinds.parse(resource.type)
    namespace, name = parse_id(prior.id)
    data: Object = {
        "name": name,
        "annotations": dict(metadata(prior.inputs).get("annotations") or {}),
    }
    if namespace:
        data["namespace"] = namespace
    return {"apiVersion": token.api_version, "kind": token.kind, "metadata": data}


def _wait_for_failures(inputs: Mapping[str, Any]) -> list[CheckFailure]:
    asked = annotation(inputs, WAIT_FOR)
    try:
        if asked:
            rule(asked)
    except WaitForError as error:
        return [CheckFailure(f'metadata.annotations["{WAIT_FOR}"]', str(error))]
    return []


async def _told(operation: Awaitable[_T]) -> _T:
    """Await an operation, with what the API server says as the error."""
    try:
        return await operation
    except ApiError as error:
        raise CloudError(str(error)) from error
    except UnreachableError as error:
        raise CloudError(f"configured Kubernetes cluster is unreachable: {error}") from error
