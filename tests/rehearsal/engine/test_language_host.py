"""The language host as the engine sees it: a process that is called over gRPC."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from rehearsal.paths import REPOSITORY
from tests.rehearsal.engine.conftest import VIRTUALENV, all_ended, eventually, pids_in

# Stands for the SDK's start script: a program that starts a process of its own and then hangs.
HANGING = """
    import os, pathlib, signal, subprocess, sys
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pathlib.Path("pids.tmp").write_text(f"{os.getpid()}\\n{child.pid}\\n")
    os.replace("pids.tmp", "pids")
    child.wait()
    signal.pause()
"""

# As a program is that waits in a library written in C.
DEAF_TO_SIGTERM = """
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
"""


def launcher(exec_script: Path) -> list[str]:
    module = "rehearsal.engine.language_host"
    return [sys.executable, "-m", module, "--exec", str(exec_script), "127.0.0.1:9"]


@contextmanager
def a_host(
    exec_script: Path,
) -> Iterator[tuple[subprocess.Popen[str], language_pb2_grpc.LanguageRuntimeStub]]:
    with subprocess.Popen(
        launcher(exec_script),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY.root)},
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        try:
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield process, language_pb2_grpc.LanguageRuntimeStub(channel)
        finally:
            process.send_signal(signal.SIGTERM)


def a_script(directory: Path, text: str) -> Path:
    script = directory / "exec.py"
    script.write_text(textwrap.dedent(text))
    return script


def info(directory: Path, **options: str) -> language_pb2.ProgramInfo:
    struct = struct_pb2.Struct()
    struct.update(options or {"virtualenv": str(VIRTUALENV)})
    return language_pb2.ProgramInfo(
        root_directory=str(directory),
        program_directory=str(directory),
        entry_point=".",
        options=struct,
    )


def a_run(directory: Path) -> language_pb2.RunRequest:
    return language_pb2.RunRequest(
        project="p",
        stack="s",
        monitor_address="127.0.0.1:8",
        dryRun=True,
        parallel=4,
        organization="organization",
        config={"p:a": "1"},
        configSecretKeys=["p:a"],
        info=info(directory),
    )


def test_a_program_gets_what_the_engine_sends(tmp_path: Path) -> None:
    script = a_script(
        tmp_path,
        """
        import json, os, sys
        names = ("PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS", "VIRTUAL_ENV", "PYTHONPATH")
        seen = {"argv": sys.argv[1:], "env": {name: os.environ.get(name) for name in names}}
        open("seen.json", "w").write(json.dumps(seen))
        """,
    )
    with a_host(script) as (_, host):
        assert host.Run(a_run(tmp_path)) == language_pb2.RunResponse()
    seen = json.loads((tmp_path / "seen.json").read_text())
    *options, program = seen["argv"]
    assert program == str(tmp_path)
    assert dict(zip(options[::2], options[1::2], strict=True)) == {
        "--monitor": "127.0.0.1:8",
        "--engine": "127.0.0.1:9",
        "--project": "p",
        "--stack": "s",
        "--pwd": str(tmp_path),
        "--dry_run": "true",
        "--parallel": "4",
        "--root_directory": str(tmp_path),
        "--organization": "organization",
    }
    assert seen["env"] == {
        "PULUMI_CONFIG": '{"p:a": "1"}',
        "PULUMI_CONFIG_SECRET_KEYS": '["p:a"]',
        "VIRTUAL_ENV": str(VIRTUALENV),
        "PYTHONPATH": None,
    }


@pytest.mark.parametrize(
    ("ending", "answer"),
    [
        ("sys.exit(32)", language_pb2.RunResponse(bail=True)),
        (
            "sys.exit(3)",
            language_pb2.RunResponse(error="Program exited with non-zero exit code: 3"),
        ),
        (
            "os.kill(os.getpid(), 9)",
            language_pb2.RunResponse(error="Program exited with non-zero exit code: -9"),
        ),
    ],
)
def test_the_end_of_a_program_is_told(
    tmp_path: Path, ending: str, answer: language_pb2.RunResponse
) -> None:
    script = a_script(tmp_path, f"import os, sys\n{ending}")
    with a_host(script) as (_, host):
        assert host.Run(a_run(tmp_path)) == answer


def test_what_a_program_prints_goes_to_the_engine(tmp_path: Path) -> None:
    script = a_script(tmp_path, "import sys\nprint('out')\nprint('err', file=sys.stderr)")
    with a_host(script) as (process, host):
        host.Run(a_run(tmp_path))
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate()
    assert stdout == "out\n"
    assert stderr == "err\n"


def test_a_wrong_option_is_the_answer_and_not_a_crash(tmp_path: Path) -> None:
    request = a_run(tmp_path)
    request.info.CopyFrom(info(tmp_path, virtualenv="nowhere"))
    with a_host(a_script(tmp_path, "")) as (_, host):
        assert "nowhere is not a virtual environment" in host.Run(request).error


def test_giving_up_the_call_ends_the_whole_process_group(tmp_path: Path) -> None:
    with a_host(a_script(tmp_path, HANGING)) as (_, host):
        call = host.Run.future(a_run(tmp_path))
        pids = eventually(lambda: pids_in(tmp_path / "pids", 2), "the start")
        assert not all_ended(pids)
        call.cancel()
        eventually(lambda: all_ended(pids), "the end of the program and its child")


@pytest.mark.parametrize("program", [HANGING, DEAF_TO_SIGTERM + HANGING])
def test_cancel_ends_the_whole_process_group(tmp_path: Path, program: str) -> None:
    with a_host(a_script(tmp_path, program)) as (_, host):
        call = host.Run.future(a_run(tmp_path))
        pids = eventually(lambda: pids_in(tmp_path / "pids", 2), "the start")
        host.Cancel(empty_pb2.Empty())
        eventually(lambda: all_ended(pids), "the end of the program and its child")
        assert call.result().error


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_host_that_is_told_to_end_does_so_quietly_with_its_programs(
    tmp_path: Path, number: signal.Signals
) -> None:
    with a_host(a_script(tmp_path, HANGING)) as (process, host):
        call = host.Run.future(a_run(tmp_path))
        pids = eventually(lambda: pids_in(tmp_path / "pids", 2), "the start")
        process.send_signal(number)
        stdout, stderr = process.communicate()
        assert process.returncode == 0
        assert (stdout, stderr) == ("", "")
        eventually(lambda: all_ended(pids), "the end of the program and its child")
        assert call.exception() is not None or call.result().error


def test_a_host_whose_engine_is_gone_ends(tmp_path: Path) -> None:
    script = a_script(tmp_path, "")
    # The shell stands for the engine; it must not replace itself with the host.
    engine = subprocess.Popen(
        ["sh", "-c", '"$@" & echo $! > host.pid; wait', "sh", *launcher(script)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY.root)},
    )
    assert engine.stdout is not None
    assert engine.stdout.readline().strip().isdigit()
    (host,) = eventually(lambda: pids_in(tmp_path / "host.pid", 1), "the start")
    assert psutil.pid_exists(host)
    engine.kill()
    engine.wait()
    engine.stdout.close()
    eventually(lambda: all_ended([host]), "the end of the host")


def a_plugin_run(directory: Path, kind: str) -> language_pb2.RunPluginRequest:
    return language_pb2.RunPluginRequest(
        pwd=str(directory.parent),
        kind=kind,
        args=["127.0.0.1:9"],
        env=["A=b=c", "PYTHONPATH=/engine", f"PATH={os.defpath}"],
        info=info(directory),
    )


def test_a_plugin_is_streamed_and_then_its_exit_code(tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    (plugin / "__main__.py").write_text(
        textwrap.dedent(
            """
            import os, sys
            print(os.getcwd(), sys.argv[1:], os.environ["A"], os.environ.get("PYTHONPATH"))
            print("err", file=sys.stderr)
            sys.exit(7)
            """
        )
    )
    with a_host(a_script(tmp_path, "")) as (_, host):
        *printed, last = host.RunPlugin(a_plugin_run(plugin, "resource"))
    assert b"".join(part.stdout for part in printed).decode() == (
        f"{tmp_path} ['127.0.0.1:9'] b=c None\n"
    )
    assert b"".join(part.stderr for part in printed) == b"err\n"
    assert last.WhichOneof("output") == "exitcode"
    assert last.exitcode == 7


def test_giving_up_a_plugin_ends_it(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text(textwrap.dedent(HANGING))
    request = a_plugin_run(tmp_path, "resource")
    request.pwd = str(tmp_path)
    with a_host(a_script(tmp_path, "")) as (_, host):
        call = host.RunPlugin(request)
        pids = eventually(lambda: pids_in(tmp_path / "pids", 2), "the start")
        call.cancel()
        eventually(lambda: all_ended(pids), "the end of the plugin and its child")


def test_the_questions_of_the_engine_have_answers(tmp_path: Path) -> None:
    with a_host(a_script(tmp_path, "")) as (_, host):
        host.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:10"))
        assert host.GetPluginInfo(empty_pb2.Empty()).version == ""
        assert not host.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest()).packages
        assert not host.GetRequiredPlugins(language_pb2.GetRequiredPluginsRequest()).plugins
        dependencies = host.GetProgramDependencies(language_pb2.GetProgramDependenciesRequest())
        assert not dependencies.dependencies
        about = host.About(language_pb2.AboutRequest())
        assert about.executable == sys.executable
