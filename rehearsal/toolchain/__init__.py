"""The tools a rehearsal runs: found when they are installed, built from their Go modules if not.

Each folder of ``toolchain/`` is the Go module of one tool and the only place that pins its
version. What is built is kept by version in ``$XDG_CACHE_HOME/openedx-large/toolchain`` (by default
``~/.cache/…``) and shared by all checkouts, so that a tool is built once on a machine.
"""

from rehearsal.toolchain.cache import InstalledTool, Toolchain, default_cache
from rehearsal.toolchain.errors import ToolchainError
from rehearsal.toolchain.progress import Phase, ToolEvent, ToolProgress
from rehearsal.toolchain.pulumi import PulumiCli, pulumi_cli
from rehearsal.toolchain.tools import TOOLS, Tool

__all__ = [
    "TOOLS",
    "InstalledTool",
    "Phase",
    "PulumiCli",
    "Tool",
    "ToolEvent",
    "ToolProgress",
    "Toolchain",
    "ToolchainError",
    "default_cache",
    "pulumi_cli",
]
