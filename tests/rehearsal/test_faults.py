"""Faults are read strictly and put in force afresh."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal import faults
from rehearsal.cloud.store import Store
from rehearsal.faults import Fault, FaultName, InvalidFaultError
from rehearsal.paths import StackPaths

NODE_POOL = "oci:ContainerEngine/nodePool:NodePool"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("throttled", Fault(FaultName.THROTTLED)),
        ("internal-error:3", Fault(FaultName.INTERNAL_ERROR, count=3)),
        ("timeout-after-success", Fault(FaultName.TIMEOUT_AFTER_SUCCESS)),
        (
            f"out-of-host-capacity:{NODE_POOL}",
            Fault(FaultName.OUT_OF_HOST_CAPACITY, resource_type=NODE_POOL),
        ),
    ],
)
def test_a_fault_is_read_and_written_the_same(text: str, fault: Fault) -> None:
    assert faults.parse(text) == fault
    assert str(fault) == text


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(InvalidFaultError) as refused:
        faults.parse("out-of-capacity")
    for name in FaultName:
        assert name.value in str(refused.value)


@pytest.mark.parametrize(
    "text", ["throttled:", "throttled:0", "throttled:-1", "throttled:Vcn", "throttled:1:2", ""]
)
def test_what_follows_the_colon_must_be_a_count_or_a_type(text: str) -> None:
    with pytest.raises(InvalidFaultError, match="fault"):
        faults.parse(text)


def test_a_fault_of_a_type_leaves_other_types_alone() -> None:
    fault = faults.parse(f"throttled:{NODE_POOL}")
    assert fault.strikes(NODE_POOL)
    assert not fault.strikes("oci:Core/vcn:Vcn")
    assert faults.parse("throttled").strikes("oci:Core/vcn:Vcn")


def test_arming_replaces_what_was_in_force_and_forgets_its_uses(tmp_path: Path) -> None:
    paths = StackPaths(tmp_path / "test")
    store = Store(paths.cloud_db)
    faults.arm(paths, [Fault(FaultName.THROTTLED)])
    with store.transaction() as transaction:
        assert transaction.use_fault("0 throttled", limit=1)
        assert not transaction.use_fault("0 throttled", limit=1)
    faults.arm(paths, [Fault(FaultName.THROTTLED)])
    with store.transaction() as transaction:
        assert transaction.use_fault("0 throttled", limit=1)
    faults.arm(paths, [])
    assert faults.in_force(paths.faults) == []


def test_disarming_keeps_what_has_struck(tmp_path: Path) -> None:
    paths = StackPaths(tmp_path / "test")
    idle, used = faults.parse("throttled:2"), faults.parse("internal-error:2")
    assert faults.struck(paths) == []
    faults.arm(paths, [idle, used])
    for _ in range(2):
        with Store(paths.cloud_db).transaction() as transaction:
            assert transaction.use_fault(faults.key(1, used), limit=used.count)
    assert faults.struck(paths) == [used]
    faults.disarm(paths)
    assert faults.in_force(paths.faults) == []
    assert faults.struck(paths) == [used]
    faults.arm(paths, [idle])
    assert faults.struck(paths) == []


def test_asking_and_disarming_make_no_files(tmp_path: Path) -> None:
    paths = StackPaths(tmp_path / "test")
    assert faults.struck(paths) == []
    faults.disarm(paths)
    assert not paths.directory.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("throttled:oci:Core/subnets:Subnet", "close to it: oci:Core/subnet:Subnet"),
        ("throttled:oci:Core/nosuch:NoSuch", "close to it: oci:Core/"),
        ("throttled:random:index/randomString:RandomString", "it has oci:"),
        ("out-of-host-capacity:oci:Core/vcn:Vcn", f"no host is launched.*only for {NODE_POOL}"),
    ],
)
def test_a_type_must_be_one_that_the_fault_can_strike(text: str, words: str) -> None:
    with pytest.raises(InvalidFaultError, match=words) as refused:
        faults.parse(text)
    assert text in str(refused.value)


def test_types_are_known_by_their_tokens() -> None:
    assert faults.known_type(NODE_POOL)
    assert not faults.known_type("oci:Core/nosuch:NoSuch")


def test_without_a_file_no_fault_is_in_force(tmp_path: Path) -> None:
    assert faults.in_force(tmp_path / "faults.json") == []
