"""Talking to an API server: requests, watches, discovery, and what its refusals say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Self

import httpx2
from lightkube.core.exceptions import ConfigError

from rehearsal.kubernetes.kinds import KINDS, Kind
from rehearsal.kubernetes.kubeconfig import Connection
from rehearsal.kubernetes.objects import Object, name_of, namespace_of

APPLY: Final = "application/apply-patch+yaml"
JSON_PATCH: Final = "application/json-patch+json"

_TIMEOUT: Final = httpx2.Timeout(60, connect=10)
_BUSY: Final = 429
_BUSY_RETRIES: Final = 5


class ApiError(Exception):
    """The API server refused; the text is its own."""

    def __init__(self, code: int, status: Mapping[str, Any]) -> None:
        super().__init__(str(status.get("message") or f"the API server answered {code}"))
        self.code = code
        self.reason = str(status.get("reason", ""))

    @property
    def not_found(self) -> bool:
        """Whether what was asked for, or what it belongs to, does not exist."""
        return self.code == httpx2.codes.NOT_FOUND

    @property
    def already_exists(self) -> bool:
        """Whether a create met an object of the same name."""
        return self.reason == "AlreadyExists"

    @property
    def conflict(self) -> bool:
        """Whether another manager owns a field."""
        return self.reason == "Conflict"


class UnreachableError(Exception):
    """The API server does not answer, or nobody lets us in."""


class Cluster:
    """One API server. ``namespace`` is the default namespace of its kubeconfig's context."""

    def __init__(self, connection: Connection) -> None:
        self._client = httpx2.AsyncClient(
            base_url=connection.server,
            verify=connection.tls,
            auth=connection.auth,
            proxy=connection.proxy,
            # Go's HTTP client, and so the official plugin, never sends loopback through a proxy.
            trust_env=not connection.loopback,
            timeout=_TIMEOUT,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=20),
        )
        self._discovered: dict[tuple[str, str], Kind] = {}
        self.namespace = connection.namespace

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def version(self) -> str:
        """The API server's version, ``v1.36.3``. Raises UnreachableError."""
        answer = await self._send("GET", "/version")
        return str(answer["gitVersion"])

    async def api_versions(self) -> list[str]:
        """Every served API version and kind, as Helm lists its capabilities."""
        groups = (await self._send("GET", "/apis"))["groups"]
        versions = [item["groupVersion"] for group in groups for item in group["versions"]]
        served = ["v1", *versions]
        lists = await asyncio.gather(*(self.resources(version) for version in served))
        kinds = [
            f"{version}/{resource['kind']}"
            for version, resources in zip(served, lists, strict=True)
            for resource in resources
        ]
        return [*served, *sorted(set(kinds))]

    async def kind(self, api_version: str, kind: str) -> Kind | None:
        """How the API server serves a kind, None if it does not (yet)."""
        known = KINDS.get((api_version, kind)) or self._discovered.get((api_version, kind))
        if known is not None:
            return known
        for resource in await self.resources(api_version):
            if resource["kind"] == kind and "/" not in resource["name"]:
                found = Kind(api_version, kind, resource["name"], resource["namespaced"])
                self._discovered[api_version, kind] = found
                return found
        return None

    async def get(self, kind: Kind, namespace: str | None, name: str) -> Object | None:
        """The live object, None if there is none."""
        try:
            return await self._send("GET", kind.url(namespace, name))
        except ApiError as error:
            if error.not_found:
                return None
            raise

    async def list_objects(
        self, kind: Kind, namespace: str | None, selectors: Mapping[str, str]
    ) -> list[Object]:
        """The objects that selectors (``labelSelector``, ``fieldSelector``) choose."""
        answer = await self._send("GET", kind.url(namespace), params=dict(selectors))
        common = {"apiVersion": kind.api_version, "kind": kind.kind}
        return [common | item for item in answer.get("items") or []]

    async def create(self, kind: Kind, obj: Object, params: Mapping[str, str]) -> Object:
        """Create an object that must not exist yet."""
        return await self._send("POST", kind.url(namespace_of(obj)), params=params, body=obj)

    async def replace(self, kind: Kind, obj: Object, params: Mapping[str, str]) -> Object:
        """Put an object in the place of the one with its name."""
        url = kind.url(namespace_of(obj), name_of(obj))
        return await self._send("PUT", url, params=params, body=obj)

    async def apply(self, kind: Kind, obj: Object, params: Mapping[str, str]) -> Object:
        """Apply an object on the server's side."""
        url = kind.url(namespace_of(obj), name_of(obj))
        return await self._send("PATCH", url, params=params, body=obj, content_type=APPLY)

    async def patch(self, kind: Kind, obj: Object, operations: list[Object]) -> Object:
        """Change a live object by a JSON patch."""
        url = kind.url(namespace_of(obj), name_of(obj))
        return await self._send("PATCH", url, body=operations, content_type=JSON_PATCH)

    async def delete(self, kind: Kind, namespace: str | None, name: str, policy: str) -> Object:
        """Ask for an object's deletion; ``policy``: ``Foreground``, ``Background``, ``Orphan``."""
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy}
        return await self._send("DELETE", kind.url(namespace, name), body=body)

    async def watch(
        self, kind: Kind, namespace: str | None, selectors: Mapping[str, str]
    ) -> AsyncIterator[tuple[str, Object]]:
        """What happens to the chosen objects, what exists first; ends when the server ends it."""
        params = {**selectors, "watch": "true", "timeoutSeconds": "300"}
        timeout = httpx2.Timeout(None, connect=10)
        try:
            async with self._client.stream(
                "GET", kind.url(namespace), params=params, timeout=timeout
            ) as response:
                if response.is_error:
                    await response.aread()
                    raise _refusal(response)
                async for line in response.aiter_lines():
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        return
                    yield event["type"], event["object"]
        except (httpx2.TransportError, ConfigError) as error:
            raise UnreachableError(_words(error)) from error

    async def resources(self, api_version: str) -> list[Object]:
        """What the API server serves in a version of a group; nothing where it serves none."""
        root = "/apis" if "/" in api_version else "/api"
        try:
            answer = await self._send("GET", f"{root}/{api_version}")
        except ApiError as error:
            if error.not_found:
                return []
            raise
        return list(answer["resources"])

    async def _send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        content_type: str = "application/json",
    ) -> Object:
        content = None if body is None else json.dumps(body)
        headers = {"Accept": "application/json"} | (
            {} if content is None else {"Content-Type": content_type}
        )
        for attempt in range(_BUSY_RETRIES + 1):
            try:
                response = await self._client.request(
                    method, url, params=params, content=content, headers=headers
                )
            except (httpx2.TransportError, ConfigError, OSError) as error:
                raise UnreachableError(_words(error)) from error
            if response.status_code != _BUSY or attempt == _BUSY_RETRIES:
                break
            await asyncio.sleep(float(response.headers.get("Retry-After", "1")))
        if response.is_error:
            raise _refusal(response)
        return dict(response.json())


def _refusal(response: httpx2.Response) -> ApiError | UnreachableError:
    try:
        status = response.json()
    except ValueError:
        status = {"message": response.text.strip()}
    error = ApiError(response.status_code, status if isinstance(status, Mapping) else {})
    if error.code == httpx2.codes.UNAUTHORIZED:
        return UnreachableError(f"the API server does not accept the credentials: {error}")
    return error


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
