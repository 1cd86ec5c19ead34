"""Which executables the control plane is made of."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path

from rehearsal.controlplane.errors import ControlPlaneError
from rehearsal.toolchain import Toolchain

KWOK_STAGES = (
    "node/fast/node-initialize.yaml",
    "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-complete.yaml",
    "pod/fast/pod-delete.yaml",
)
"""KWOK's own stages that are used, as its Go module has them below ``kustomize/stage``.

Nodes get Ready and renew their leases, pods become Running and Ready at once, pods of Jobs
succeed, and pods that are being deleted go. KWOK's volume stages serve only a storage class of
its own; volumes are provisioned by :mod:`rehearsal.controllers` instead.
"""


@dataclass(frozen=True)
class Binaries:
    """Paths of the executables, and of a folder with KWOK's stages."""

    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path
    kube_scheduler: Path
    kwok: Path
    kwok_stages: Path

    @classmethod
    def of(cls, toolchain: Toolchain) -> Binaries:
        """The toolchain's, built now where they are missing. Raises ``ToolchainError``."""
        kubernetes, kwok = toolchain.tool("kubernetes"), toolchain.tool("kwok")
        return cls(
            etcd=toolchain.tool("etcd").binary("etcd"),
            kube_apiserver=kubernetes.binary("kube-apiserver"),
            kube_controller_manager=kubernetes.binary("kube-controller-manager"),
            kube_scheduler=kubernetes.binary("kube-scheduler"),
            kwok=kwok.binary("kwok"),
            kwok_stages=kwok.directory / "stages",
        )

    def stage_files(self) -> list[Path]:
        """The stage files given to KWOK."""
        return [self.kwok_stages / stage for stage in KWOK_STAGES]

    def check(self) -> None:
        """Raise :class:`ControlPlaneError` naming everything that is missing."""
        executables = [getattr(self, f.name) for f in fields(self) if f.name != "kwok_stages"]
        problems = [f"{path} is not an executable file" for path in executables if not _runs(path)]
        problems += [f"{path} is missing" for path in self.stage_files() if not path.is_file()]
        if problems:
            raise ControlPlaneError("the control plane is not complete: " + "; ".join(problems))


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
