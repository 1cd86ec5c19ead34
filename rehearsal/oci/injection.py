"""The faults in force, as they strike requests to the simulated OCI."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from rehearsal import faults
from rehearsal.cloud.store import Store
from rehearsal.faults import Fault, FaultName
from rehearsal.oci import errors
from rehearsal.oci.model import Shortage
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import CloudError

_REFUSALS: Mapping[FaultName, tuple[int, Callable[[str], CloudError]]] = {
    FaultName.THROTTLED: (429, errors.throttled),
    FaultName.INTERNAL_ERROR: (500, errors.internal_error),
}


@dataclass(frozen=True)
class Refusal:
    """A fault's answer, and how long the provider went on asking before it gave up, seconds."""

    error: CloudError
    seconds: float


@dataclass(frozen=True)
class Injection:
    """What the faults of one stack do; each use is counted in the store."""

    paths: StackPaths
    store: Store

    def refusal(self, type_token: str) -> Refusal | None:
        """The answer to a request that a fault turns down before anything happens."""
        for name, (status, error) in _REFUSALS.items():
            if self._use(name, type_token):
                return Refusal(error(type_token), errors.RETRY_SECONDS[status])
        return None

    def loses_answer(self, type_token: str) -> bool:
        """Whether the answer to a request that succeeded gets lost."""
        return self._use(FaultName.TIMEOUT_AFTER_SUCCESS, type_token)

    def fails_launch(self, type_token: str) -> bool:
        """Whether the launch of this resource, by its type, runs out of hosts half way."""
        return self._use(FaultName.OUT_OF_HOST_CAPACITY, type_token, named_only=True)

    @contextmanager
    def shortage(self) -> Iterator[Shortage]:
        """The hosts that are missing while a request is answered.

        No request uses such a fault up; that one was felt is noted when the request is over, and
        stays noted when the request is undone.
        """
        missing = [
            (key, fault)
            for key, fault in self._in_force(FaultName.OUT_OF_HOST_CAPACITY)
            if fault.resource_type is None
        ]
        shortage = Shortage(sum(fault.count for _, fault in missing))
        try:
            yield shortage
        finally:
            if shortage.felt:
                with self.store.transaction() as transaction:
                    for key, _ in missing:
                        transaction.note_fault(key)

    def _use(self, name: FaultName, type_token: str, *, named_only: bool = False) -> bool:
        for key, fault in self._in_force(name):
            if not fault.strikes(type_token) or (named_only and fault.resource_type is None):
                continue
            with self.store.transaction() as transaction:
                if transaction.use_fault(key, limit=fault.count):
                    return True
        return False

    def _in_force(self, name: FaultName) -> Iterator[tuple[str, Fault]]:
        for index, fault in enumerate(faults.in_force(self.paths.faults)):
            if fault.name is name:
                yield faults.key(index, fault), fault
