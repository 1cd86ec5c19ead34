"""The layout on disk is an interface: plugins and outside checks find their files by it."""

from pathlib import Path

import pytest

from rehearsal.paths import REPOSITORY, STACK_DIR_VARIABLE, ProjectPaths, StackPaths


def test_the_repository_is_the_one_that_holds_the_project_file() -> None:
    assert REPOSITORY.root.is_absolute()
    assert REPOSITORY.project_file.is_file()
    assert REPOSITORY.stack_file("oci-jeddah").is_file()
    assert "oci-jeddah" in REPOSITORY.committed_stacks()


def test_a_stack_has_every_file_below_its_own_directory(tmp_path: Path) -> None:
    project = ProjectPaths(tmp_path)
    stack = project.stack("oci-jeddah")
    files = [
        value
        for name in dir(StackPaths)
        if isinstance(getattr(StackPaths, name), property)
        and isinstance(value := getattr(stack, name), Path)
    ]
    assert len(files) >= 13
    assert len(set(files)) == len(files)
    assert all(file.is_relative_to(tmp_path / ".rehearsal" / "oci-jeddah") for file in files)


def test_the_documented_places_keep_their_names(tmp_path: Path) -> None:
    stack = ProjectPaths(tmp_path).stack("s")
    directory = tmp_path / ".rehearsal" / "s"
    assert stack.outcome == directory / "outcome.json"
    assert stack.cloud_db == directory / "cloud.db"
    assert stack.faults == directory / "faults.json"
    assert stack.admin_kubeconfig == directory / "control-plane" / "admin.kubeconfig"
    assert stack.settings_copy == directory / "project" / "stacks" / "Pulumi.s.yaml"


def test_a_plugin_finds_its_stack_in_the_environment(tmp_path: Path) -> None:
    stack = ProjectPaths(tmp_path).stack("aws-bahrain")
    found = StackPaths.from_environment({STACK_DIR_VARIABLE: str(stack.directory)})
    assert found == stack
    assert found.name == "aws-bahrain"


def test_a_plugin_started_by_hand_is_told_how_to_start() -> None:
    with pytest.raises(RuntimeError, match=r"REHEARSAL_STACK_DIR .* `python -m rehearsal`"):
        StackPaths.from_environment({})


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "../up", "a b"])
def test_a_name_that_would_leave_the_directory_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a stack's name"):
        REPOSITORY.stack(name)


def test_stacks_that_were_rehearsed_are_found(tmp_path: Path) -> None:
    project = ProjectPaths(tmp_path)
    assert project.rehearsed_stacks() == ()
    for name in ("b", "a", ".lock"):
        (project.rehearsals / name).mkdir(parents=True)
    (project.rehearsals / "note.txt").write_text("")
    assert project.rehearsed_stacks() == ("a", "b")
