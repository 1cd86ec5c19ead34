"""Whatever a stack file says, it is settings or a list of what is wrong: never anything else."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.settings.errors import SettingsError
from components.settings.load import load
from components.settings.platform import PlatformSettings
from tests.components.settings.stack import AROUND, FILE, loaded, said

LINE = re.compile(rf"{re.escape(FILE)}: platform.*: .+ — .+")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["10.0.0.0/16", "10.0.0.0/33", "auto", "on", "seven-node", "custom", "VM.Standard3.Flex"]
    )
    | st.integers(-1, 70_000)
)
garbage = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)
    ),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a nested mapping, its own included."""
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    return found


COMPLETE: dict[str, Any] = {
    **loaded(said()).model_dump(),
    "protection": "on",
}
PLACES = places(COMPLETE)


@st.composite
def broken_platforms(draw: st.DrawFn) -> Any:
    """A complete stack file with garbage in one to four places, known and unknown."""
    platform: Any = deepcopy(COMPLETE)
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(PLACES))
        action = draw(st.sampled_from(["replace", "add", "remove"]))
        value = draw(garbage)
        if not path:
            continue
        here = platform
        for step in path[:-1]:
            here = here.get(step) if isinstance(here, dict) else None
        if not isinstance(here, dict):
            continue
        if action == "remove":
            here.pop(path[-1], None)
        elif action == "add" and isinstance(here.get(path[-1]), dict):
            here[path[-1]][draw(st.text(max_size=12))] = value
        else:
            here[path[-1]] = value
    return platform


def check(platform: Any, *, secret: bool = False) -> None:
    try:
        found = load(platform, file=FILE, secret=secret, surroundings=AROUND)
    except SettingsError as error:
        assert error.problems
        for line in str(error).split("\n"):
            assert line.isprintable(), line
            assert LINE.fullmatch(line), line
        assert len(str(error).split("\n")) == len(error.problems)
    else:
        assert isinstance(found, PlatformSettings)
        assert not secret


def test_the_complete_form_is_valid() -> None:
    check(COMPLETE)


@given(broken_platforms(), st.booleans())
@settings(max_examples=250, deadline=None)
def test_garbage_in_a_stack_file(platform: Any, secret: bool) -> None:
    check(platform, secret=secret)


@given(garbage)
@settings(max_examples=150, deadline=None)
@example({"layout": "custom", "node_pools": {"lms": None}})
@example({"node_pools": {"": {}}, "openedx": {"workloads": {"": None}}})
@example({"cloud": {"residency": [[], {}, None]}})
def test_garbage_instead_of_a_stack_file(platform: Any) -> None:
    check(platform)


numbers = st.integers(-(10**12), 10**12)


@given(
    pool=st.sampled_from(["lms", "general"]),
    key=st.sampled_from(["nodes", "ocpus", "memory_gb", "boot_volume_gb", "max_pods"]),
    number=numbers | st.integers(0, 200),
)
@settings(max_examples=150, deadline=None)
def test_any_number_of_anything(pool: str, key: str, number: int) -> None:
    platform = deepcopy(COMPLETE)
    platform["node_pools"][pool][key] = number
    check(platform)


@given(garbage)
@settings(max_examples=150, deadline=None)
def test_the_value_of_a_secret_is_never_shown(value: Any) -> None:
    platform = deepcopy(COMPLETE)
    platform["openedx"]["smtp_password"] = {"deep": "canary-7c1f", "value": value}
    try:
        load(platform, file=FILE, surroundings=AROUND)
    except SettingsError as error:
        assert "canary-7c1f" not in str(error)
        assert "canary-7c1f" not in json.dumps([str(p.value) for p in error.problems])
    else:
        raise AssertionError("a password inside the platform object was accepted")
