"""The command line of every component."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from rehearsal.controlplane.binaries import Binaries
from rehearsal.controlplane.pki import Pki
from rehearsal.controlplane.ports import LOOPBACK

ETCD = "etcd"
API_SERVER = "kube-apiserver"
CONTROLLER_MANAGER = "kube-controller-manager"
SCHEDULER = "kube-scheduler"
KWOK = "kwok"
CONTROLLERS = "controllers"

STOP_ORDER = ((CONTROLLERS, KWOK, SCHEDULER, CONTROLLER_MANAGER), (API_SERVER,), (ETCD,))
"""Clients go before their server, so that nothing reports a lost connection."""

COMPONENTS = frozenset(name for stage in STOP_ORDER for name in stage)

CLIENT_QPS = 500
CLIENT_BURST = 1000
"""Requests per second of a component to the API server, and how many at once. With the defaults
(20 and 30) a hundred pods would wait for their turn rather than for anything that happens."""

SERVICE_CIDR = "10.96.0.0/16"
POD_CIDR = "10.0.128.0/17"
"""Addresses of Services (OKE's default) and of pods. Nothing is ever sent to them."""

NODE_LEASE_SECONDS = 40
"""The kubelet's default; shorter than the controller manager's 50 s of grace."""


EMULATED_RELEASES = 3
"""How many minor releases before its own a component can emulate (Kubernetes' compatibility
versions, KEP-4330)."""


def emulation(wanted: str | None, own: str) -> list[str]:
    """The flags with which components of version ``own`` offer the APIs and features of the minor
    release of ``wanted`` (both e.g. ``1.34.1``); none where they cannot or need not."""
    asked = re.fullmatch(r"v?(\d+)\.(\d+)(\.\d+)?", wanted or "")
    major, minor = (int(part) for part in own.removeprefix("v").split(".")[:2])
    if asked is None or int(asked[1]) != major:
        return []
    if not minor - EMULATED_RELEASES <= int(asked[2]) < minor:
        return []
    return [f"--emulated-version={asked[1]}.{asked[2]}"]


@dataclass(frozen=True)
class Ports:
    """Where each component listens, on 127.0.0.1."""

    api_server: int
    etcd: int
    controller_manager: int
    scheduler: int


@dataclass(frozen=True)
class Layout:
    """The files of one control plane."""

    directory: Path
    kubeconfig: Path
    """The administrator's kubeconfig."""

    @property
    def pki(self) -> Pki:
        """Certificates and keys."""
        return Pki(self.directory / "pki")

    @property
    def etcd_data(self) -> Path:
        """etcd's data directory."""
        return self.directory / "etcd"

    @property
    def logs(self) -> Path:
        """One log for each component."""
        return self.directory / "logs"

    @property
    def tokens(self) -> Path:
        """The API server's static token file."""
        return self.directory / "tokens.csv"

    @property
    def scheduler_config(self) -> Path:
        """The scheduler's KubeSchedulerConfiguration."""
        return self.directory / "scheduler.json"

    @property
    def controllers_ready(self) -> Path:
        """Exists once our own controllers watch everything they need."""
        return self.directory / "controllers.ready"

    def log(self, component: str) -> Path:
        """The log of one component."""
        return self.logs / f"{component}.log"


def write_scheduler_config(layout: Layout) -> None:
    """Write the scheduler's configuration: everything as shipped but for speed and leader election.

    An unschedulable pod is tried again within 2 s (the default goes up to 10 s) after something in
    the cluster changed for it.
    """
    config = {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "clientConnection": {
            "kubeconfig": str(layout.kubeconfig),
            "qps": CLIENT_QPS,
            "burst": CLIENT_BURST,
        },
        "leaderElection": {"leaderElect": False},
        "podInitialBackoffSeconds": 1,
        "podMaxBackoffSeconds": 2,
    }
    layout.scheduler_config.write_text(json.dumps(config, indent=2) + "\n")


def etcd(binaries: Binaries, layout: Layout, ports: Ports) -> list[str]:
    """etcd with one member, which only holders of this control plane's certificate may talk to."""
    pki, url = layout.pki, f"https://{LOOPBACK}:{ports.etcd}"
    # A single member has no peers, but etcd insists on a peer address; port 0 lets it take any.
    peer = f"http://{LOOPBACK}:0"
    return [
        str(binaries.etcd),
        "--name=rehearsal",
        f"--data-dir={layout.etcd_data}",
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=rehearsal={peer}",
        "--client-cert-auth",
        f"--trusted-ca-file={pki.ca}",
        f"--cert-file={pki.certificate}",
        f"--key-file={pki.key}",
        "--socket-reuse-port",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def api_server(binaries: Binaries, layout: Layout, ports: Ports) -> list[str]:
    """The API server: RBAC, the default admission plugins (Pod Security among them)."""
    pki = layout.pki
    return [
        str(binaries.kube_apiserver),
        f"--etcd-servers=https://{LOOPBACK}:{ports.etcd}",
        f"--etcd-cafile={pki.ca}",
        f"--etcd-certfile={pki.certificate}",
        f"--etcd-keyfile={pki.key}",
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",
        f"--secure-port={ports.api_server}",
        "--permit-port-sharing",
        # The endpoints of the `kubernetes` Service may not be loopback addresses.
        "--endpoint-reconciler-type=none",
        f"--tls-cert-file={pki.certificate}",
        f"--tls-private-key-file={pki.key}",
        f"--token-auth-file={layout.tokens}",
        "--authorization-mode=RBAC",
        "--allow-privileged",
        f"--service-cluster-ip-range={SERVICE_CIDR}",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={pki.service_account_key}",
        f"--service-account-signing-key-file={pki.service_account_key}",
        "--profiling=false",
    ]


def controller_manager(binaries: Binaries, layout: Layout, ports: Ports) -> list[str]:
    """The controller manager, with all controllers that run by default."""
    pki = layout.pki
    return [
        str(binaries.kube_controller_manager),
        f"--kubeconfig={layout.kubeconfig}",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={ports.controller_manager}",
        "--permit-port-sharing",
        f"--tls-cert-file={pki.certificate}",
        f"--tls-private-key-file={pki.key}",
        f"--root-ca-file={pki.ca}",
        f"--service-account-private-key-file={pki.service_account_key}",
        f"--kube-api-qps={CLIENT_QPS}",
        f"--kube-api-burst={CLIENT_BURST}",
        "--leader-elect=false",
        "--profiling=false",
    ]


def scheduler(binaries: Binaries, layout: Layout, ports: Ports) -> list[str]:
    """The scheduler."""
    pki = layout.pki
    return [
        str(binaries.kube_scheduler),
        f"--config={layout.scheduler_config}",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={ports.scheduler}",
        "--permit-port-sharing",
        f"--tls-cert-file={pki.certificate}",
        f"--tls-private-key-file={pki.key}",
    ]


def kwok(binaries: Binaries, layout: Layout) -> list[str]:
    """KWOK, in the place of every kubelet."""
    return [
        str(binaries.kwok),
        f"--kubeconfig={layout.kubeconfig}",
        "--manage-all-nodes",
        f"--node-lease-duration-seconds={NODE_LEASE_SECONDS}",
        f"--cidr={POD_CIDR}",
        *(f"--config={stage}" for stage in binaries.stage_files()),
    ]


def controllers(layout: Layout, processes: Path) -> list[str]:
    """Our own controllers, run by this Python; ``processes`` is where all processes are listed."""
    return [
        sys.executable,
        "-m",
        "rehearsal.controllers",
        f"--kubeconfig={layout.kubeconfig}",
        f"--ready-file={layout.controllers_ready}",
        f"--processes={processes}",
    ]
