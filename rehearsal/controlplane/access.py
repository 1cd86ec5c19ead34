"""How one gets in: the address, a static token of the administrator, the kubeconfig."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path

from rehearsal.controlplane.private import write_private

ADMIN = "rehearsal-admin"


def new_token() -> str:
    """A fresh token; each start has its own."""
    return secrets.token_urlsafe(32)


def write_token_file(path: Path, token: str) -> None:
    """The API server's static token file: the administrator, in ``system:masters``."""
    write_private(path, f'{token},{ADMIN},{ADMIN},"system:masters"\n')


def write_kubeconfig(path: Path, *, server: str, ca: Path, token: str) -> None:
    """A kubeconfig of the administrator. JSON, which is YAML too."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "rehearsal",
                "cluster": {
                    "server": server,
                    "certificate-authority-data": base64.b64encode(ca.read_bytes()).decode(),
                },
            }
        ],
        "users": [{"name": ADMIN, "user": {"token": token}}],
        "contexts": [{"name": "rehearsal", "context": {"cluster": "rehearsal", "user": ADMIN}}],
        "current-context": "rehearsal",
    }
    write_private(path, json.dumps(config, indent=2) + "\n")
