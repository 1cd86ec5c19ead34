"""From a kubeconfig, as the provider is given it, to a connection."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import yaml
from lightkube.config.client_adapter import user_auth, verify_cluster
from lightkube.config.kubeconfig import KubeConfig
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError


class KubeconfigError(Exception):
    """A kubeconfig that cannot be used."""


@dataclass(frozen=True)
class Selection:
    """What the provider's configuration picks out of a kubeconfig; empty for its own choice."""

    context: str = ""
    cluster: str = ""
    namespace: str = ""


@dataclass(frozen=True)
class Connection:
    """How to reach an API server, and as whom."""

    server: str
    tls: ssl.SSLContext
    auth: httpx2.Auth | None
    namespace: str
    """The namespace for objects that name none."""
    proxy: str | None = None
    """``proxy-url`` of the kubeconfig's cluster."""

    @property
    def loopback(self) -> bool:
        """Whether the server is this machine."""
        host = httpx2.URL(self.server).host
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


def parse(path_or_contents: str) -> dict[str, Any]:
    """A kubeconfig given as text or as the path of a file.

    Raises:
        KubeconfigError: it is neither, or no kubeconfig.
    """
    text = path_or_contents
    try:
        if "\n" not in text and Path(text).expanduser().is_file():
            text = Path(text).expanduser().read_text(encoding="utf-8")
        parsed = yaml.load(text, Loader=_LOADER)  # noqa: S506 (the safe loader, in C where there is one)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise KubeconfigError(f"kubeconfig: {error}") from error
    if not isinstance(parsed, dict) or "clusters" not in parsed:
        raise KubeconfigError("kubeconfig: neither the contents nor the path of a kubeconfig")
    return parsed


def active_cluster(config: Mapping[str, Any], selection: Selection) -> dict[str, Any] | None:
    """The cluster entry that a selection leads to, None if it leads nowhere."""
    context = _entry(config, "context", selection.context or str(config.get("current-context", "")))
    name = selection.cluster or str((context or {}).get("cluster", ""))
    return _entry(config, "cluster", name)


def connection(config: Mapping[str, Any], selection: Selection) -> Connection:
    """How to reach the API server that a selection leads to.

    Credentials may come from a command (``exec``, API versions v1alpha1 and v1beta1), which runs
    with the environment of this process.

    Raises:
        KubeconfigError: a name leads nowhere, or what it leads to cannot be used.
    """
    try:
        chosen = KubeConfig.from_dict(dict(config)).get(selection.context or None)
    except (ConfigError, KeyError, TypeError, msgspec.ValidationError) as error:
        raise KubeconfigError(f"kubeconfig: {error}") from error
    if chosen is None:
        raise KubeconfigError("kubeconfig: no current-context")
    entry = active_cluster(config, selection)
    if entry is None:
        raise KubeconfigError(f"kubeconfig: cluster {selection.cluster!r} does not exist")
    cluster = msgspec.convert(entry, type(chosen.cluster))
    user = chosen.user or User()
    try:
        return Connection(
            server=cluster.server,
            tls=verify_cluster(cluster, user, chosen.abs_file),
            auth=user_auth(user),
            namespace=selection.namespace or chosen.namespace,
            proxy=entry.get("proxy-url"),
        )
    except (ConfigError, OSError) as error:
        raise KubeconfigError(f"kubeconfig: {error}") from error


def _entry(config: Mapping[str, Any], what: str, name: str) -> dict[str, Any] | None:
    for item in config.get(f"{what}s") or []:
        if item.get("name") == name:
            found = item.get(what)
            return dict(found) if isinstance(found, Mapping) else None
    return None


# A kubeconfig is read on every start of the plugin; the C loader is many times faster.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
