"""Who gives way."""

from __future__ import annotations

from components.ground.priority_classes import DATA, DEFAULT, LMS, PRIORITIES
from tests.components.conftest import Recording

PRIORITY = "kubernetes:scheduling.k8s.io/v1:PriorityClass"


def test_data_comes_before_the_lms_and_the_lms_before_the_rest() -> None:
    assert DATA.value > LMS.value > DEFAULT.value > 0


def test_none_is_above_kubernetes_own() -> None:
    assert max(priority.value for priority in PRIORITIES) < 1_000_000_000


def test_all_are_registered_and_none_is_everybodys(recording: Recording) -> None:
    made = recording.of_type(PRIORITY)
    assert {r.inputs["metadata"]["name"]: int(r.inputs["value"]) for r in made} == {
        priority.name: priority.value for priority in PRIORITIES
    }
    assert not [r.name for r in made if r.inputs["globalDefault"]]
    assert all(r.delete_before_replace for r in made)
