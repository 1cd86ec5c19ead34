"""Keeps the control plane's Nodes in line with the instances of node pools."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from lightkube import Client, codecs
from lightkube.resources.core_v1 import Node, Pod
from lightkube.resources.storage_v1 import CSINode

from rehearsal.cloud.store import Record
from rehearsal.oci import errors, kubelet
from rehearsal.oci.control_plane import administrator, if_there
from rehearsal.oci.kubelet import NodeDoesNotStartError
from rehearsal.oci.model import Site
from rehearsal.oci.node_object import (
    GENERATION_ANNOTATION,
    POOL_ANNOTATION,
    csi_node,
    name_of,
    node,
)
from rehearsal.oci.tokens import INSTANCE
from rehearsal.standin.provider import CloudError

#: How long a registered node may take to become ready. OKE waits 20 minutes; here no machine boots.
READY_PATIENCE_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 0.1

_REGISTER_TIMEOUT = (
    "{count} nodes(s) register timeout. First, confirm that network prerequisites have been met. "
    "If network prerequisites have been met, troubleshoot the problem by running the Node Doctor "
    "script on the node(s) experiencing the issue. ({reason})"
)


def reconcile(site: Site, pool: Record) -> None:
    """Make the pool's nodes those of its live instances, and wait until they are ready.

    Raises:
        CloudError: nodes that do not register, as OKE's work request puts it.
    """
    with site.store.transaction() as transaction:
        instances = transaction.live(INSTANCE, owner=pool.id)
    with administrator(site.paths) as client:
        present = _nodes(client, [pool.id])
        wanted = {name_of(instance): instance for instance in instances}
        for name, found in present.items():
            if name not in wanted:
                _retire(client, name)
            elif _is_of(found, wanted[name]):
                del wanted[name]
        for name, instance in wanted.items():
            if name in present:
                _retire(client, name)
            _register(client, instance, len(wanted), pool)
        _await_ready(client, list(wanted), pool)


def remove_orphaned(site: Site) -> None:
    """Take away every node whose instance is gone, as when a cluster has been deleted."""
    with site.store.transaction() as transaction:
        alive = {instance.private["pool_id"] for instance in transaction.live(INSTANCE)}
    with administrator(site.paths) as client:
        for name, found in _nodes(client, None).items():
            if _pool(found) not in alive:
                _retire(client, name)


def _nodes(client: Client, pools: Sequence[str] | None) -> dict[str, Node]:
    """Nodes that a simulated pool has registered, by name."""
    found: Iterable[Node] = client.list(Node)
    return {
        str(it.metadata.name): it
        for it in found
        if it.metadata and (_pool(it) in pools if pools is not None else _pool(it))
    }


def _pool(found: Node) -> str | None:
    annotations = found.metadata.annotations if found.metadata else None
    return (annotations or {}).get(POOL_ANNOTATION)


def _is_of(found: Node, instance: Record) -> bool:
    """Whether a node is of this instance, with this boot volume: addresses are used again."""
    annotations = found.metadata.annotations if found.metadata else None
    generation = (annotations or {}).get(GENERATION_ANNOTATION)
    provider_id = found.spec.providerID if found.spec else None
    return (provider_id, generation) == (instance.id, str(instance.private["generation"]))


def _register(client: Client, instance: Record, count: int, pool: Record) -> None:
    try:
        started = kubelet.start(instance.private["metadata"])
    except NodeDoesNotStartError as error:
        raise _timeout(count, str(error), pool) from None
    # Created, not applied: server-side apply leaves out the status.
    for manifest in (node(instance, started), csi_node(instance)):
        client.create(codecs.from_dict(manifest))


def _await_ready(client: Client, names: Sequence[str], pool: Record) -> None:
    deadline = time.monotonic() + READY_PATIENCE_SECONDS
    waiting = list(names)
    while waiting:
        waiting = [name for name in waiting if not _ready(client.get(Node, name))]
        if waiting and time.monotonic() > deadline:
            raise _timeout(len(waiting), f"not ready: {', '.join(waiting)}", pool)
        if waiting:
            time.sleep(_LOOK_AGAIN_SECONDS)


def _ready(found: Node) -> bool:
    conditions = (found.status.conditions if found.status else None) or []
    return any(it.type == "Ready" and it.status == "True" for it in conditions)


def _retire(client: Client, name: str) -> None:
    """Remove a node and then its pods: as long as it is there, DaemonSets send others after."""
    for kind in (CSINode, Node):
        with if_there():
            client.delete(kind, name)
    for pod in client.list(Pod, namespace="*", fields={"spec.nodeName": name}):
        if pod.metadata and pod.metadata.name and pod.metadata.namespace:
            with if_there():
                client.delete(
                    Pod, pod.metadata.name, namespace=pod.metadata.namespace, grace_period=0
                )


def _timeout(count: int, reason: str, pool: Record) -> CloudError:
    message = _REGISTER_TIMEOUT.format(count=count, reason=reason)
    return errors.work_request_error("nodepool", "CREATED", message, pool.type)
