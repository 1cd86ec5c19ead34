"""A stack file that cannot be used is refused by the real engine before anything exists."""

from __future__ import annotations

from pathlib import Path

from rehearsal.cloud.store import Store
from tests.rehearsal.project import STACK, Rehearsed, a_project


def test_every_problem_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    file = project.stack_file(STACK)
    text = file.read_text()
    assert "layout: seven-node" in text
    file.write_text(
        text.replace(
            "layout: seven-node",
            "layout: seven-node\n    node_pools: {lms: {ocpus: 300}}\n    protektion: on",
        )
    )
    rehearsed = Rehearsed(project)
    outcome = rehearsed.up()
    assert outcome.failure is not None
    told = outcome.failure.message
    assert (
        f"stacks/Pulumi.{STACK}.yaml: platform.node_pools.lms.ocpus: 300"
        " — VM.Standard.E4.Flex offers 1 to 64" in told
    )
    assert "platform.protektion" in told
    assert "protection" in told
    assert "Traceback" not in told
    with Store(rehearsed.stack.cloud_db).transaction() as transaction:
        assert transaction.live() == []
