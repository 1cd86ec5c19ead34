"""The store keeps what exists, whole, under several threads and processes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rehearsal.cloud.store import Record, Store
from rehearsal.paths import REPOSITORY


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cloud.db")


def record(identity: str, **changes: object) -> Record:
    fields: dict[str, object] = {
        "id": identity,
        "type": "oci:Core/vcn:Vcn",
        "name": identity,
        "scope": "compartment",
        "region": "me-jeddah-1",
        "properties": {},
        **changes,
    }
    return Record(**fields)  # type: ignore[arg-type] # names as given


def test_what_is_inserted_is_read_back(store: Store) -> None:
    made = record("a", properties={"cidrBlocks": ["10.0.0.0/16"]}, private={"hosts": 3})
    with store.transaction() as transaction:
        transaction.insert(made)
    with Store(store.path).transaction() as transaction:
        assert transaction.get("a") == made


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def insert_and_fail() -> None:
        with store.transaction() as transaction:
            transaction.insert(record("a"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        insert_and_fail()
    with store.transaction() as transaction:
        assert transaction.live() == []


def test_the_deleted_are_not_live_and_their_ids_stay_taken(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.insert(record("a"))
        transaction.delete("a", at=5.0)
        assert transaction.get("a") is None
        assert transaction.live() == []
        assert transaction.next_sequence() == 2


def test_an_owner_takes_what_it_owns_with_it(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.insert(record("pool"))
        transaction.insert(record("node", owner="pool"))
        transaction.insert(record("other"))
        transaction.delete("pool", at=1.0)
        assert [it.id for it in transaction.live()] == ["other"]


def test_references_are_found_at_any_depth_but_not_in_oneself(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.insert(record("a", properties={"self": "a"}))
        transaction.insert(record("b", properties={"rules": [{"target": "a"}]}))
        transaction.insert(record("c", properties={"text": "where key = 'a'"}))
        transaction.insert(record("d", private={"subnet": "a"}))
        assert [it.id for it in transaction.referring_to("a")] == ["b", "c"]


def test_updating_what_is_gone_is_an_error(store: Store) -> None:
    with store.transaction() as transaction, pytest.raises(KeyError):
        transaction.update("a", name="b")


def test_threads_do_not_lose_each_others_writes(store: Store) -> None:
    def insert(index: int) -> None:
        with store.transaction() as transaction:
            transaction.insert(record(f"{transaction.next_sequence()}-{index}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(insert, range(40)))
    with store.transaction() as transaction:
        live = transaction.live()
    assert sorted(int(it.id.split("-")[0]) for it in live) == list(range(1, 41))


def test_processes_share_the_uses_of_a_fault(store: Store) -> None:
    program = (
        "import sys; from pathlib import Path; from rehearsal.cloud.store import Store\n"
        "with Store(Path(sys.argv[1])).transaction() as transaction:\n"
        "    print(transaction.use_fault('throttled', limit=2))\n"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(store.path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY.root,
        )
        for _ in range(3)
    ]
    answers = sorted(child.communicate()[0].strip() for child in children)
    assert answers == ["False", "True", "True"]
