"""The real engine, built from its module, on a small project."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

from rehearsal.engine import Engine, EngineError, JsonEvent
from rehearsal.engine.engine import PLACEHOLDER
from rehearsal.toolchain import PulumiCli
from tests.rehearsal.engine.conftest import Fixture, all_ended, eventually, pids_in


def an_engine(project: Fixture, cli: PulumiCli) -> Engine:
    return Engine(project.paths, "dev", cli=cli)


def hashes(directory: Path) -> dict[str, str]:
    """Every file outside ``.rehearsal``, Python's own caches left out."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file() and not {".rehearsal", "__pycache__"} & set(path.parts)
    }


def test_up_preview_and_destroy_leave_the_committed_files_as_they_are(
    project: Fixture, built_pulumi: PulumiCli
) -> None:
    before = hashes(project.paths.root)
    engine = an_engine(project, built_pulumi)
    assert engine.up().changes == {"create": 3}
    assert engine.outputs() == {"greeting": "hello"}
    again = engine.up(refresh=True)
    assert again.changes == {"same": 3}
    assert again.changed == 0
    assert engine.destroy().changes == {"delete": 3}
    assert hashes(project.paths.root) == before
    assert "encryptionsalt" in engine.stack.settings_copy.read_text()


def test_two_previews_give_equal_events(project: Fixture, built_pulumi: PulumiCli) -> None:
    first = an_engine(project, built_pulumi).preview()
    second = an_engine(project, built_pulumi).preview()
    assert first.changes == {"create": 3}
    assert len(first.events) > 6
    assert first.events == second.events
    project.settings("config:\n  fixture:greeting: good day\n")
    assert an_engine(project, built_pulumi).preview().events != first.events


def test_events_are_told_while_the_engine_runs(project: Fixture, built_pulumi: PulumiCli) -> None:
    events: list[JsonEvent] = []
    an_engine(project, built_pulumi).preview(on_event=events.append)
    created = {
        event["resourcePreEvent"]["metadata"]["urn"].rpartition("::")[2]
        for event in events
        if "resourcePreEvent" in event
    }
    assert created == {"fixture-dev", "one", "two"}


SECRET_OUTPUT = """
    import pulumi

    class Thing(pulumi.ComponentResource):
        def __init__(self, name, password):
            super().__init__("fixture:index:Thing", name, {"password": password})
            self.register_outputs({"password": password})

    password = pulumi.Output.secret("canary-91c4")
    Thing("one", password)
    pulumi.export("password", password)
    pulumi.export("smtp", pulumi.Config().require_secret("smtpPassword"))
"""


def test_a_secret_is_in_no_event_and_in_no_file(project: Fixture, built_pulumi: PulumiCli) -> None:
    project.program(SECRET_OUTPUT)
    project.settings("config:\n  fixture:smtpPassword: {secure: v1:theirs}\n")
    engine = an_engine(project, built_pulumi)
    told: list[JsonEvent] = []
    done = engine.up(on_event=told.append)
    assert engine.outputs() == {"password": "canary-91c4", "smtp": PLACEHOLDER}
    kept = json.dumps([*told, *done.events, engine.export()])
    files = b"".join(
        path.read_bytes() for path in engine.stack.directory.rglob("*") if path.is_file()
    )
    for secret in ("canary-91c4", PLACEHOLDER):
        assert secret not in kept
        assert secret.encode() not in files


def test_no_credential_reaches_the_program(
    project: Fixture, built_pulumi: PulumiCli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("OCI_CLI_KEY_CONTENT", "AWS_SECRET_ACCESS_KEY", "PULUMI_ACCESS_TOKEN", "OTHER"):
        monkeypatch.setenv(name, "canary-77aa")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "canary-77aa"))
    project.program(
        """
        import os, pathlib, pulumi
        pulumi.export("environment", dict(os.environ))
        pulumi.export("home", [str(p) for p in pathlib.Path.home().iterdir()])
        """
    )
    engine = an_engine(project, built_pulumi)
    engine.up()
    outputs = engine.outputs()
    assert "canary-77aa" not in str(outputs)
    assert outputs["home"] == []
    assert outputs["environment"]["REHEARSAL_STACK_DIR"] == str(engine.stack.directory)
    assert "KUBECONFIG" not in outputs["environment"]
    assert "PYTHONPATH" not in outputs["environment"]


def test_the_program_runs_in_the_virtualenv_of_the_project_file(
    project: Fixture, built_pulumi: PulumiCli
) -> None:
    project.paths.project_file.write_text(
        project.paths.project_file.read_text().replace("virtualenv: ", "virtualenv: /nowhere")
    )
    with pytest.raises(EngineError, match=r"/nowhere\S+ is not a virtual environment"):
        an_engine(project, built_pulumi).preview()


def test_an_error_of_the_program_is_told_once_and_in_its_own_words(
    project: Fixture, built_pulumi: PulumiCli
) -> None:
    project.program("import pulumi\nraise pulumi.RunError('stacks/x.yaml: a.b: 1 - use 2')")
    with pytest.raises(EngineError) as caught:
        an_engine(project, built_pulumi).preview()
    assert str(caught.value) == "stacks/x.yaml: a.b: 1 - use 2"


