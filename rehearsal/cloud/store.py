"""The store of a simulated cloud: what exists, whatever Pulumi's state says.

One SQLite file (write-ahead log) is shared by all plugin processes of a rehearsed stack: the
engine starts one for each provider instance. Every change is one short ``BEGIN IMMEDIATE``
transaction, so that a check and the change that rests on it cannot be torn apart by another
process.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.cloud.tables import SCHEMA

#: How long a process waits for another's transaction, seconds; each takes milliseconds.
LOCK_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Record:
    """One thing in the cloud."""

    id: str
    type: str
    """The provider's type token, also for things that no Pulumi resource stands for."""
    name: str
    """What the console shows: the display name, or the name where the cloud has one."""
    scope: str
    """The compartment or account that holds it."""
    region: str
    properties: Mapping[str, Any]
    """JSON values under the provider's property names: what the provider shows."""
    private: Mapping[str, Any] = field(default_factory=dict)
    """JSON values that the cloud keeps to itself, such as which hosts are taken."""
    state: str = "AVAILABLE"
    owner: str | None = None
    """The id of what made it and takes it away again: a node pool owns its instances."""
    created_at: float = 0.0
    """Simulated time, seconds since the epoch."""
    deleted_at: float | None = None
    """When it ceased to be usable; some clouds show it for a while as pending deletion."""
    sequence: int = field(default=0, compare=False)


class Store:
    """The store in the file ``path``, made when it does not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All or nothing; no other thread or process changes the store meanwhile."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield Transaction(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close the calling thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            del self._local.connection

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self.path, timeout=LOCK_PATIENCE_SECONDS, isolation_level=None
            )
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(SCHEMA)
            self._local.connection = connection
        return connection


class Transaction:
    """Reads and writes within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def next_sequence(self) -> int:
        """The sequence number that the next inserted record gets; never given out twice."""
        row = self.connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'resources'"
        ).fetchone()
        return 1 + (row["seq"] if row else 0)

    def insert(self, record: Record) -> None:
        """Add a record; its id must be new."""
        self.connection.execute(
            "INSERT INTO resources (id, type, name, scope, region, owner, state, properties,"
            " private, created_at, settled_at, deleted_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.id,
                record.type,
                record.name,
                record.scope,
                record.region,
                record.owner,
                record.state,
                json.dumps(record.properties, sort_keys=True),
                json.dumps(record.private, sort_keys=True),
                record.created_at,
                record.created_at,
                record.deleted_at,
            ),
        )

    def get(self, identity: str) -> Record | None:
        """The live record with this id."""
        row = self.connection.execute(
            "SELECT * FROM resources WHERE id = ? AND deleted_at IS NULL", (identity,)
        ).fetchone()
        return _record(row) if row else None

    def live(self, type_token: str | None = None, *, owner: str | None = None) -> list[Record]:
        """Live records, oldest first."""
        query = "SELECT * FROM resources WHERE deleted_at IS NULL"
        values: list[str] = []
        if type_token is not None:
            query += " AND type = ?"
            values.append(type_token)
        if owner is not None:
            query += " AND owner = ?"
            values.append(owner)
        rows = self.connection.execute(query + " ORDER BY sequence", values)
        return [_record(row) for row in rows]

    def referring_to(self, identity: str, *, type_token: str | None = None) -> list[Record]:
        """Live records that name ``identity`` anywhere in their properties."""
        return [
            record
            for record in self.live(type_token)
            if record.id != identity and _mentions(record.properties, identity)
        ]

    def update(
        self,
        identity: str,
        *,
        properties: Mapping[str, Any] | None = None,
        private: Mapping[str, Any] | None = None,
        name: str | None = None,
        state: str | None = None,
    ) -> None:
        """Change what is given of a live record."""
        record = self.get(identity)
        if record is None:
            raise KeyError(identity)
        self.connection.execute(
            "UPDATE resources SET properties = ?, private = ?, name = ?, state = ? WHERE id = ?",
            (
                json.dumps(record.properties if properties is None else properties, sort_keys=True),
                json.dumps(record.private if private is None else private, sort_keys=True),
                record.name if name is None else name,
                record.state if state is None else state,
                identity,
            ),
        )

    def delete(self, identity: str, *, at: float, state: str = "DELETED") -> None:
        """End a record's life, and that of everything it owns."""
        self.connection.execute(
            "UPDATE resources SET state = ?, deleted_at = ?"
            " WHERE (id = ? OR owner = ?) AND deleted_at IS NULL",
            (state, at, identity, identity),
        )

    def settled_at(self, identities: Iterable[str]) -> float:
        """When, in simulated time, the last operation on any of these ended; 0.0 for none."""
        latest = 0.0
        for identity in identities:
            row = self.connection.execute(
                "SELECT settled_at FROM resources WHERE id = ?", (identity,)
            ).fetchone()
            if row:
                latest = max(latest, float(row["settled_at"]))
        return latest

    def settled_after_users_of(self, identity: str) -> float:
        """When the last operation on anything that names ``identity`` ended, deleted or not."""
        row = self.connection.execute(
            "SELECT max(settled_at) AS latest FROM resources"
            " WHERE id = ? OR owner = ? OR instr(properties, ?) > 0",
            (identity, identity, identity),
        ).fetchone()
        return float(row["latest"] or 0.0)

    def settle(self, identity: str, at: float) -> None:
        """Note when the last operation on a record ended, in simulated time."""
        self.connection.execute("UPDATE resources SET settled_at = ? WHERE id = ?", (at, identity))

    def use_fault(self, fault: str, *, limit: int) -> bool:
        """Take one of the ``limit`` uses of a fault; False when all have been taken."""
        row = self.connection.execute(
            "SELECT uses FROM fault_uses WHERE fault = ?", (fault,)
        ).fetchone()
        uses = row["uses"] if row else 0
        if uses >= limit:
            return False
        self.note_fault(fault)
        return True

    def note_fault(self, fault: str) -> None:
        """Note one use of a fault that no number of uses exhausts."""
        self.connection.execute(
            "INSERT INTO fault_uses VALUES (?, 1)"
            " ON CONFLICT (fault) DO UPDATE SET uses = uses + 1",
            (fault,),
        )

    def used_faults(self) -> list[str]:
        """The faults that have been used, in the order of their first use."""
        rows = self.connection.execute("SELECT fault FROM fault_uses ORDER BY rowid")
        return [row["fault"] for row in rows]

    def forget_fault_uses(self) -> None:
        """Every fault is fresh again."""
        self.connection.execute("DELETE FROM fault_uses")


def wall_clock() -> float:
    """The time at which simulated time starts for a run, seconds since the epoch."""
    return time.time()


def _record(row: sqlite3.Row) -> Record:
    return Record(
        id=row["id"],
        type=row["type"],
        name=row["name"],
        scope=row["scope"],
        region=row["region"],
        properties=json.loads(row["properties"]),
        private=json.loads(row["private"]),
        state=row["state"],
        owner=row["owner"],
        created_at=row["created_at"],
        deleted_at=row["deleted_at"],
        sequence=row["sequence"],
    )


def _mentions(value: Any, identity: str) -> bool:
    if isinstance(value, str):
        return identity in value
    if isinstance(value, Mapping):
        return any(_mentions(item, identity) for item in value.values())
    if isinstance(value, list):
        return any(_mentions(item, identity) for item in value)
    return False
