"""Simulated time: independent operations overlap, dependent ones follow one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.cloud import operations
from rehearsal.cloud.store import Record, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cloud.db")


def create(store: Store, identity: str, seconds: float, *needs: str) -> None:
    with store.transaction() as transaction:
        span = operations.schedule_after(transaction, needs, seconds)
        made = Record(
            id=identity,
            type="t",
            name=identity,
            scope="",
            region="",
            properties={"needs": list(needs)},
            created_at=span.ended,
        )
        transaction.insert(made)
        operations.log(transaction, span, type_token="t", verb="create", urn="", identity=identity)


def delete(store: Store, identity: str, seconds: float) -> None:
    with store.transaction() as transaction:
        span = operations.schedule_removal(transaction, identity, seconds)
        transaction.delete(identity, at=span.ended)
        operations.log(transaction, span, type_token="t", verb="delete", urn="", identity=identity)


def test_nothing_takes_no_time(store: Store) -> None:
    assert operations.simulated_seconds(store) == 0


def test_what_is_independent_runs_side_by_side(store: Store) -> None:
    create(store, "vault", 60)
    create(store, "vcn", 2)
    assert operations.simulated_seconds(store) == 60


def test_the_longest_chain_counts(store: Store) -> None:
    create(store, "vcn", 2)
    create(store, "subnet", 3, "vcn")
    create(store, "vault", 60)
    create(store, "cluster", 480, "subnet", "vault")
    create(store, "pool", 360, "cluster")
    assert operations.simulated_seconds(store) == pytest.approx(60 + 480 + 360)


def test_a_deletion_waits_for_the_deletion_of_what_used_it(store: Store) -> None:
    create(store, "vcn", 2)
    create(store, "subnet", 3, "vcn")
    operations.begin_run(store, "destroy")
    delete(store, "subnet", 10)
    delete(store, "vcn", 5)
    assert operations.simulated_seconds(store) == pytest.approx(15)


def test_a_run_starts_when_the_one_before_has_ended(store: Store) -> None:
    first = operations.begin_run(store, "up")
    create(store, "cluster", 480)
    second = operations.begin_run(store, "up")
    create(store, "vcn", 2)
    (cluster,) = operations.operations(store, first)
    (vcn,) = operations.operations(store, second)
    assert vcn.started == cluster.ended
    assert operations.simulated_seconds(store, first) == pytest.approx(480)
    assert operations.simulated_seconds(store) == pytest.approx(2)
