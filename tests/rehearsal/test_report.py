"""What people read: the checks, the changes, the remedy, and what was not exercised."""

from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from rehearsal import report
from rehearsal.outcome import (
    PROVES,
    Changed,
    Check,
    Failure,
    NotExercised,
    Outcome,
    PluginUsed,
    PolicyFinding,
    PoolUse,
)


def an_outcome() -> Outcome:
    return Outcome(
        stack="a-stack",
        command="up",
        row="up",
        proves=PROVES["up"],
        complete=False,
        faults=[],
        versions={"pulumi": "v3.250.0"},
        plugins=[PluginUsed(package="oci", version="5.5.0", origin="stand-in")],
        changes={"replace": 1},
        changed=[
            Changed(operation="replace", type="oci:A/b:C", name="pool", replaced_for=["shape"])
        ],
        resources={"oci:A/b:C": 1},
        placement={"openedx/lms-1": "10.0.4.2"},
        pods_by_pool={"lms": {"lms": 5}},
        headroom={
            "lms": PoolUse(
                nodes=5,
                allocatable_cpu_millicores=297_000,
                allocatable_memory_mib=637_220,
                requested_cpu_millicores=294_500,
                requested_memory_mib=627_735,
            )
        },
        checks=[Check(name="a", promise="all [is] well", passed=False, found="it is not")],
        policy_packs=["pack"],
        policies=[
            PolicyFinding(
                pack="pack",
                policy="no-public-ip",
                level="advisory",
                resource="r",
                message="is open",
            )
        ],
        notes=["five requests at a time"],
        not_exercised=[NotExercised(what="the cloud", why="simulated")],
        durations={"tools": 1.0},
        simulated_seconds=600,
        failure=Failure(step="pulumi up", message="Out of host capacity.", remedy="ask again"),
    )


def shown(outcome: Outcome) -> str:
    console = Console(file=io.StringIO(), width=140)
    report.show(outcome, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_everything_that_matters_is_shown() -> None:
    text = shown(an_outcome())
    for words in (
        "a-stack: not complete",
        "lms ×5",
        "294.5, 2.5 free",
        "all [is] well",
        "it is not",
        "replace",
        "shape",
        "no-public-ip",
        "is open",
        "five requests at a time",
        "the cloud",
        "Out of host capacity.",
        "ask again",
        "oci 5.5.0 (stand-in)",
        "about 10 min",
    ):
        assert words in text, words


def test_headroom_is_in_the_outcome_on_disk(tmp_path: Path) -> None:
    report.save(an_outcome(), tmp_path)
    written = json.loads((tmp_path / "outcome.json").read_text())
    assert written["headroom"]["lms"]["headroom_cpu_millicores"] == 2_500
    assert written["headroom"]["lms"]["headroom_memory_mib"] == 9_485
    assert "all&#160;[is]&#160;well" in (tmp_path / "outcome.svg").read_text()


def test_the_same_outcome_gives_the_same_picture(tmp_path: Path) -> None:
    report.save(an_outcome(), tmp_path / "a")
    report.save(an_outcome(), tmp_path / "b")
    first, second = ((tmp_path / name / "outcome.svg").read_bytes() for name in "ab")
    assert first == second
    assert b"url(http" not in first
