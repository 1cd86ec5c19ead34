"""The ``oci`` command of a rehearsal: a token, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from rehearsal.oci.shim import install_shims
from rehearsal.paths import StackPaths

GENERATE = ("ce", "cluster", "generate-token", "--cluster-id", "c", "--region", "me-jeddah-1")


@pytest.fixture
def paths(tmp_path: Path) -> StackPaths:
    return StackPaths(tmp_path / "a stack")


def write_kubeconfig(paths: StackPaths) -> None:
    paths.admin_kubeconfig.parent.mkdir(parents=True)
    cluster = {"server": "https://127.0.0.1:1", "certificate-authority-data": "Y2E="}
    content = {
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": "the-token"}}],
    }
    paths.admin_kubeconfig.write_text(yaml.safe_dump(content))


def call(paths: StackPaths, *arguments: str) -> subprocess.CompletedProcess[str]:
    shims = install_shims(paths.directory)
    return subprocess.run(
        ["oci", *arguments],
        env={"PATH": f"{shims}:{os.defpath}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_token_of_the_embedded_api_server(paths: StackPaths) -> None:
    write_kubeconfig(paths)
    answer = call(paths, *GENERATE)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "status": {"token": "the-token"},
    }


def test_without_a_control_plane_there_is_none(paths: StackPaths) -> None:
    answer = call(paths, *GENERATE)
    assert answer.returncode != 0
    assert "has no control plane" in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("iam", "region", "list"),
        ("ce", "cluster", "list"),
        ("ce", "cluster", "generate-token", "--cluster-id", "c"),
        (*GENERATE, "--profile", "DEFAULT"),
    ],
)
def test_anything_else_is_refused(paths: StackPaths, arguments: tuple[str, ...]) -> None:
    write_kubeconfig(paths)
    answer = call(paths, *arguments)
    assert answer.returncode != 0
    assert answer.stdout == ""
