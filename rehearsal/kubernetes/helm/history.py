"""Releases as Helm remembers them: one Secret for each revision, in Helm's own format.

``helm list``, ``helm get manifest`` and the official plugin find a rehearsed release like any
other.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from rehearsal.kubernetes.client import Cluster
from rehearsal.kubernetes.helm.rendering import parse
from rehearsal.kubernetes.kinds import KINDS
from rehearsal.kubernetes.objects import Object, metadata, name_of

DEPLOYED: Final = "deployed"
FAILED: Final = "failed"
SUPERSEDED: Final = "superseded"

_SECRETS: Final = KINDS["v1", "Secret"]
_TYPE: Final = "helm.sh/release.v1"
_AS_HELM: Final = {"fieldManager": "helm"}


@dataclass(frozen=True)
class Revision:
    """One revision of a release."""

    name: str
    namespace: str
    revision: int
    status: str
    chart: Mapping[str, Any]
    """The chart's metadata."""
    values: Mapping[str, Any]
    objects: Sequence[Object] = field(default_factory=tuple)

    @property
    def secret_name(self) -> str:
        """The name of the Secret that holds the revision."""
        return f"sh.helm.release.v1.{self.name}.v{self.revision}"

    def told(self, status: str) -> Revision:
        """The revision with another status."""
        return replace(self, status=status)


class History:
    """The revisions in one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def last(self, namespace: str, name: str) -> Revision | None:
        """The newest revision, None if there is no such release."""
        revisions = [_read(secret) for secret in await self._secrets(namespace, name)]
        return max(revisions, key=lambda revision: revision.revision, default=None)

    async def write(self, revision: Revision) -> None:
        """Record a revision, new or with another status."""
        await self._cluster.apply(_SECRETS, _written(revision), _AS_HELM | {"force": "true"})

    async def forget(self, namespace: str, name: str) -> None:
        """Forget all revisions."""
        for secret in await self._secrets(namespace, name):
            await self._cluster.delete(_SECRETS, namespace, name_of(secret), "Background")

    async def _secrets(self, namespace: str, name: str) -> list[Object]:
        selectors = {"labelSelector": f"owner=helm,name={name}"}
        return await self._cluster.list_objects(_SECRETS, namespace, selectors)


def _written(revision: Revision) -> Object:
    now = datetime.now(UTC).isoformat()
    release = {
        "name": revision.name,
        "namespace": revision.namespace,
        "version": revision.revision,
        "info": {
            "first_deployed": now,
            "last_deployed": now,
            "deleted": "",
            "description": revision.status,
            "status": revision.status,
        },
        "chart": {"metadata": dict(revision.chart), "templates": [], "values": {}, "files": []},
        "config": dict(revision.values),
        "manifest": "".join(f"---\n{json.dumps(obj)}\n" for obj in revision.objects),
        "hooks": [],
    }
    packed = base64.b64encode(gzip.compress(json.dumps(release).encode(), mtime=0))
    labels = {
        "owner": "helm",
        "name": revision.name,
        "status": revision.status,
        "version": str(revision.revision),
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": revision.secret_name,
            "namespace": revision.namespace,
            "labels": labels,
        },
        "type": _TYPE,
        # Twice: once is Helm's own packing, once the Secret's.
        "data": {"release": base64.b64encode(packed).decode()},
    }


def _read(secret: Object) -> Revision:
    packed = base64.b64decode(base64.b64decode(secret["data"]["release"]))
    release = json.loads(gzip.decompress(packed))
    return Revision(
        name=release["name"],
        namespace=str(metadata(secret)["namespace"]),
        revision=release["version"],
        status=release["info"]["status"],
        chart=release["chart"]["metadata"],
        values=release.get("config") or {},
        objects=list(parse(release.get("manifest", ""))),
    )
