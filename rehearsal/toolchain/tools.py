"""The table of tools: which module each is built from, what it makes, how it tells its version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.toolchain.errors import ToolchainError


@dataclass(frozen=True)
class ModuleFiles:
    """Files that a tool needs at run time and that come with the source of a Go module."""

    module: str
    files: Mapping[str, str]
    """Path in the cache → path in the module."""


@dataclass(frozen=True)
class Tool:
    """One tool and the Go module that it is built from."""

    name: str
    """The tool's folder in ``toolchain/``."""
    module: str
    """The Go module whose version is the tool's version."""
    binaries: Mapping[str, str]
    """File name → the Go package that it is built from."""
    answers: tuple[str, ...]
    """The arguments with which every binary tells its version."""
    version_variable: str = ""
    """The Go variable that the linker sets to the version, e.g. ``v3.250.0``."""
    short_version_variables: tuple[str, ...] = ()
    """Go variables that the linker sets to the major and the minor version."""
    carries: tuple[ModuleFiles, ...] = field(default_factory=tuple)

    def pinned_version(self, sources: Path) -> str:
        """The version in the tool's ``go.mod`` below ``sources``, e.g. ``v3.250.0``.

        Raises:
            ToolchainError: ``go.mod`` is missing or does not require the module.
        """
        go_mod = sources / self.name / "go.mod"
        try:
            text = go_mod.read_text(encoding="utf-8")
        except OSError as error:
            raise ToolchainError(f"{go_mod}: {error.strerror}") from error
        pinned = re.search(rf"^(?:require)?\s+{re.escape(self.module)} (v\S+)", text, re.MULTILINE)
        if pinned is None:
            raise ToolchainError(f"{go_mod}: does not require {self.module}")
        return pinned[1]

    def linker_flags(self, version: str) -> str:
        """What ``go build -ldflags`` gets: no symbol tables, and the version."""
        flags = ["-s", "-w"]
        if self.version_variable:
            flags.append(f"-X {self.version_variable}={version}")
        parts = version.removeprefix("v").split(".")
        flags += [
            f"-X {variable}={part}"
            for variable, part in zip(self.short_version_variables, parts, strict=False)
        ]
        return " ".join(flags)


#: KWOK exits with "no stages found" unless it is given some. Nodes go NotReady after 40 s without
#: the heartbeat. Its volume stages serve only a storage class of its own and are left out.
_KWOK_STAGES = (
    "node/fast/node-initialize",
    "node/heartbeat-with-lease/node-heartbeat-with-lease",
    "pod/fast/pod-ready",
    "pod/fast/pod-complete",
    "pod/fast/pod-delete",
)

_ALL = (
    Tool(
        name="pulumi",
        module="github.com/pulumi/pulumi/pkg/v3",
        binaries={"pulumi": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
        answers=("version",),
        version_variable="github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
        carries=(
            ModuleFiles(
                "github.com/pulumi/pulumi/sdk/v3",
                {"python/pulumi-language-python-exec": ("python/cmd/pulumi-language-python-exec")},
            ),
        ),
    ),
    Tool(
        name="etcd",
        module="go.etcd.io/etcd/server/v3",
        binaries={"etcd": "go.etcd.io/etcd/server/v3"},
        answers=("--version",),
    ),
    Tool(
        name="kwok",
        module="sigs.k8s.io/kwok",
        binaries={"kwok": "sigs.k8s.io/kwok/cmd/kwok"},
        answers=("--version",),
        version_variable="sigs.k8s.io/kwok/pkg/consts.Version",
        carries=(
            ModuleFiles(
                "sigs.k8s.io/kwok",
                {f"stages/{stage}.yaml": f"kustomize/stage/{stage}.yaml" for stage in _KWOK_STAGES},
            ),
        ),
    ),
    Tool(
        name="kubernetes",
        module="k8s.io/kubernetes",
        binaries={
            name: f"k8s.io/kubernetes/cmd/{name}"
            for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
        },
        answers=("--version",),
        version_variable="k8s.io/component-base/version.gitVersion",
        short_version_variables=(
            "k8s.io/component-base/version.gitMajor",
            "k8s.io/component-base/version.gitMinor",
        ),
    ),
    Tool(
        name="helm",
        module="helm.sh/helm/v3",
        binaries={"helm": "helm.sh/helm/v3/cmd/helm"},
        answers=("version",),
        version_variable="helm.sh/helm/v3/internal/version.version",
    ),
)

#: Every tool by name.
TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in _ALL}
