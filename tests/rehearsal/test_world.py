"""When a rehearsal begins with an empty world, and what it forgets then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal import world
from rehearsal.paths import StackPaths


@pytest.fixture
def stack(tmp_path: Path) -> StackPaths:
    return StackPaths(tmp_path / "a-stack")


def test_a_world_is_complete_only_between_a_complete_up_and_the_next_change(
    stack: StackPaths,
) -> None:
    with world.occupied(stack):
        assert not world.ended_complete(stack)
        world.is_complete(stack)
        assert world.ended_complete(stack)
        world.is_changing(stack)
        assert not world.ended_complete(stack)
        world.is_changing(stack)


def test_emptying_forgets_everything_but_the_control_plane(stack: StackPaths) -> None:
    with world.occupied(stack):
        for folder in (stack.state, stack.project, stack.tutor, stack.control_plane):
            folder.mkdir(parents=True)
            (folder / "file").touch()
        beside = stack.cloud_db.with_name("cloud.db-wal")
        for file in (stack.cloud_db, beside, stack.faults, stack.not_exercised, stack.outcome):
            file.touch()
        world.is_complete(stack)
        assert world.has_begun(stack)
        world.empty(stack)
        assert not world.has_begun(stack)
        assert not world.ended_complete(stack)
        left = {path.name for path in stack.directory.iterdir()}
        assert left == {"control-plane", "rehearsal.lock"}


def test_only_one_process_has_a_world(stack: StackPaths) -> None:
    with (
        world.occupied(stack),
        pytest.raises(world.WorldBusyError, match="a rehearsal of a-stack is under way"),
        world.occupied(stack),
    ):
        pass
    with world.occupied(stack):
        pass


@pytest.mark.parametrize(
    ("checkpoint", "base"),
    [
        ({"latest": {"resources": [{"urn": "a"}]}}, True),
        ({"latest": {"resources": []}}, False),
        ({"latest": {}}, False),
        ({}, False),
    ],
)
def test_a_base_is_a_state_with_resources(
    stack: StackPaths, checkpoint: dict[str, object], base: bool
) -> None:
    assert not world.has_base(stack)
    file = stack.state / ".pulumi" / "stacks" / "openedx-large" / "a-stack.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": checkpoint}))
    assert world.has_base(stack) is base
