"""The Python language host of a Pulumi that was built from its Go module.

The engine starts a language host for each language, reads its port from the first line on stdout,
and calls it over gRPC (``pulumirpc.LanguageRuntime``). This one runs programs (``Run``) and policy
packs and plugins (``RunPlugin``) in the Python environment that the project file asks for. What
they print goes to the engine.

Started by the launcher that :mod:`rehearsal.engine.plugins` writes::

    python -m rehearsal.engine.language_host --exec SCRIPT ENGINE_ADDRESS
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import queue
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from rehearsal.engine.children import Child, Children
from rehearsal.engine.python_runtime import PythonRuntime, RuntimeOptionsError, python_runtime

#: The exit code of a program that has shown its error to the user itself.
_BAIL = 32

#: Each running program and policy pack holds one thread for as long as it runs.
_THREADS = 32

_CHUNK_BYTES = 65_536

#: How often the host looks whether the engine that started it is still there.
_PARENT_POLL_SECONDS = 1.0

#: Programs get their whole configuration and plugins their state through gRPC.
_UNLIMITED = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


def program_command(
    python: str, exec_script: Path, engine_address: str, request: language_pb2.RunRequest
) -> list[str]:
    """The command line of a program: the SDK's own start script, with what it takes."""
    options = {
        "monitor": request.monitor_address,
        "engine": engine_address,
        "project": request.project,
        "stack": request.stack,
        "pwd": request.pwd or request.info.program_directory,
        "dry_run": "true" if request.dryRun else "false",
        "parallel": str(request.parallel),
        "root_directory": request.info.root_directory,
        "organization": request.organization,
    }
    command = [python, "-u", str(exec_script)]
    for name, value in options.items():
        if value:
            command += [f"--{name}", value]
    return [*command, _program(request.info), *request.args]


def plugin_command(python: str, request: language_pb2.RunPluginRequest) -> list[str]:
    """The command line of a policy pack (kind ``analyzer``) or of any other plugin."""
    program = _program(request.info)
    if request.kind == "analyzer":
        return [python, "-u", "-m", "pulumi.policy", *request.args, program]
    return [python, "-u", program, *request.args]


