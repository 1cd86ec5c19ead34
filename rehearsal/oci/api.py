"""Requests to the simulated OCI: faults, then the type's own rules, then the log.

One create, update or delete is one transaction, so that a refusal leaves nothing behind. What a
type does outside the store (nodes in the control plane) happens after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Never

from rehearsal.cloud import operations
from rehearsal.cloud.operations import Span
from rehearsal.cloud.store import Record, Store, Transaction
from rehearsal.oci import errors
from rehearsal.oci.configuration import Configuration
from rehearsal.oci.differences import merge
from rehearsal.oci.facts.durations import FAILED_LAUNCH_SECONDS, REFUSAL_SECONDS
from rehearsal.oci.injection import Injection
from rehearsal.oci.model import Call, ResourceType, Site, Values
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import CloudError, PartialFailure, Prior, Resource, State


@dataclass(frozen=True)
class Api:
    """The API as one provider instance reaches it."""

    configuration: Configuration
    store: Store
    paths: StackPaths

    @property
    def _site(self) -> Site:
        return Site(self.paths, self.store)

    @property
    def _faults(self) -> Injection:
        return Injection(self.paths, self.store)

    def create(self, kind: ResourceType, resource: Resource, inputs: Values) -> State:
        """Create, and answer with the new resource's id and outputs."""
        self._refuse_by_fault(resource, "create")
        launch_fails = kind.launches and self._faults.fails_launch(resource.type)
        with (
            self._logging_refusals(resource, "create"),
            self._faults.shortage() as shortage,
            self.store.transaction() as transaction,
        ):
            needed = kind.waits_for(transaction, inputs)
            span = operations.schedule_after(transaction, needed, kind.durations.create)
            call = self._call(transaction, resource, span)
            call = replace(call, launch_fails=launch_fails, shortage=shortage)
            record = self._insert(call, kind, inputs)
            failure = kind.failure(record)
            if failure is None:
                _enter(call, "create", record.id, span)
        if failure is None:
            try:
                kind.settle(self._site, record)
            except CloudError as trouble:
                failure = trouble
        if failure is not None:
            self._give_up(kind, resource, record, failure)
        if self._faults.loses_answer(resource.type):
            raise self._answer_lost(resource)
        return _state(record)

    def read(self, kind: ResourceType, identity: str) -> State | None:
        """The resource as the store has it, None when it is gone."""
        record = self._find(identity, kind)
        return None if record is None else _state(record)

    def update(self, kind: ResourceType, resource: Resource, prior: Prior, inputs: Values) -> State:
        """Change in place.

        Raises:
            PartialFailure: whatever goes wrong, as pulumi-oci does: the engine keeps the id and
                tries the update again the next time. When the resource is gone it goes on
                failing (404) until a refresh takes it out of the state.
        """
        try:
            self._refuse_by_fault(resource, "update")
            with self._logging_refusals(resource, "update"):
                record = self._change(kind, resource, prior.id, inputs)
            kind.settle(self._site, record)
            failure = kind.failure(record)
            if failure is not None:
                raise failure
            if self._faults.loses_answer(resource.type):
                raise self._answer_lost(resource)
        except CloudError as refusal:
            raise PartialFailure(
                State(prior.id, prior.outputs), [_wrapped("updating", resource, refusal)]
            ) from refusal
        return _state(record)

    def delete(self, kind: ResourceType, resource: Resource, prior: Prior) -> None:
        """Delete what is still there."""
        if self._find(prior.id, kind) is None:
            return
        self._refuse_by_fault(resource, "delete")
        with self._logging_refusals(resource, "delete"), self.store.transaction() as transaction:
            record = transaction.get(prior.id)
            if record is None:
                return
            span = operations.schedule_removal(transaction, prior.id, kind.durations.delete)
            call = self._call(transaction, resource, span)
            _remove(call, kind, record)
            _enter(call, "delete", prior.id, span)
        kind.clear(self._site, record)
        if self._faults.loses_answer(resource.type):
            raise self._answer_lost(resource)

    def _insert(self, call: Call, kind: ResourceType, inputs: Values) -> Record:
        scope = kind.compartment(call, inputs)
        record = kind.adopted(call, inputs)
        if record is None:
            record = call.add(
                Record(
                    id=kind.identity(call, inputs),
                    type=call.type,
                    name=kind.display_name(inputs),
                    scope=scope,
                    region="" if kind.global_ else call.region.name,
                    properties={},
                    state=kind.active_state,
                    created_at=call.at,
                )
            )
        properties: Values = {
            "definedTags": {},
            "freeformTags": {},
            "state": kind.active_state,
            "timeCreated": call.time,
            **record.properties,
            **inputs,
        }
        properties |= kind.create(call, record.id, properties)
        call.transaction.update(
            record.id, properties=properties, name=kind.display_name(properties)
        )
        return _existing(call.transaction, record.id)

    def _change(
        self, kind: ResourceType, resource: Resource, identity: str, inputs: Values
    ) -> Record:
        if self._find(identity, kind) is None:
            raise errors.not_found(resource.type)
        with self._faults.shortage() as shortage, self.store.transaction() as transaction:
            needed = [identity, *kind.waits_for(transaction, inputs)]
            span = operations.schedule_after(transaction, needed, kind.durations.update)
            call = replace(self._call(transaction, resource, span), shortage=shortage)
            found = call.need(identity)
            properties = merge(found.properties, inputs)
            properties |= kind.update(call, found, properties)
            transaction.update(identity, properties=properties, name=kind.display_name(properties))
            _enter(call, "update", identity, span)
            return _existing(transaction, identity)

    def _give_up(
        self, kind: ResourceType, resource: Resource, record: Record, failure: CloudError
    ) -> Never:
        """Delete what could not be brought up and leave its id in the state.

        terraform-provider-oci sets the id before it waits for the work request, deletes the node
        pool or cluster when that fails, and returns the error with the id still set
        (``containerengine_node_pool_resource.go``); pulumi-terraform-bridge turns an error with
        an id into a partial state.
        """
        with self.store.transaction() as transaction:
            needed = kind.waits_for(transaction, dict(record.properties))
            span = operations.schedule_after(transaction, needed, FAILED_LAUNCH_SECONDS)
            call = self._call(transaction, resource, span)
            _remove(call, kind, record)
            _enter(call, "create", record.id, span, error=str(failure))
        kind.clear(self._site, record)
        outputs = {**record.properties, "state": "CREATING"}
        raise PartialFailure(
            State(record.id, outputs), [_wrapped("creating", resource, failure)]
        ) from failure

    def _refuse_by_fault(self, resource: Resource, verb: str) -> None:
        refusal = self._faults.refusal(resource.type)
        if refusal is not None:
            self._log_refusal(resource, verb, refusal.error, refusal.seconds)
            raise refusal.error

    @contextmanager
    def _logging_refusals(self, resource: Resource, verb: str) -> Iterator[None]:
        try:
            yield
        except CloudError as refusal:
            self._log_refusal(resource, verb, refusal, REFUSAL_SECONDS)
            raise

    def _log_refusal(
        self, resource: Resource, verb: str, refusal: CloudError, seconds: float
    ) -> None:
        with self.store.transaction() as transaction:
            span = operations.schedule_after(transaction, [], seconds)
            call = self._call(transaction, resource, span)
            _enter(call, verb, None, span, error=str(refusal))

    def _answer_lost(self, resource: Resource) -> CloudError:
        return errors.answer_lost(self.configuration.region.name, resource.type)

    def _find(self, identity: str, kind: ResourceType) -> Record | None:
        with self.store.transaction() as transaction:
            record = transaction.get(identity)
        here = "" if kind.global_ else self.configuration.region.name
        return record if record is not None and record.region == here else None

    def _call(self, transaction: Transaction, resource: Resource, span: Span) -> Call:
        return Call(
            type=resource.type,
            urn=resource.urn,
            region=self.configuration.region,
            home_region=self.configuration.home_region,
            transaction=transaction,
            at=span.ended,
        )


def _remove(call: Call, kind: ResourceType, record: Record) -> None:
    kind.delete(call, record)
    # What its owner brought with it (a VCN's default security list) goes when the owner goes.
    if record.owner is None:
        call.transaction.delete(record.id, at=call.at, state=kind.deleted_state)


def _enter(
    call: Call, verb: str, identity: str | None, span: Span, error: str | None = None
) -> None:
    operations.log(
        call.transaction,
        span,
        type_token=call.type,
        verb=verb,
        urn=call.urn,
        identity=identity,
        error=error,
    )


def _existing(transaction: Transaction, identity: str) -> Record:
    record = transaction.get(identity)
    if record is None:
        raise KeyError(identity)
    return record


def _state(record: Record) -> State:
    return State(id=record.id, outputs=dict(record.properties))


def _wrapped(doing: str, resource: Resource, failure: CloudError) -> str:
    """An error as pulumi-terraform-bridge reports one about a resource that has an id."""
    return f"{doing} {resource.urn}: 1 error occurred:\n\t* {failure}"
