"""How the embedded API server behind the simulated OKE cluster is reached."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rehearsal.paths import StackPaths
from rehearsal.standin.provider import CloudError


@dataclass(frozen=True)
class Access:
    """How to reach the embedded API server."""

    server: str
    ca_data: str
    """PEM, base64."""
    token: str


def access(paths: StackPaths) -> Access:
    """Read the administrator's kubeconfig.

    Raises:
        CloudError: there is no control plane to put a cluster on.
    """
    content = administrators_kubeconfig(paths)
    cluster = content["clusters"][0]["cluster"]
    authority = cluster.get("certificate-authority-data")
    if authority is None:
        authority = base64.b64encode(Path(cluster["certificate-authority"]).read_bytes()).decode()
    return Access(
        server=cluster["server"], ca_data=authority, token=content["users"][0]["user"]["token"]
    )


def administrators_kubeconfig(paths: StackPaths) -> dict[str, Any]:
    """The administrator's kubeconfig as the control plane wrote it.

    Raises:
        CloudError: no control plane runs.
    """
    try:
        loaded: dict[str, Any] = yaml.safe_load(paths.admin_kubeconfig.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CloudError(
            f"the simulated OKE has no control plane: {paths.admin_kubeconfig} does not exist. "
            "Clusters and node pools can only be made while `python -m rehearsal` runs one"
        ) from None
    return loaded
