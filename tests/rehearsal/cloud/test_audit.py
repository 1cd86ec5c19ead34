"""Orphans, duplicates and what is missing are seen, owned things are not mistaken for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rehearsal.cloud.audit import audit
from rehearsal.cloud.store import Record, Store

VCN = "oci:Core/vcn:Vcn"
NODE_POOL = "oci:ContainerEngine/nodePool:NodePool"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cloud.db")


def put(
    store: Store, identity: str, name: str, *, kind: str = VCN, owner: str | None = None
) -> None:
    with store.transaction() as transaction:
        transaction.insert(
            Record(
                id=identity,
                type=kind,
                name=name,
                scope="compartment",
                region="me-jeddah-1",
                properties={},
                owner=owner,
            )
        )


def state(*identities: str, kind: str = VCN) -> dict[str, Any]:
    resources = [{"urn": f"urn:{it}", "type": kind, "id": it, "custom": True} for it in identities]
    stack = {"urn": "urn:stack", "type": "pulumi:pulumi:Stack", "custom": False}
    return {"version": 3, "deployment": {"resources": [stack, *resources]}}


def test_an_agreeing_cloud_is_clean(store: Store) -> None:
    put(store, "a", "vcn")
    assert audit(store, state("a")).clean


def test_what_the_state_does_not_know_is_an_orphan(store: Store) -> None:
    put(store, "a", "vcn")
    put(store, "b", "another")
    found = audit(store, state("a"))
    assert [it.id for it in found.orphans] == ["b"]
    assert not found.clean


def test_what_an_owner_made_is_not_an_orphan_while_the_owner_is_managed(store: Store) -> None:
    put(store, "pool", "lms", kind=NODE_POOL)
    put(store, "node", "node-0", kind="oci:Core/instance:Instance", owner="pool")
    assert audit(store, state("pool", kind=NODE_POOL)).clean
    assert [it.id for it in audit(store, state()).orphans] == ["pool", "node"]


def test_two_of_a_name_are_duplicates(store: Store) -> None:
    put(store, "a", "vcn")
    put(store, "b", "vcn")
    found = audit(store, state("a", "b"))
    assert [[it.id for it in group] for group in found.duplicates] == [["a", "b"]]
    assert found.orphans == ()


def test_what_only_the_state_has_is_missing(store: Store) -> None:
    put(store, "a", "vcn")
    found = audit(store, state("a", "gone"))
    assert [it.id for it in found.missing] == ["gone"]


def test_other_packages_are_not_looked_at(store: Store) -> None:
    put(store, "a", "vcn")
    exported = state("a")
    exported["deployment"]["resources"].append(
        {
            "urn": "urn:p",
            "type": "random:index/randomPassword:RandomPassword",
            "id": "none",
            "custom": True,
        }
    )
    assert audit(store, exported).clean


def test_an_empty_state_and_an_empty_cloud_agree(store: Store) -> None:
    assert audit(store, {"version": 3, "deployment": {}}).clean