def _program(info: language_pb2.ProgramInfo) -> str:
    return str(Path(info.program_directory) / info.entry_point)


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs Python programs and policy packs for the engine."""

    def __init__(
        self, exec_script: Path, engine_address: str, environment: Mapping[str, str]
    ) -> None:
        self._exec_script = exec_script
        self._engine_address = engine_address
        self._environment = dict(environment)
        self.children = Children()

    def Handshake(  # noqa: N802
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Take the engine's address; one that attaches to a running host gives it only here."""
        self._engine_address = request.engine_address or self._engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(  # noqa: N802
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        """Nothing to tell: the host has no version apart from its checkout's."""
        return plugin_pb2.PluginInfo()

    def GetRequiredPlugins(  # noqa: N802
        self, request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        """None: the rehearsal installs every plugin before the engine starts."""
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(  # noqa: N802
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """None: the rehearsal installs every plugin before the engine starts."""
        return language_pb2.GetRequiredPackagesResponse()

    def GetProgramDependencies(  # noqa: N802
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """None are listed; only ``pulumi about`` shows them."""
        return language_pb2.GetProgramDependenciesResponse()

    def About(  # noqa: N802
        self, request: language_pb2.AboutRequest, context: grpc.ServicerContext
    ) -> language_pb2.AboutResponse:
        """The interpreter that runs this host."""
        return language_pb2.AboutResponse(
            executable=sys.executable, version=platform.python_version()
        )

    def Run(  # noqa: N802
        self, request: language_pb2.RunRequest, context: grpc.ServicerContext
    ) -> language_pb2.RunResponse:
        """Run a program to its end."""
        if request.attach_debugger:
            return language_pb2.RunResponse(error="this language host has no debugger")
        try:
            runtime = self._runtime(request.info)
        except RuntimeOptionsError as error:
            return language_pb2.RunResponse(error=str(error))
        child = Child(
            program_command(runtime.python, self._exec_script, self._engine_address, request),
            cwd=Path(request.info.program_directory),
            environment={
                **runtime.environment(self._environment),
                "PULUMI_CONFIG": json.dumps(dict(request.config)),
                "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
            },
        )
        with self._ended_with(context, child):
            code = child.wait()
        if code == _BAIL:
            return language_pb2.RunResponse(bail=True)
        if code != 0:
            return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {code}")
        return language_pb2.RunResponse()

    def RunPlugin(  # noqa: N802
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a policy pack or a plugin, streaming what it prints and then its exit code."""
        try:
            runtime = self._runtime(request.info)
        except RuntimeOptionsError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        given = dict(pair.split("=", 1) for pair in request.env if "=" in pair)
        given.pop("PYTHONPATH", None)
        is_policy_pack = request.kind == "analyzer"
        child = Child(
            plugin_command(runtime.python, request),
            cwd=Path(request.info.program_directory if is_policy_pack else request.pwd),
            environment=runtime.environment(given or self._environment),
            output=subprocess.PIPE,
        )
        with self._ended_with(context, child):
            yield from _streamed(child.process)
            yield language_pb2.RunPluginResponse(exitcode=child.wait())

    def Cancel(  # noqa: N802
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """End every program and policy pack."""
        self.children.end_all()
        return empty_pb2.Empty()

    def _runtime(self, info: language_pb2.ProgramInfo) -> PythonRuntime:
        options = json_format.MessageToDict(info.options)
        return python_runtime(options, Path(info.root_directory), self._environment)

    @contextmanager
    def _ended_with(self, context: grpc.ServicerContext, child: Child) -> Iterator[None]:
        """End the child when the engine gives its call up, or the host ends."""
        self.children.add(child)
        try:
            if not context.add_callback(child.end):
                child.end()
            yield
        finally:
            self.children.remove(child)


def _streamed(process: subprocess.Popen[bytes]) -> Iterator[language_pb2.RunPluginResponse]:
    """What a process prints, as it prints it, until it has closed both streams."""
    printed: queue.SimpleQueue[language_pb2.RunPluginResponse | None] = queue.SimpleQueue()

    def read(
        stream: IO[bytes], response: Callable[[bytes], language_pb2.RunPluginResponse]
    ) -> None:
        while chunk := os.read(stream.fileno(), _CHUNK_BYTES):
            printed.put(response(chunk))
        stream.close()
        printed.put(None)

    responses: list[tuple[IO[bytes] | None, Callable[[bytes], language_pb2.RunPluginResponse]]] = [
        (process.stdout, lambda chunk: language_pb2.RunPluginResponse(stdout=chunk)),
        (process.stderr, lambda chunk: language_pb2.RunPluginResponse(stderr=chunk)),
    ]
    readers = [
        threading.Thread(target=read, args=(stream, response), daemon=True)
        for stream, response in responses
        if stream is not None
    ]
    for reader in readers:
        reader.start()
    for _ in readers:
        while (response := printed.get()) is not None:
            yield response


def _pipe_of_signals() -> int:
    """A file descriptor that can be read from once SIGINT or SIGTERM has come."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable)
    for number in (signal.SIGINT, signal.SIGTERM):
        # The handler has nothing to do: the signal's number arrives on the pipe.
        signal.signal(number, lambda *_: None)
    return readable


def _wait_for_the_end(signals: int, engine: int) -> None:
    """Return when a signal has come, or the engine with this process id has gone."""
    while os.getppid() == engine:
        if select.select([signals], [], [], _PARENT_POLL_SECONDS)[0]:
            return


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the engine ends the host."""
    engine, signals = os.getppid(), _pipe_of_signals()
    parser = argparse.ArgumentParser(prog="pulumi-language-python", description=__doc__)
    parser.add_argument("--exec", type=Path, required=True, dest="exec_script")
    parser.add_argument("engine_address")
    # The engine passes on its own logging options, which mean nothing here.
    options, _ = parser.parse_known_args(arguments)

    environment = dict(os.environ)
    # Set by the launcher so that this module is found; the program must not inherit it.
    environment.pop("PYTHONPATH", None)
    host = LanguageHost(options.exec_script, options.engine_address, environment)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_THREADS), options=_UNLIMITED)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()

    _wait_for_the_end(signals, engine)
    host.children.end_all()
    server.stop(grace=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
