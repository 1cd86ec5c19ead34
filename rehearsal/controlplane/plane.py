"""The control plane of one stack: started, found again and stopped by process id."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from rehearsal.controlplane import components
from rehearsal.controlplane.access import new_token, write_kubeconfig, write_token_file
from rehearsal.controlplane.binaries import Binaries
from rehearsal.controlplane.components import Layout, Ports
from rehearsal.controlplane.errors import ControlPlaneError, with_log
from rehearsal.controlplane.lock import locked
from rehearsal.controlplane.ports import LOOPBACK, HeldPort
from rehearsal.controlplane.probes import Probe
from rehearsal.controlplane.processes import ProcessFile, end_in_order, spawn
from rehearsal.paths import REPOSITORY, StackPaths

START_TIMEOUT_SECONDS = 120.0
"""For each thing waited for. A start takes 4 s on two idle cores; this is for busy ones."""

POLL_SECONDS = 0.05

OnProgress = Callable[[str], None]


def _silent(_: str) -> None:
    """Report no progress."""


class ControlPlane:
    """etcd, API server, controller manager, scheduler, KWOK and our controllers for one stack.

    Everything is under ``stack_dir/control-plane``. The processes outlive this object and the
    program that made it; another object with the same ``stack_dir`` finds them again.

    ``binaries`` is needed only to :meth:`start`. ``emulation`` is what
    :func:`rehearsal.controlplane.components.emulation` returns: without it, the components offer
    the APIs and features of their own release.
    """

    def __init__(
        self,
        stack_dir: Path,
        binaries: Binaries | None = None,
        *,
        emulation: Sequence[str] = (),
    ) -> None:
        paths = StackPaths(stack_dir.resolve())
        self.directory = paths.control_plane
        self._binaries = binaries
        self._emulation = tuple(emulation)
        self._layout = Layout(self.directory, paths.admin_kubeconfig)
        self._processes = ProcessFile(paths.processes)
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def kubeconfig(self) -> Path:
        """Path of the administrator's kubeconfig; there is one only while the plane runs."""
        return self._layout.kubeconfig

    @property
    def server(self) -> str:
        """The API server's URL. Raises :class:`ControlPlaneError` when there is none."""
        return self._connection()["cluster"]["server"]

    def start(self, on_progress: OnProgress = _silent, *, fresh: bool = True) -> Path:
        """Start everything and return the kubeconfig's path once pods can be created and scheduled.

        What an earlier run of the same stack left running is ended first. ``fresh`` begins with an
        empty cluster; otherwise the objects of the last run are there again, with the same
        certificates and, if it is still free, at the same address.

        Raises :class:`ControlPlaneError`, after ending what it had started.
        """
        if self._binaries is None:
            raise ControlPlaneError("the control plane cannot be started without its binaries")
        self._binaries.check()
        with locked(self.directory):
            self._end_all()
            if fresh:
                self._wipe()
            try:
                self._start(self._binaries, on_progress)
            except BaseException:
                self._end_all()
                raise
        return self.kubeconfig

    def stop(self) -> None:
        """End all processes of this stack's control plane; its data stays. Idempotent."""
        if self.directory.is_dir():
            with locked(self.directory):
                self._end_all()

    def is_running(self) -> bool:
        """Whether every component runs."""
        alive = {r.component for r in self._processes.read() if r.process() is not None}
        return alive == components.COMPONENTS

    def attach(self) -> Path:
        """The kubeconfig's path of a control plane that runs already.

        Raises :class:`ControlPlaneError` if it does not, naming what has died.
        """
        records = self._processes.read()
        if not records:
            raise ControlPlaneError(f"no control plane runs for {self.directory.parent}")
        for record in records:
            if record.process() is None:
                raise with_log(
                    f"{record.component} (process {record.pid}) has died",
                    self._layout.log(record.component),
                )
        if not self.is_running():
            raise ControlPlaneError(f"the control plane of {self.directory.parent} is incomplete")
        return self.kubeconfig

    def kubernetes_version(self) -> str:
        """What the API server says it is, e.g. ``v1.36.3`` or ``v1.36.3 as 1.34``.

        Raises :class:`ControlPlaneError`.
        """
        try:
            _, body = self._api_server().get("/version")
        except OSError as error:
            raise ControlPlaneError(f"{self.server} does not answer: {error}") from error
        version = json.loads(body)
        own = str(version["gitVersion"])
        offered = f"{version['emulationMajor']}.{version['emulationMinor']}"
        return own if own.startswith(f"v{offered}.") else f"{own} as {offered}"

    def _start(self, binaries: Binaries, on_progress: OnProgress) -> None:
        layout = self._layout
        if not layout.pki.complete():
            layout.pki.make()
        with ExitStack() as held:
            api_port = HeldPort(self._last_port())
            others = [HeldPort() for _ in range(3)]
            for port in (api_port, *others):
                held.enter_context(port)
            ports = Ports(api_port.port, *(port.port for port in others))
            self._grant_access(ports)
            on_progress("etcd and API server")
            self._spawn(components.ETCD, components.etcd(binaries, layout, ports))
            self._spawn(
                components.API_SERVER,
                [*components.api_server(binaries, layout, ports), *self._emulation],
            )
            api = self._api_server()
            self._wait_until(lambda: api.answers("/readyz"), components.API_SERVER)
            on_progress("controller manager, scheduler, nodes and controllers")
            self._spawn_clients(binaries, ports)
            manager = Probe(ports.controller_manager, layout.pki.ca)
            scheduler = Probe(ports.scheduler, layout.pki.ca)
            namespace = "/api/v1/namespaces/default"
            self._wait_until(lambda: manager.answers("/healthz"), components.CONTROLLER_MANAGER)
            self._wait_until(lambda: scheduler.answers("/healthz"), components.SCHEDULER)
            # Pods can be created once there is an account for them to run as, and Services once
            # the API server has allocated an address to its own.
            self._wait_until(
                lambda: api.answers(f"{namespace}/serviceaccounts/default"),
                components.CONTROLLER_MANAGER,
            )
            self._wait_until(
                lambda: api.answers(f"{namespace}/services/kubernetes"), components.API_SERVER
            )
            self._wait_until(layout.controllers_ready.exists, components.CONTROLLERS)

    def _grant_access(self, ports: Ports) -> None:
        layout, token = self._layout, new_token()
        write_token_file(layout.tokens, token)
        write_kubeconfig(
            layout.kubeconfig,
            server=f"https://{LOOPBACK}:{ports.api_server}",
            ca=layout.pki.ca,
            token=token,
        )
        self._port_file().write_text(f"{ports.api_server}\n")

    def _spawn_clients(self, binaries: Binaries, ports: Ports) -> None:
        layout = self._layout
        components.write_scheduler_config(layout)
        layout.controllers_ready.unlink(missing_ok=True)
        self._spawn(components.CONTROLLERS, components.controllers(layout, self._processes.path))
        self._spawn(
            components.CONTROLLER_MANAGER,
            [*components.controller_manager(binaries, layout, ports), *self._emulation],
        )
        self._spawn(
            components.SCHEDULER,
            [*components.scheduler(binaries, layout, ports), *self._emulation],
        )
        self._spawn(components.KWOK, components.kwok(binaries, layout))

    def _spawn(self, component: str, command: Sequence[str]) -> None:
        log = self._layout.log(component)
        log.unlink(missing_ok=True)
        record, child = spawn(component, command, environment=self._environment(), log=log)
        self._processes.add(record)
        self._children[component] = child

    def _environment(self) -> Mapping[str, str]:
        # Nothing of the user's: no proxies, no kubeconfig, no configuration in the home directory.
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.directory),
            "PYTHONPATH": str(REPOSITORY.root),
            "PYTHONUNBUFFERED": "1",
        }

    def _wait_until(self, ready: Callable[[], bool], component: str) -> None:
        """Wait for ``ready``; whichever process dies meanwhile is the error."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not ready():
            self._check_alive()
            if time.monotonic() > deadline:
                raise with_log(
                    f"{component} was not ready after {START_TIMEOUT_SECONDS:.0f} s",
                    self._layout.log(component),
                )
            time.sleep(POLL_SECONDS)
        self._check_alive()

    def _check_alive(self) -> None:
        for component, child in self._children.items():
            if (status := child.poll()) is not None:
                raise with_log(
                    f"{component} ended with status {status} while the control plane started",
                    self._layout.log(component),
                )

    def _end_all(self) -> None:
        end_in_order(self._processes.read())
        for child in self._children.values():
            child.poll()
        self._children.clear()
        self._processes.clear()
        for secret in (self._layout.kubeconfig, self._layout.tokens):
            secret.unlink(missing_ok=True)

    def _wipe(self) -> None:
        for directory in (self._layout.etcd_data, self._layout.pki.directory, self._layout.logs):
            if directory.exists():
                shutil.rmtree(directory)

    def _port_file(self) -> Path:
        return self.directory / "port"

    def _last_port(self) -> int:
        try:
            return int(self._port_file().read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def _connection(self) -> dict[str, dict[str, str]]:
        try:
            config = json.loads(self.kubeconfig.read_text())
        except FileNotFoundError:
            raise ControlPlaneError(f"no control plane runs for {self.directory.parent}") from None
        return {
            "cluster": config["clusters"][0]["cluster"],
            "user": config["users"][0]["user"],
        }

    def _api_server(self) -> Probe:
        connection = self._connection()
        port = int(connection["cluster"]["server"].rpartition(":")[2])
        return Probe(port, self._layout.pki.ca, connection["user"]["token"])
