"""From a kubeconfig to a connection; credentials that a command gives."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.kubernetes.kubeconfig import (
    KubeconfigError,
    Selection,
    active_cluster,
    connection,
    parse,
)
from rehearsal.kubernetes.provider import KubernetesProvider
from rehearsal.paths import StackPaths
from rehearsal.standin.provider import CloudError
from tests.rehearsal.kubernetes.stage import Inputs, core, resource
from tests.rehearsal.kubernetes.test_settings import kubeconfig as two_clusters

CREDENTIALS = """#!{python}
import json, os, sys
with open({log!r}, "a") as log:
    print(*sys.argv[1:], file=log)
if {token!r} == "":
    sys.exit("ServiceError: NotAuthenticated")
print(json.dumps({{
    "apiVersion": "client.authentication.k8s.io/v1beta1",
    "kind": "ExecCredential",
    "status": {{"token": {token!r}}},
}}))
"""
ARGUMENTS = [
    "ce",
    "cluster",
    "generate-token",
    "--cluster-id",
    "ocid1.cluster.oc1.me-jeddah-1.a",
    "--region",
    "me-jeddah-1",
]


def test_contents_or_a_path(tmp_path: Path) -> None:
    contents = two_clusters()
    path = tmp_path / "kubeconfig"
    path.write_text(contents)
    assert parse(contents) == parse(str(path))
    assert parse(json.dumps(parse(contents))) == parse(contents)


@pytest.mark.parametrize("text", ["", "nowhere/kubeconfig", "a: [", "clusters"])
def test_what_is_no_kubeconfig_is_refused(text: str) -> None:
    with pytest.raises(KubeconfigError, match="kubeconfig"):
        parse(text)


def test_the_context_chooses_cluster_and_namespace() -> None:
    config = parse(two_clusters(ca=""))
    config["clusters"][0]["cluster"].pop("certificate-authority-data")
    one, two = connection(config, Selection()), connection(config, Selection(context="two"))
    assert (one.server, one.namespace) == ("https://127.0.0.1:6443", "default")
    assert (two.server, two.namespace) == ("https://127.0.0.2:6443", "n")
    forced = connection(config, Selection(cluster="two", namespace="openedx"))
    assert (forced.server, forced.namespace) == ("https://127.0.0.2:6443", "openedx")
    assert active_cluster(config, Selection(context="nowhere")) is None


@pytest.mark.parametrize("selection", [Selection(context="nowhere"), Selection(cluster="nowhere")])
def test_a_name_that_leads_nowhere_is_refused(selection: Selection) -> None:
    config = parse(two_clusters(ca=""))
    config["clusters"][0]["cluster"].pop("certificate-authority-data")
    with pytest.raises(KubeconfigError, match="nowhere"):
        connection(config, selection)


def test_only_loopback_is_kept_from_proxies() -> None:
    config = parse(two_clusters(server="https://10.0.0.4:6443", ca=""))
    entry = config["clusters"][0]["cluster"]
    entry.pop("certificate-authority-data")
    entry["proxy-url"] = "http://127.0.0.1:3128"
    far = connection(config, Selection())
    assert (far.loopback, far.proxy) == (False, "http://127.0.0.1:3128")
    assert connection(config, Selection(context="two")).loopback


def with_command(kubeconfig: str) -> str:
    """The kubeconfig as OKE gives it: the same cluster, the token from a command."""
    config: Any = yaml.safe_load(kubeconfig)
    config["users"][0]["user"] = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "oci",
            "args": ARGUMENTS,
            "env": [],
        }
    }
    return yaml.safe_dump(config)


def install_oci(folder: Path, token: str) -> Path:
    """An ``oci`` that gives a token; returns the log of its arguments."""
    folder.mkdir()
    log = folder / "log"
    script = folder / "oci"
    script.write_text(CREDENTIALS.format(python=sys.executable, log=str(log), token=token))
    script.chmod(0o755)
    return log


async def test_a_command_gives_the_credentials_once(
    stack: StackPaths, kubeconfig: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = yaml.safe_load(kubeconfig)["users"][0]["user"]["token"]
    log = install_oci(tmp_path / "bin", token)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    provider = KubernetesProvider(stack)
    await provider.configure({"kubeconfig": with_command(kubeconfig)})
    inputs: Inputs = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "made-by-nobody"},
    }
    states = await asyncio.gather(
        *(provider.create(resource(core("Namespace")), inputs, preview=True) for _ in range(5))
    )
    await provider.configure({})
    assert all(state.outputs["spec"] == {"finalizers": ["kubernetes"]} for state in states)
    assert log.read_text(encoding="utf-8").splitlines() == [" ".join(ARGUMENTS)]


async def test_a_command_that_fails_is_told(
    stack: StackPaths, kubeconfig: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_oci(tmp_path / "bin", token="")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    provider = KubernetesProvider(stack)
    await provider.configure({"kubeconfig": with_command(kubeconfig)})
    inputs: Inputs = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "made-by-nobody"},
    }
    with pytest.raises(CloudError, match="NotAuthenticated"):
        await provider.create(resource(core("Namespace")), inputs, preview=False)


async def test_credentials_that_are_refused_are_told(stack: StackPaths, kubeconfig: str) -> None:
    config: Any = yaml.safe_load(kubeconfig)
    config["users"][0]["user"] = {"token": "stale"}
    provider = KubernetesProvider(stack)
    await provider.configure({"kubeconfig": yaml.safe_dump(config)})
    inputs: Inputs = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "made-by-nobody"},
    }
    with pytest.raises(CloudError, match="does not accept the credentials"):
        await provider.create(resource(core("Namespace")), inputs, preview=False)
