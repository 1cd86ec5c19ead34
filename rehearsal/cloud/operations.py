"""The operations log of a simulated cloud, and the clock it runs on.

No one waits for a simulated cluster. Each operation is entered with the seconds that the cloud
would have taken, on a clock that lets operations overlap as they would have: an operation starts
when the run has begun and everything its properties name has settled, so independent operations
run side by side and the end of the last one is the end of the critical path.
An order that exists only in the program (``depends_on``) is not seen here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rehearsal.cloud.store import Store, Transaction, wall_clock


@dataclass(frozen=True)
class Operation:
    """One call that a provider made to the cloud."""

    run: int
    type: str
    verb: str
    """``create``, ``update`` or ``delete``."""
    urn: str
    id: str | None
    started: float
    """Simulated time, seconds since the epoch."""
    ended: float
    error: str | None

    @property
    def seconds(self) -> float:
        """How long the cloud would have taken."""
        return self.ended - self.started


@dataclass(frozen=True)
class Span:
    """When an operation takes place in simulated time."""

    started: float
    ended: float


def begin_run(store: Store, name: str) -> int:
    """Start a run (one engine command): later operations belong to it.

    Simulated time goes on from the wall clock, or from the end of the last run if that is later.
    """
    with store.transaction() as transaction:
        return _begin(transaction, name)


def schedule_after(transaction: Transaction, identities: Iterable[str], seconds: float) -> Span:
    """The span of an operation that needs these resources to have settled."""
    started = max(_began(transaction), transaction.settled_at(identities))
    return Span(started, started + seconds)


def schedule_removal(transaction: Transaction, identity: str, seconds: float) -> Span:
    """The span of a removal, which comes after the last operation on whatever used the thing."""
    started = max(_began(transaction), transaction.settled_after_users_of(identity))
    return Span(started, started + seconds)


def log(  # noqa: PLR0913 - one column each
    transaction: Transaction,
    span: Span,
    *,
    type_token: str,
    verb: str,
    urn: str,
    identity: str | None,
    error: str | None = None,
) -> None:
    """Enter an operation, and note on the resource when it settled."""
    transaction.connection.execute(
        "INSERT INTO operations (run, type, verb, urn, id, started, ended, error)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            current_run(transaction),
            type_token,
            verb,
            urn,
            identity,
            span.started,
            span.ended,
            error,
        ),
    )
    if identity is not None:
        transaction.settle(identity, span.ended)


def current_run(transaction: Transaction) -> int:
    """The run that operations belong to now; the first one begins by itself."""
    row = transaction.connection.execute("SELECT max(run) AS run FROM runs").fetchone()
    return int(row["run"]) if row["run"] is not None else _begin(transaction, "")


def operations(store: Store, run: int | None = None) -> list[Operation]:
    """The operations of a run, by default of the last one, in the order they were called."""
    with store.transaction() as transaction:
        rows = transaction.connection.execute(
            "SELECT * FROM operations WHERE run = ? ORDER BY sequence",
            (current_run(transaction) if run is None else run,),
        ).fetchall()
    return [
        Operation(
            run=row["run"],
            type=row["type"],
            verb=row["verb"],
            urn=row["urn"],
            id=row["id"],
            started=row["started"],
            ended=row["ended"],
            error=row["error"],
        )
        for row in rows
    ]


def simulated_seconds(store: Store, run: int | None = None) -> float:
    """How long the cloud would have taken for a run, along the longest chain of waits."""
    logged = operations(store, run)
    if not logged:
        return 0.0
    return max(entry.ended for entry in logged) - min(entry.started for entry in logged)


def _begin(transaction: Transaction, name: str) -> int:
    row = transaction.connection.execute("SELECT max(ended) AS ended FROM operations").fetchone()
    cursor = transaction.connection.execute(
        "INSERT INTO runs (name, began) VALUES (?, ?)",
        (name, max(wall_clock(), row["ended"] or 0.0)),
    )
    return int(cursor.lastrowid or 0)


def _began(transaction: Transaction) -> float:
    row = transaction.connection.execute(
        "SELECT began FROM runs WHERE run = ?", (current_run(transaction),)
    ).fetchone()
    return float(row["began"])
