"""The base behind the real engine: a toy plugin in a process of its own, inline programs."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Any

import psutil
import pulumi

from tests.rehearsal.standin.protocol import appears
from tests.rehearsal.standin.toy import REFUSAL
from tests.rehearsal.standin.toys import Program, Secret, Thing, Toys, ToyStack

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def a_car(**inputs: Any) -> Program:
    """A program with one thing, a car."""

    def program() -> None:
        Thing("car", **inputs)

    return program


def two_things() -> None:
    car = Thing("car")
    Thing("van", size=car.address.apply(len))


def test_unknown_values_pass_through_a_preview_and_are_known_in_the_end(toys: ToyStack) -> None:
    assert toys.preview(two_things) == ["create car", "create van"]
    van = toys.step("van")["new"]
    assert van["inputs"] == {"name": "van", "size": UNKNOWN}
    assert toys.cloud.log() == []

    toys.up(two_things)
    assert toys.state()["van"]["inputs"]["size"] == len("toy://car")
    assert toys.up(two_things) == []
    assert toys.preview(two_things) == []


def test_secrets_are_in_nothing_that_is_written(toys: ToyStack) -> None:
    def program() -> None:
        tags = {"pin": pulumi.Output.secret("hush-2")}
        car = Thing("car", note=Secret("hush-1"), tags=tags)
        pulumi.export("token", car.token)

    toys.up(program)
    token = "tok-thing-0-create"
    assert toys.cloud.things()["thing-0"]["note"] == "hush-1"
    assert all(text not in toys.written() for text in ("hush-1", "hush-2", token))
    assert all(text not in json.dumps(toys.events) for text in ("hush-1", "hush-2", token))
    outputs = toys.state()["car"]["outputs"]
    assert outputs["address"] == "toy://car"
    assert all("ciphertext" in outputs[name] for name in ("note", "tags", "token"))


def test_a_preview_shows_what_changes_and_what_replaces(toys: ToyStack) -> None:
    toys.up(a_car(size=1, region="jed", tags={"a": "x"}))
    after = a_car(size=2, region="ruh", tags={"a": "x", "b.c": "y"})
    assert toys.preview(after) == ["create-replacement car", "replace car", "delete-replaced car"]
    step = toys.step("car")
    assert step["detailedDiff"] == {
        "size": {"diffKind": "update", "inputDiff": True},
        "region": {"diffKind": "update-replace", "inputDiff": True},
        'tags["b.c"]': {"diffKind": "add", "inputDiff": True},
    }
    assert step["keys"] == ["region"]


def test_a_replacement_is_made_before_the_old_goes(toys: ToyStack) -> None:
    toys.up(a_car(region="jed"))
    toys.up(a_car(region="ruh"))
    assert toys.cloud.log() == ["create car", "create car", "delete car"]
    assert list(toys.cloud.things()) == ["thing-1"]


def test_delete_before_replace(toys: ToyStack) -> None:
    toys.up(a_car(region="jed", unique=True))
    toys.up(a_car(region="ruh", unique=True))
    assert toys.cloud.log() == ["create car", "delete car", "create car"]


def test_ignored_changes_change_nothing(toys: ToyStack) -> None:
    ignoring = pulumi.ResourceOptions(ignore_changes=["tags.a", "region"])
    toys.up(a_car(region="jed", tags={"a": "x"}))
    assert toys.up(a_car(region="ruh", tags={"a": "y"}, opts=ignoring)) == []
    assert toys.up(a_car(region="ruh", tags={"a": "y", "b": "z"}, opts=ignoring)) == ["update car"]
    assert toys.cloud.things()["thing-0"]["tags"] == {"a": "x", "b": "z"}


def test_the_clouds_words_reach_the_user_and_leave_nothing_behind(toys: ToyStack) -> None:
    toys.cloud.order(car="refuse")
    assert REFUSAL in toys.fails(a_car())
    assert "car" not in toys.state()
    assert toys.pending_operations() == []


def test_a_check_failure_names_the_property(toys: ToyStack) -> None:
    (error, *_) = toys.fails(a_car(size=-1))
    assert "size" in error
    assert "-1 is negative" in error


def test_what_was_created_and_failed_is_updated_by_the_next_up(toys: ToyStack) -> None:
    toys.cloud.order(car="partial")
    errors = "\n".join(toys.fails(a_car(note=Secret("hush"))))
    assert "it does not start" in errors
    assert "it does not answer" in errors
    state = toys.state()["car"]
    assert state["id"] == "thing-0"
    assert state["initErrors"] == ["it does not start", "it does not answer"]
    assert "hush" not in toys.written()

    toys.cloud.order()
    assert toys.up(a_car(note=Secret("hush"))) == ["update car"]
    assert toys.cloud.log() == ["create car", "update car"]
    assert "initErrors" not in toys.state()["car"]


def test_a_failed_update_is_done_again(toys: ToyStack) -> None:
    toys.up(a_car(size=1))
    toys.cloud.order(car="partial")
    toys.fails(a_car(size=2))
    toys.cloud.order()
    assert toys.up(a_car(size=2)) == ["update car"]
    assert list(toys.cloud.things()) == ["thing-0"]
    assert toys.up(a_car(size=2)) == []


def test_custom_timeouts_reach_the_provider(toys: ToyStack) -> None:
    toys.cloud.order(car="hang")
    timeouts = pulumi.CustomTimeouts(create="100ms")
    errors = toys.fails(a_car(opts=pulumi.ResourceOptions(custom_timeouts=timeouts)))
    assert any("not ready after 0.1 s" in error for error in errors)
    assert toys.state()["car"]["id"] == "thing-0"


def test_an_interrupt_ends_what_waits_and_keeps_what_was_made(toys: ToyStack) -> None:
    toys.cloud.order(car="hang")
    interrupting = threading.Thread(target=_interrupt_when, args=[toys.cloud.directory / "hanging"])
    interrupting.start()
    errors = toys.fails(a_car())
    interrupting.join()
    assert any("the operation was interrupted" in error for error in errors)
    assert toys.state()["car"]["initErrors"] == ["the operation was interrupted"]
    assert toys.pending_operations() == []

    toys.cloud.order()
    assert toys.up(a_car()) == ["update car"]
    assert list(toys.cloud.things()) == ["thing-0"]


def _interrupt_when(path: Path) -> None:
    appears(path)
    engine = next(child for child in psutil.Process().children() if child.name() == "pulumi")
    engine.send_signal(signal.SIGINT)


def test_refresh_sees_drift_and_what_is_gone(toys: ToyStack) -> None:
    toys.up(two_things)
    thing = toys.cloud.directory / "thing-0.json"
    thing.write_text(json.dumps({"name": "car", "size": 5}))
    (toys.cloud.directory / "thing-1.json").unlink()
    toys.refresh(two_things)
    assert toys.state()["car"]["inputs"] == {"name": "car", "size": 5}
    assert "van" not in toys.state()

    assert toys.up(two_things) == ["update car", "create van"]
    assert toys.cloud.things()["thing-0"]["size"] == 1


def test_import(toys: ToyStack) -> None:
    (toys.cloud.directory / "thing-7.json").write_text(json.dumps({"name": "car", "size": 1}))
    importing = pulumi.ResourceOptions(import_="thing-7")
    assert toys.up(a_car(size=1, opts=importing)) == ["import car"]
    assert toys.cloud.log() == []
    assert toys.up(a_car(size=1)) == []
    assert toys.state()["car"]["id"] == "thing-7"


def test_destroy_leaves_nothing(toys: ToyStack) -> None:
    toys.up(two_things)
    assert toys.destroy() == ["delete van", "delete car"]
    assert toys.cloud.things() == {}
    assert toys.state() == {}


def test_another_retry_count_keeps_the_provider_and_its_things(toys: ToyStack) -> None:
    def with_retries(retries: int) -> Program:
        def program() -> None:
            provider = Toys("toys", endpoint="toy://a", retries=str(retries))
            Thing("car", opts=pulumi.ResourceOptions(provider=provider))

        return program

    toys.up(with_retries(1))
    assert toys.up(with_retries(2)) == ["update toys"]
    assert toys.cloud.log() == ["create car"]


def test_another_endpoint_replaces_the_provider_and_its_things(toys: ToyStack) -> None:
    def at(endpoint: str) -> Program:
        def program() -> None:
            provider = Toys("toys", endpoint=pulumi.Output.secret(endpoint))
            Thing("car", opts=pulumi.ResourceOptions(provider=provider))

        return program

    toys.up(at("toy://a"))
    steps = toys.preview(at("toy://b"))
    assert "replace toys" in steps
    assert "replace car" in steps
    assert toys.up(at("toy://a")) == []
    assert "toy://a" not in toys.written()


def test_a_provider_configured_with_what_is_not_known_yet_previews_and_works(
    toys: ToyStack,
) -> None:
    def program() -> None:
        provider = Toys("toys", endpoint=Thing("car").address)
        Thing("van", opts=pulumi.ResourceOptions(provider=provider))

    assert toys.preview(program) == ["create car", "create toys", "create van"]
    toys.up(program)
    assert toys.up(program) == []


def test_functions(toys: ToyStack) -> None:
    def program() -> None:
        answer = pulumi.runtime.invoke("toy:index:echo", {"size": 3}, pulumi.InvokeOptions()).value
        Thing("car", size=answer["size"])

    toys.up(program)
    assert toys.cloud.things()["thing-0"]["size"] == 3


def test_an_unknown_function_and_an_unknown_type_are_refused_by_name(toys: ToyStack) -> None:
    def invoking() -> None:
        pulumi.runtime.invoke("toy:index:nothing", {}, pulumi.InvokeOptions())

    def making() -> None:
        pulumi.CustomResource("toy:index:Nothing", "x", {})

    assert any("does not answer toy:index:nothing" in error for error in toys.fails(invoking))
    assert any("does not know the type toy:index:Nothing" in error for error in toys.fails(making))
