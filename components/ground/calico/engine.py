"""Calico's node agent on every node, enforcing Kubernetes network policies and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from components.charts import CALICO_NODE_IMAGE
from components.ground.calico.access import ACCOUNT, NAMESPACE, grant_access
from components.ground.calico.custom_resources import define_custom_resources
from components.ground.calico.pods import CALICO_NODE

_LABELS: Mapping[str, str] = {"k8s-app": "calico-node"}

HOST_PATHS: Mapping[str, tuple[str, str, str | None]] = {
    "lib-modules": ("/lib/modules", "/lib/modules", None),
    "xtables-lock": ("/run/xtables.lock", "/run/xtables.lock", "FileOrCreate"),
    "var-run-calico": ("/var/run/calico", "/var/run/calico", "DirectoryOrCreate"),
    "var-lib-calico": ("/var/lib/calico", "/var/lib/calico", "DirectoryOrCreate"),
    "policysync": ("/var/run/nodeagent", "/var/run/nodeagent", "DirectoryOrCreate"),
}
"""Path on the node, mount point and type by volume; modules are read, the rest is written.
None of them is the CNI's: its binaries and configuration stay the cloud's."""


def environment(pod_interface_prefix: str) -> Mapping[str, str]:
    """Settings of the agent beside a cloud's own CNI plugin.

    The last five are what Oracle prescribes for VCN-native pod networking and Oracle Linux 8
    nodes: https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengsettingupcalico.htm
    """
    return {
        "DATASTORE_TYPE": "kubernetes",
        "WAIT_FOR_DATASTORE": "true",
        "CALICO_NETWORKING_BACKEND": "none",
        "CALICO_DISABLE_FILE_LOGGING": "true",
        "CLUSTER_TYPE": "k8s",
        "FELIX_DEFAULTENDPOINTTOHOSTACTION": "ACCEPT",
        "FELIX_HEALTHENABLED": "true",
        "FELIX_IPV6SUPPORT": "false",
        "FELIX_LOGSEVERITYSCREEN": "Warning",
        "FELIX_INTERFACEPREFIX": pod_interface_prefix,
        "NO_DEFAULT_POOLS": "true",
        "FELIX_CHAININSERTMODE": "Append",
        "FELIX_IPTABLESMANGLEALLOWACTION": "Return",
        "FELIX_IPTABLESBACKEND": "NFT",
    }


class CalicoPolicyEngine(pulumi.ComponentResource):
    """Calico in policy-only mode, as Oracle supports it on OKE.

    Without an engine a network policy is decoration: the API server admits it and nothing drops a
    packet. Not the Tigera operator: it knows the interface names of four other CNI plugins only
    (docs/decisions/0075-network-policy-engine.md).
    """

    def __init__(
        self,
        name: str,
        *,
        pod_interface_prefix: str,
        nodes: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Install the engine.

        Args:
            name: Logical name.
            pod_interface_prefix: How the host's ends of pods' interfaces begin.
            nodes: The node pools. The rollout is waited for: without nodes it would be over
                before it began.
            opts: Resource options; their parent has the cluster's provider.
        """
        super().__init__("openedx-large:index:CalicoPolicyEngine", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        before = [
            *define_custom_resources(f"{name}-crd", opts=child),
            *grant_access(name, opts=child),
        ]
        kubernetes.apps.v1.DaemonSet(
            f"{name}-node",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=CALICO_NODE.name, namespace=NAMESPACE, labels=_LABELS
            ),
            spec=kubernetes.apps.v1.DaemonSetSpecArgs(
                selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=_LABELS),
                update_strategy=kubernetes.apps.v1.DaemonSetUpdateStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=kubernetes.apps.v1.RollingUpdateDaemonSetArgs(max_unavailable=1),
                ),
                template=kubernetes.core.v1.PodTemplateSpecArgs(
                    metadata=kubernetes.meta.v1.ObjectMetaArgs(labels=_LABELS),
                    spec=_pod(pod_interface_prefix),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*before, *nodes]),
        )
        self.register_outputs({})


def _pod(pod_interface_prefix: str) -> kubernetes.core.v1.PodSpecArgs:
    return kubernetes.core.v1.PodSpecArgs(
        service_account_name=ACCOUNT,
        host_network=True,
        priority_class_name="system-node-critical",
        node_selector={"kubernetes.io/os": "linux"},
        # A node whose policies are not enforced is open: no taint keeps the agent off.
        tolerations=[
            kubernetes.core.v1.TolerationArgs(operator="Exists", effect="NoSchedule"),
            kubernetes.core.v1.TolerationArgs(operator="Exists", effect="NoExecute"),
            kubernetes.core.v1.TolerationArgs(key="CriticalAddonsOnly", operator="Exists"),
        ],
        termination_grace_period_seconds=5,
        containers=[_container(pod_interface_prefix)],
        volumes=[
            kubernetes.core.v1.VolumeArgs(
                name=volume,
                host_path=kubernetes.core.v1.HostPathVolumeSourceArgs(path=path, type=kind),
            )
            for volume, (path, _, kind) in HOST_PATHS.items()
        ],
    )


def _container(pod_interface_prefix: str) -> kubernetes.core.v1.ContainerArgs:
    requests = CALICO_NODE.each
    return kubernetes.core.v1.ContainerArgs(
        name=CALICO_NODE.name,
        image=CALICO_NODE_IMAGE,
        env=_env(pod_interface_prefix),
        # It writes the packet filter's rules of the node: there is no lesser way.
        security_context=kubernetes.core.v1.SecurityContextArgs(privileged=True),
        resources=kubernetes.core.v1.ResourceRequirementsArgs(
            requests={
                "cpu": f"{requests.cpu_millicores}m",
                "memory": f"{requests.memory_mib}Mi",
            }
        ),
        liveness_probe=_probe("-felix-live", initial_delay_seconds=10),
        readiness_probe=_probe("-felix-ready", initial_delay_seconds=0),
        lifecycle=kubernetes.core.v1.LifecycleArgs(
            pre_stop=kubernetes.core.v1.LifecycleHandlerArgs(
                exec_=kubernetes.core.v1.ExecActionArgs(command=["/bin/calico-node", "-shutdown"])
            )
        ),
        volume_mounts=[
            kubernetes.core.v1.VolumeMountArgs(
                name=volume, mount_path=mount, read_only=volume == "lib-modules"
            )
            for volume, (_, mount, _) in HOST_PATHS.items()
        ],
    )


def _env(pod_interface_prefix: str) -> Sequence[kubernetes.core.v1.EnvVarArgs]:
    node_name = kubernetes.core.v1.EnvVarArgs(
        name="NODENAME",
        value_from=kubernetes.core.v1.EnvVarSourceArgs(
            field_ref=kubernetes.core.v1.ObjectFieldSelectorArgs(field_path="spec.nodeName")
        ),
    )
    fixed = environment(pod_interface_prefix)
    return [
        node_name,
        *(kubernetes.core.v1.EnvVarArgs(name=key, value=value) for key, value in fixed.items()),
    ]


def _probe(flag: str, *, initial_delay_seconds: int) -> kubernetes.core.v1.ProbeArgs:
    return kubernetes.core.v1.ProbeArgs(
        exec_=kubernetes.core.v1.ExecActionArgs(command=["/bin/calico-node", flag]),
        initial_delay_seconds=initial_delay_seconds,
        period_seconds=10,
        timeout_seconds=10,
        failure_threshold=6,
    )
