"""Events: how a controller says what it did, or why it did not."""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Literal

from lightkube import AsyncClient
from lightkube.core.resource import api_info
from lightkube.models.core_v1 import EventSource, ObjectReference
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Event


class Recorder:
    """Writes Events in the name of ``component``; the same one about the same object only once."""

    def __init__(self, client: AsyncClient, component: str) -> None:
        self._client = client
        self._component = component
        self._written: set[tuple[str, str, str]] = set()

    async def normal(self, item: Any, reason: str, message: str) -> None:
        """Something was done to ``item``."""
        await self._write("Normal", item, reason, message)

    async def warning(self, item: Any, reason: str, message: str) -> None:
        """Something cannot be done for ``item``."""
        await self._write("Warning", item, reason, message)

    async def _write(
        self, kind: Literal["Normal", "Warning"], item: Any, reason: str, message: str
    ) -> None:
        once = (item.metadata.uid, reason, message)
        if once in self._written:
            return
        now = datetime.datetime.now(datetime.UTC)
        resource = api_info(type(item)).resource
        namespace = item.metadata.namespace or "default"
        await self._client.create(
            Event(
                metadata=ObjectMeta(
                    name=f"{item.metadata.name}.{uuid.uuid4().hex[:16]}", namespace=namespace
                ),
                involvedObject=ObjectReference(
                    apiVersion=resource.api_version,
                    kind=resource.kind,
                    namespace=item.metadata.namespace,
                    name=item.metadata.name,
                    uid=item.metadata.uid,
                    resourceVersion=item.metadata.resourceVersion,
                ),
                type=kind,
                reason=reason,
                message=message,
                source=EventSource(component=self._component),
                firstTimestamp=now,
                lastTimestamp=now,
                count=1,
            )
        )
        self._written.add(once)
