"""The controllers as a process: ends when asked to, survives the API server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
from httpx2 import HTTPError
from lightkube import Client, KubeConfig
from lightkube.models.core_v1 import ServicePort, ServiceSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Service

from rehearsal.controlplane import Binaries, ControlPlane
from rehearsal.controlplane.processes import ProcessFile
from rehearsal.paths import REPOSITORY
from tests.rehearsal.cluster import eventually


def test_it_ends_quietly_when_asked_to(control_plane: ControlPlane, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "rehearsal.controllers",
                f"--kubeconfig={control_plane.kubeconfig}",
                f"--ready-file={ready}",
                f"--processes={control_plane.directory / 'processes.json'}",
            ],
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY.root)},
        )
    try:
        eventually("the controllers watch", ready.exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
    assert log.read_text() == ""


def test_it_goes_on_after_the_api_server_was_killed(tmp_path: Path, binaries: Binaries) -> None:
    plane = ControlPlane(tmp_path, binaries)
    plane.start()
    try:
        records = ProcessFile(plane.directory / "processes.json").read()
        [api_server] = [
            psutil.Process(record.pid) for record in records if record.component == "kube-apiserver"
        ]
        command, environment = api_server.cmdline(), api_server.environ()
        api_server.kill()
        api_server.wait()
        restarted = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            assert address_of_a_new_service(plane)
        finally:
            restarted.kill()
            restarted.wait()
    finally:
        plane.stop()


def test_a_rehearsal_whose_folder_is_removed_ends(tmp_path: Path, binaries: Binaries) -> None:
    plane = ControlPlane(tmp_path / "stack", binaries)
    neighbour = ControlPlane(tmp_path / "neighbour", binaries)
    try:
        plane.start()
        neighbour.start()
        records = ProcessFile(plane.directory / "processes.json").read()
        assert all(record.process() for record in records)

        shutil.rmtree(tmp_path / "stack")

        eventually("the end of all six", lambda: not any(record.process() for record in records))
        assert neighbour.is_running()
        assert not plane.directory.exists()
    finally:
        plane.stop()
        neighbour.stop()


def address_of_a_new_service(plane: ControlPlane) -> str:
    client = Client(KubeConfig.from_file(plane.kubeconfig), trust_env=False)

    edge = Service(
        metadata=ObjectMeta(name="edge"),
        spec=ServiceSpec(type="LoadBalancer", ports=[ServicePort(port=443)]),
    )

    def create() -> Service | None:
        try:
            return client.create(edge)
        except HTTPError:
            return None

    eventually("the API server takes a service again", create)

    def address() -> str | None:
        status = client.get(Service, "edge").status
        ingress = status.loadBalancer.ingress if status and status.loadBalancer else None
        return ingress[0].ip if ingress else None

    return eventually("an address", address)
