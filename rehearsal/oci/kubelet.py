"""How a worker node starts: what its user data makes of OKE's start-up and the kubelet's flags.

Custom user data takes the place of OKE's own, so it has to fetch ``oke_init_script`` from the
instance metadata service (version 2, which wants a header) and run it; kubelet flags go through
``--kubelet-extra-args``. A node whose user data does not is never seen by its cluster
(https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengusingcustomcloudinitscripts.htm).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.oci.quantity import cpu_millicores, memory_mib

#: Flags that change what a node offers; their values are worked out.
MODELLED = frozenset(
    {"kube-reserved", "system-reserved", "eviction-hard", "register-with-taints", "node-labels"}
    | {"max-pods"}
)

#: Flags of kubelet 1.34 that change nothing here (``kubelet --help``).
HARMLESS = frozenset(
    {
        "allowed-unsafe-sysctls",
        "config",
        "config-dir",
        "container-log-max-files",
        "container-log-max-size",
        "cpu-manager-policy",
        "event-burst",
        "event-qps",
        "eviction-max-pod-grace-period",
        "eviction-minimum-reclaim",
        "eviction-pressure-transition-period",
        "eviction-soft",
        "eviction-soft-grace-period",
        "feature-gates",
        "image-gc-high-threshold",
        "image-gc-low-threshold",
        "kube-api-burst",
        "kube-api-qps",
        "memory-manager-policy",
        "protect-kernel-defaults",
        "registry-burst",
        "registry-qps",
        "serialize-image-pulls",
        "topology-manager-policy",
        "v",
    }
)

#: The kubelet's own threshold; naming any threshold drops those that are not named
#: (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/).
DEFAULT_EVICTION = {"memory.available": "100Mi", "nodefs.available": "10%"}

_EFFECTS = frozenset({"NoSchedule", "PreferNoSchedule", "NoExecute"})
_EXTRA_ARGUMENTS = re.compile(r"""--kubelet-extra-args[=\s]+(?:"([^"]*)"|'([^']*)'|(\S+))""")
_TAINT = re.compile(r"([^=:,]+)(?:=([^:,]*))?:([A-Za-z]+)")


class NodeDoesNotStartError(Exception):
    """The node's user data keeps it from joining the cluster; the text says why."""


@dataclass(frozen=True)
class Kubelet:
    """A kubelet as it was started. Reserved CPU in millicores, memory in MiB."""

    reserved_cpu_millicores: int = 0
    reserved_memory_mib: int = 0
    eviction: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_EVICTION))
    """Hard thresholds by signal."""
    taints: tuple[Mapping[str, str], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    max_pods: int | None = None
    root_grown: bool = False
    """Whether the root file system fills the boot volume."""

    def evicted_below(self, signal: str, capacity_mib: int) -> int:
        """The hard threshold of a signal in MiB; 0 when it has none."""
        threshold = self.eviction.get(signal)
        if threshold is None:
            return 0
        if threshold.endswith("%"):
            return int(capacity_mib * float(threshold[:-1]) / 100)
        return memory_mib(threshold)


def start(metadata: Mapping[str, Any]) -> Kubelet:
    """The kubelet that a node pool's ``node_metadata`` gives.

    Raises:
        NodeDoesNotStartError: the start-up never gets as far as a registered node.
    """
    user_data = metadata.get("user_data")
    if user_data is None:
        return Kubelet()
    script = _decoded(user_data)
    _check_start_up(script)
    match = _EXTRA_ARGUMENTS.search(script)
    arguments = next((text for text in match.groups() if text), "") if match else ""
    return _kubelet(_flags(arguments), root_grown="oci-growfs" in script)


def _decoded(user_data: str) -> str:
    try:
        return base64.b64decode(user_data, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise NodeDoesNotStartError("user_data is not the base64 of a text") from None


def _check_start_up(script: str) -> None:
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("#")]
    code = "\n".join(lines)
    fetched = code.find("/opc/v2/instance/metadata/oke_init_script")
    if fetched < 0:
        raise NodeDoesNotStartError(
            "user_data replaces OKE's start-up and does not fetch oke_init_script from "
            "http://169.254.169.254/opc/v2/instance/metadata/oke_init_script"
        )
    if "Authorization: Bearer Oracle" not in code:
        raise NodeDoesNotStartError(
            "user_data asks version 2 of the metadata service without the header "
            "'Authorization: Bearer Oracle'"
        )
    if "bash" not in code[fetched:]:
        raise NodeDoesNotStartError("user_data fetches oke_init_script and does not run it")


def _flags(arguments: str) -> dict[str, str]:
    flags = {}
    for word in arguments.split():
        name, _, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in MODELLED | HARMLESS:
            raise NodeDoesNotStartError(f"the kubelet ends at once: unknown flag {word}")
        flags[name] = value
    return flags


def _kubelet(flags: Mapping[str, str], *, root_grown: bool) -> Kubelet:
    try:
        reserved = [
            _pairs(flags.get(name, ""), "=") for name in ("kube-reserved", "system-reserved")
        ]
        return Kubelet(
            reserved_cpu_millicores=sum(cpu_millicores(it.get("cpu", "0")) for it in reserved),
            reserved_memory_mib=sum(memory_mib(it.get("memory", "0")) for it in reserved),
            eviction=_pairs(flags["eviction-hard"], "<")
            if "eviction-hard" in flags
            else dict(DEFAULT_EVICTION),
            taints=tuple(
                _taint(text) for text in flags.get("register-with-taints", "").split(",") if text
            ),
            labels=_pairs(flags.get("node-labels", ""), "="),
            max_pods=int(flags["max-pods"]) if "max-pods" in flags else None,
            root_grown=root_grown,
        )
    except ValueError as error:
        raise NodeDoesNotStartError(f"the kubelet ends at once: {error}") from None


def _pairs(text: str, separator: str) -> dict[str, str]:
    pairs = {}
    for part in text.split(","):
        name, found, value = part.partition(separator)
        if part and not (found and value):
            raise ValueError(f"{part!r} is not written NAME{separator}VALUE")
        if part:
            pairs[name] = value
    return pairs


def _taint(text: str) -> dict[str, str]:
    match = _TAINT.fullmatch(text)
    if match is None or match[3] not in _EFFECTS:
        raise ValueError(f"{text!r} is not a taint")
    return {"key": match[1], "value": match[2] or "", "effect": match[3]}