def test_a_crash_of_the_program_shows_where(project: Fixture, built_pulumi: PulumiCli) -> None:
    project.program("def f():\n    raise ValueError('oops')\nf()")
    with pytest.raises(EngineError, match=r"__main__\.py\", line 2, in f(.|\n)*ValueError: oops"):
        an_engine(project, built_pulumi).preview()


def test_a_refusal_of_the_command_line_is_told_in_its_own_words(
    project: Fixture, built_pulumi: PulumiCli, tmp_path: Path
) -> None:
    engine = an_engine(project, built_pulumi)
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    with pytest.raises(EngineError) as caught:
        engine.preview(policy_packs=[nothing])
    assert "PulumiPolicy.yaml" in str(caught.value)
    assert "stderr" not in str(caught.value)
    assert "code:" not in str(caught.value)
    assert caught.value.remedy is None


def test_a_state_that_cannot_be_read_is_an_error_in_words(
    project: Fixture, built_pulumi: PulumiCli
) -> None:
    engine = an_engine(project, built_pulumi)
    engine.up()
    (engine.stack.state / ".pulumi" / "stacks" / "fixture" / "dev.json").write_text("{")
    for use in (engine.export, engine.outputs, an_engine(project, built_pulumi).preview):
        with pytest.raises(EngineError) as caught:
            use()
        assert "stderr" not in str(caught.value)
        assert str(caught.value)


PACK = """
    from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

    def no_two(args, report_violation):
        if args.name == "two":
            report_violation("remove it")

    PolicyPack(
        name="fixture-pack",
        policies=[
            ResourceValidationPolicy(
                name="no-two",
                description="There is no second thing.",
                enforcement_level=EnforcementLevel.MANDATORY,
                validate=no_two,
            )
        ],
    )
"""


def test_a_policy_pack_blocks_a_program_that_violates_it(
    project: Fixture, built_pulumi: PulumiCli
) -> None:
    pack = project.policy_pack(PACK)
    engine = an_engine(project, built_pulumi)
    for operation in (engine.preview, engine.up):
        with pytest.raises(EngineError, match=r"fixture-pack/no-two: two: .*\nremove it") as caught:
            operation(policy_packs=[pack])
        (violation,) = caught.value.operation.policy_violations
        assert violation.level == "mandatory"
        assert violation.urn.endswith("::two")
    assert "two" not in {
        resource["urn"].rpartition("::")[2] for resource in engine.export().get("resources", [])
    }


def test_a_policy_pack_lets_a_good_program_pass(project: Fixture, built_pulumi: PulumiCli) -> None:
    pack = project.policy_pack(PACK.replace('"two"', '"three"'))
    done = an_engine(project, built_pulumi).preview(policy_packs=[pack])
    assert done.changes == {"create": 3}
    assert done.policy_violations == ()


def test_ctrl_c_reaches_the_engine_once_and_nothing_is_left_running(
    project: Fixture, built_pulumi: PulumiCli
) -> None:
    project.program(
        """
        import os, subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        with open("pids.tmp", "w") as file:
            file.write(f"{os.getpid()}\\n{child.pid}\\n")
        os.replace("pids.tmp", "pids")
        child.wait()
        """
    )
    engine = an_engine(project, built_pulumi)
    pids_file = project.paths.root / "pids"

    def press_ctrl_c() -> None:
        eventually(lambda: pids_in(pids_file, 2), "the start of the program")
        os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press_ctrl_c)
    presser.start()
    with pytest.raises(KeyboardInterrupt):
        engine.preview()
    presser.join()
    program = pids_in(pids_file, 2)
    assert program is not None
    eventually(lambda: all_ended(program), "the end of the program")
    ours = psutil.Process()
    assert not [child for child in ours.children(recursive=True) if "pulumi" in child.name()]
    project.program("import pulumi")
    assert engine.preview().changes == {"create": 1}


def test_any_command_runs_in_the_same_place(
    project: Fixture, built_pulumi: PulumiCli, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = an_engine(project, built_pulumi)
    engine.up()
    capfd.readouterr()
    assert engine.run(["stack", "output", "greeting"]) == 0
    assert capfd.readouterr().out == "hello\n"
    assert engine.run(["stack", "output", "nothing"]) != 0


def test_two_stacks_of_one_project_do_not_meet(project: Fixture, built_pulumi: PulumiCli) -> None:
    other_file = project.paths.stack_file("other")
    other_file.write_text("config:\n  fixture:greeting: hey\n")
    one = an_engine(project, built_pulumi)
    other = Engine(project.paths, "other", cli=built_pulumi)
    one.up()
    other.up()
    greetings: list[Any] = [engine.outputs()["greeting"] for engine in (one, other)]
    assert greetings == ["hello", "hey"]
    assert not set(one.stack.directory.rglob("*")) & set(other.stack.directory.rglob("*"))
