"""What a worker node does at its first boot."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from components.settings.platform import KubeletSettings, ReservedSettings

KUBELET_EVICTION_MEMORY_MIB = 100
"""The kubelet's own hard threshold for free memory."""

EVICTION_DISK_PERCENT = {"nodefs": 10, "imagefs": 15}
"""The kubelet's own hard thresholds for free disk: naming one threshold (memory) drops all that are
not named. Those for inodes need no successor: the root file system of Oracle Linux is XFS, which
makes inodes as long as there is space.
https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/"""

_SCRIPT = """\
#!/usr/bin/env bash
set -o errexit -o nounset -o pipefail

# The image is made for a smaller disk: without this the rest of the boot volume is never used.
# A disk that cannot be grown is no reason to lose a reserved host.
/usr/libexec/oci-growfs -y || echo "the root file system was not grown" >&2

# Custom user data takes the place of OKE's own, so it has to start OKE itself (IMDS version 2).
curl --fail --silent --show-error --location --retry 10 --retry-connrefused \\
    --header "Authorization: Bearer Oracle" \\
    http://169.254.169.254/opc/v2/instance/metadata/oke_init_script \\
    | base64 --decode > /var/run/oke-init.sh
bash /var/run/oke-init.sh --kubelet-extra-args "{kubelet_arguments}"
"""


def kubelet_arguments(
    kubelet: KubeletSettings, taints: Sequence[str], *, boot_volume_gb: int
) -> str:
    """The kubelet's flags: what it keeps from pods, when it evicts, and the node's taints.

    OKE publishes no formula for its defaults, and a node pool has no argument for taints. Where
    the kubelet's own eviction thresholds will do, nothing is said of them: the flag needs ``<``,
    which has to get through OKE's start-up scripts unharmed
    (docs/decisions/0074-worker-nodes.md).
    """
    flags = [
        f"--kube-reserved={_quantities(kubelet.kube_reserved)}",
        f"--system-reserved={_quantities(kubelet.system_reserved)}",
    ]
    if kubelet.eviction_memory_mib != KUBELET_EVICTION_MEMORY_MIB:
        disk = (
            f"{disk}.available<{boot_volume_gb * 1024 * percent // 100}Mi"
            for disk, percent in EVICTION_DISK_PERCENT.items()
        )
        memory = f"memory.available<{kubelet.eviction_memory_mib}Mi"
        flags.append(f"--eviction-hard={','.join((memory, *disk))}")
    if taints:
        flags.append(f"--register-with-taints={','.join(taints)}")
    return " ".join(flags)


def node_metadata(
    kubelet: KubeletSettings, taints: Sequence[str], *, boot_volume_gb: int
) -> Mapping[str, str]:
    """The instance metadata of a pool's nodes: the start-up script, and IMDS version 1 off."""
    arguments = kubelet_arguments(kubelet, taints, boot_volume_gb=boot_volume_gb)
    script = _SCRIPT.format(kubelet_arguments=arguments)
    return {
        "user_data": base64.b64encode(script.encode()).decode(),
        "areLegacyImdsEndpointsDisabled": "true",
    }


def _quantities(reserved: ReservedSettings) -> str:
    return f"cpu={reserved.cpu_millicores}m,memory={reserved.memory_mib}Mi"
