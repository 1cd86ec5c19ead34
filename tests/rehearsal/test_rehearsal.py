"""The rehearsal end to end: a fault, the recovery, and everything that must hold afterwards."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from rehearsal import plain_secrets
from rehearsal.cloud.store import Store
from rehearsal.engine import normalised
from rehearsal.outcome import Outcome
from tests.rehearsal.project import Rehearsed, a_project, hashes

RESERVATION = "oci:Core/computeCapacityReservation:ComputeCapacityReservation"
NODE_POOL = "oci:ContainerEngine/nodePool:NodePool"
CHECKS = {
    "nodes",
    "allocatable",
    "one LMS pod per node",
    "nothing else on LMS nodes",
    "the rest on general",
    "rolled out",
    "pods running",
    "claims bound",
    "requests fit",
    "second up",
    "preview",
    "cloud and state agree",
    "no plain secret",
}


def live(rehearsed: Rehearsed) -> list[tuple[str, str]]:
    with Store(rehearsed.stack.cloud_db).transaction() as transaction:
        return [(record.type, record.id) for record in transaction.live()]


@dataclass
class Story:
    """One stack: out of hosts at first, then complete."""

    rehearsed: Rehearsed
    before: dict[str, str]
    failed: Outcome
    left_by_failure: list[tuple[str, str]]
    complete: Outcome
    outputs: dict[str, Any]
    export: dict[str, Any]

    def committed(self) -> list[Path]:
        return [
            self.rehearsed.project.project_file,
            *self.rehearsed.project.stacks.glob("*.yaml"),
        ]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    rehearsed = Rehearsed(a_project(tmp_path_factory.mktemp("project")))
    project = rehearsed.project
    before = hashes([project.project_file, *project.stacks.glob("*.yaml")])
    failed = rehearsed.up("out-of-host-capacity:2")
    left = live(rehearsed)
    complete = rehearsed.up()
    engine = rehearsed.rehearsal().engine()
    yield Story(rehearsed, before, failed, left, complete, engine.outputs(), engine.export())


def test_the_fault_fails_in_the_clouds_own_words_with_the_remedy(story: Story) -> None:
    assert not story.failed.complete
    assert story.failed.failure is not None
    assert story.failed.failure.step == "pulumi up"
    assert "500-InternalError, Out of host capacity." in story.failed.failure.message
    assert "node_pools.*.nodes" in story.failed.failure.message
    assert "without --fault" in story.failed.failure.remedy


def test_without_all_hosts_there_is_no_reservation_and_no_pool(story: Story) -> None:
    types = Counter(kind for kind, _ in story.left_by_failure)
    assert types["oci:Core/vcn:Vcn"] == 1
    assert RESERVATION not in types
    assert NODE_POOL not in types


def test_the_next_up_ends_complete(story: Story) -> None:
    assert story.complete.failure is None
    assert {check.name: check.found for check in story.complete.checks if not check.passed} == {}
    assert {check.name for check in story.complete.checks} == CHECKS
    assert story.complete.complete


def test_what_the_failed_up_made_is_still_there_once(story: Story) -> None:
    after = live(story.rehearsed)
    assert set(story.left_by_failure) <= set(after)
    assert len(after) == len(set(after))


def test_five_lms_pods_are_on_five_nodes(story: Story) -> None:
    nodes = [
        node
        for pod, node in story.complete.placement.items()
        if pod.startswith("openedx/lms-") and "worker" not in pod
    ]
    assert len(nodes) == len(set(nodes)) == 5
    assert story.complete.pods_by_pool["lms"] == {"lms": 5}
    assert "lms" not in story.complete.pods_by_pool["general"]


def test_no_autoscaler_is_made(story: Story) -> None:
    named = " ".join([*story.complete.resources, *story.complete.placement]).lower()
    assert "autoscaler" not in named.replace("kube-dns-autoscaler", "")


def test_the_outcome_on_disk_says_what_was_and_was_not_proven(story: Story) -> None:
    outcome = json.loads(story.rehearsed.stack.outcome.read_text())
    assert outcome["complete"] is True
    assert outcome["row"] == "up"
    assert outcome["proves"]["placement"] is True
    assert outcome["proves"]["replacements"] is False
    assert outcome["versions"]["Kubernetes of the stack"] == "v1.34.1"
    assert outcome["versions"]["Kubernetes of the control plane here"].startswith("v1.36")
    assert {plugin["package"] for plugin in outcome["plugins"]} == {
        "kubernetes",
        "oci",
        "random",
        "tls",
    }
    assert {"the cloud", "containers", "network policies"} <= {
        entry["what"] for entry in outcome["not_exercised"]
    }
    assert any("5 requests at a time" in note for note in outcome["notes"])
    assert outcome["simulated_seconds"] > 10 * 60


def test_committed_files_stay_as_they_are(story: Story) -> None:
    assert hashes(story.committed()) == story.before


def test_no_secret_is_in_plain_text(story: Story) -> None:
    secrets = list(plain_secrets.secret_texts(story.outputs["tutor_secrets"]))
    assert len(secrets) >= 5
    stack = story.rehearsed.stack
    texts = {
        "export": json.dumps(story.export),
        "outcome": stack.outcome.read_text(),
        "told": story.rehearsed.told.getvalue(),
        **{f"state/{name}": text for name, text in files(stack.state).items()},
        **{f"logs/{name}": text for name, text in files(stack.directory / "logs").items()},
        **{f"plane/{name}": text for name, text in files(stack.control_plane / "logs").items()},
        "cloud": stack.cloud_db.read_bytes().decode(errors="replace"),
    }
    assert plain_secrets.holding(secrets, texts) == []


def files(folder: Path) -> dict[str, str]:
    return plain_secrets.files_below(folder) if folder.is_dir() else {}


def test_the_plain_output_holds_placeholders_instead_of_secrets(story: Story) -> None:
    secrets = list(plain_secrets.secret_texts(story.outputs["tutor_secrets"]))
    plain = {name: json.dumps(value) for name, value in story.outputs.items()}
    del plain["tutor_secrets"], plain["kubeconfig"]
    assert plain_secrets.holding(secrets, plain) == []
    assert "${secret:MYSQL_ROOT_PASSWORD}" in plain["tutor"]


def test_two_previews_give_equal_events(story: Story) -> None:
    rehearsal = story.rehearsed.rehearsal(keep=True)
    rehearsal.preview()
    try:
        engine = rehearsal.engine()
        first, second = engine.preview(), engine.preview()
    finally:
        rehearsal.plane.stop()
    assert first.changed == 0
    assert normalised(first.events) == normalised(second.events)
    assert first.events == second.events


def test_a_plain_destroy_is_refused_with_the_resource_and_nothing_is_lost(story: Story) -> None:
    before = live(story.rehearsed)
    outcome = story.rehearsed.destroy()
    assert outcome.failure is not None
    assert "protected, so nothing was deleted" in outcome.failure.message
    assert "oci:ContainerEngine/cluster:Cluster oci-oke-cluster" in outcome.failure.message
    assert RESERVATION in outcome.failure.message
    assert "protection: off" in outcome.failure.remedy
    assert live(story.rehearsed) == before


def test_nothing_is_left_running(story: Story) -> None:
    directory = str(story.rehearsed.stack.directory)
    running = [
        process.info["cmdline"]
        for process in psutil.process_iter(["cmdline"])
        if any(directory in part for part in process.info["cmdline"] or [])
    ]
    assert running == []
