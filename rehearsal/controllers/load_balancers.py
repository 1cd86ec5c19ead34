"""An address for every Service of type LoadBalancer, in the place of the cloud controller."""

from __future__ import annotations

import ipaddress
from typing import Any

from lightkube import AsyncClient
from lightkube.resources.core_v1 import Service, ServiceStatus
from lightkube.types import PatchType

from rehearsal.controllers.controller import Controller
from rehearsal.controllers.oci_load_balancers import ip_mode, refusals
from rehearsal.controllers.recorder import Recorder
from rehearsal.controllers.watching import Key, Watched

FINALIZER = "service.kubernetes.io/load-balancer-cleanup"

ADDRESSES = ipaddress.ip_network("203.0.113.0/24")
"""TEST-NET-3 (RFC 5737): no address that could be anybody's. Internal load balancers get theirs
from it too."""


class LoadBalancers(Controller):
    """Fills ``status.loadBalancer`` and keeps the finalizer, as the cloud controller does.

    A Service with a ``loadBalancerClass`` is another controller's, and left alone.
    """

    def __init__(self, client: AsyncClient, services: Watched[Service]) -> None:
        super().__init__()
        self._client = client
        self._services = services
        self._given: dict[Key, str] = {}
        self._recorder = Recorder(client, "rehearsal-load-balancers")
        services.on_change(self.enqueue)

    async def reconcile(self, key: Key) -> None:
        """Give one Service its address, or take it back."""
        service = self._services.get(key.name, key.namespace)
        if service is None or service.metadata is None or service.spec is None:
            self._given.pop(key, None)
            return
        if service.spec.loadBalancerClass:
            return
        wanted = service.spec.type == "LoadBalancer" and not service.metadata.deletionTimestamp
        if not wanted:
            await self._release(key, service)
            return
        problems = refusals(service)
        if problems:
            await self._recorder.warning(
                service,
                "SyncLoadBalancerFailed",
                "Error syncing load balancer: " + "; ".join(problems),
            )
            return
        await self._ensure(key, service)

    async def _ensure(self, key: Key, service: Service) -> None:
        finalizers = _finalizers(service)
        if FINALIZER not in finalizers:
            await self._set_finalizers(key, service, [*finalizers, FINALIZER])
        mode, address = ip_mode(service), _address(service)
        if address is not None and _mode(service) == mode:
            self._given[key] = address
            return
        address = address or self._free_address(key)
        if address is None:
            await self._recorder.warning(
                service, "SyncLoadBalancerFailed", f"all addresses of {ADDRESSES} are in use"
            )
            return
        await self._set_status(key, [{"ip": address, "ipMode": mode}])
        await self._recorder.normal(service, "EnsuredLoadBalancer", "Ensured load balancer")

    async def _release(self, key: Key, service: Service) -> None:
        finalizers = _finalizers(service)
        if FINALIZER not in finalizers:
            return
        if not (service.metadata and service.metadata.deletionTimestamp):
            await self._set_status(key, [])
        await self._set_finalizers(key, service, [f for f in finalizers if f != FINALIZER])
        self._given.pop(key, None)

    def _free_address(self, key: Key) -> str | None:
        taken = set(self._given.values()) | {
            address for item in self._services.objects.values() if (address := _address(item))
        }
        for host in ADDRESSES.hosts():
            if str(host) not in taken:
                self._given[key] = str(host)
                return str(host)
        return None

    async def _set_status(self, key: Key, ingress: list[dict[str, str]]) -> None:
        await self._client.patch(
            ServiceStatus,
            key.name,
            {"status": {"loadBalancer": {"ingress": ingress or None}}},
            namespace=key.namespace,
            patch_type=PatchType.MERGE,
        )

    async def _set_finalizers(self, key: Key, service: Service, finalizers: list[str]) -> None:
        # With the version it was read at: a merge patch replaces the whole list, and another
        # controller's finalizer must not be lost.
        metadata: dict[str, Any] = {
            "finalizers": finalizers,
            "resourceVersion": service.metadata.resourceVersion if service.metadata else None,
        }
        await self._client.patch(
            Service,
            key.name,
            {"metadata": metadata},
            namespace=key.namespace,
            patch_type=PatchType.MERGE,
        )


def _finalizers(service: Service) -> list[str]:
    return list((service.metadata.finalizers if service.metadata else None) or [])


def _ingress(service: Service) -> Any | None:
    balancer = service.status.loadBalancer if service.status else None
    return balancer.ingress[0] if balancer and balancer.ingress else None


def _address(service: Service) -> str | None:
    ingress = _ingress(service)
    return ingress.ip if ingress else None


def _mode(service: Service) -> str | None:
    ingress = _ingress(service)
    return ingress.ipMode if ingress else None
