"""The program under Pulumi's mocks: what it registers, in the order of registration."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime import rpc
from pulumi.runtime.settings import ROOT, SETTINGS
from pulumi.runtime.stack import run_pulumi_func

from components.settings.load import load
from components.settings.platform import PlatformSettings
from components.settings.rules import Surroundings
from components.system_pods import SYSTEM_PODS

STACK = "oci-jeddah"
STACK_FILE = Path(__file__).parents[2] / "stacks" / f"Pulumi.{STACK}.yaml"

AVAILABILITY_DOMAIN = "qKbT:ME-JEDDAH-1-AD-1"
FAULT_DOMAINS = ("FAULT-DOMAIN-1", "FAULT-DOMAIN-2", "FAULT-DOMAIN-3")
IMAGE = "Oracle-Linux-8.10-2025.09.16-0-OKE-1.34.1-1330"
SERVICES_LABEL = "all-jed-services-in-oracle-services-network"
KUBECONFIG = "apiVersion: v1\nkind: Config\n"


@dataclass(frozen=True)
class Registration:
    """One resource as the program registered it."""

    type: str
    name: str
    parent: str
    """Logical name of the parent; empty at the top."""
    inputs: Mapping[str, Any]
    """By the names that the provider sees, in camelCase."""
    secret_inputs: frozenset[str]
    protect: bool
    dependencies: tuple[str, ...]
    """Logical names, in alphabetical order: explicit ones and those that inputs bring."""
    provider: str
    delete_before_replace: bool
    ignore_changes: tuple[str, ...]
    error_hooks: tuple[str, ...]
    timeouts: Mapping[str, str]
    """By operation; empty where the provider's own hold."""


@dataclass
class Recording:
    """Everything that a run registered and asked for."""

    resources: list[Registration] = field(default_factory=list)
    invokes: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    hooks: dict[str, pulumi.ErrorHook] = field(default_factory=dict)
    """By name, to be called as the engine would."""
    error: str = ""
    """What a refused program said."""

    def in_order(self) -> list[Registration]:
        """By type and name: which of two independent resources comes first is chance."""
        return sorted(self.resources, key=lambda resource: (resource.type, resource.name))

    def of_type(self, type_: str) -> list[Registration]:
        return [resource for resource in self.resources if resource.type == type_]

    def one(self, type_: str) -> Registration:
        (resource,) = self.of_type(type_)
        return resource

    def named(self, name: str) -> Registration:
        (resource,) = [resource for resource in self.resources if resource.name == name]
        return resource


@dataclass
class CloudFacts:
    """What the mocked cloud answers; tests change it before they run a program."""

    reserved_instance_count: int | None = None
    """None: as many as were asked for."""
    images: tuple[str, ...] = (IMAGE,)
    fault_domains: tuple[str, ...] = FAULT_DOMAINS
    refused: str = ""
    """The end of the token of the invoke that is refused."""


class CloudMocks(pulumi_mocks.Mocks):
    """Ids and computed outputs of resources, and answers to invokes."""

    def __init__(self, facts: CloudFacts, recording: Recording) -> None:
        self._facts = facts
        self._recording = recording

    def new_resource(
        self, args: pulumi_mocks.MockResourceArgs
    ) -> tuple[str | None, dict[str, Any]]:
        outputs = dict(args.inputs)
        if args.typ == "oci:Core/computeCapacityReservation:ComputeCapacityReservation":
            asked = sum(int(c["reservedCount"]) for c in outputs["instanceReservationConfigs"])
            granted = self._facts.reserved_instance_count
            outputs["reservedInstanceCount"] = str(asked if granted is None else granted)
        if args.typ == "oci:Core/vcn:Vcn":
            outputs["defaultSecurityListId"] = "default-security-list-id"
        if args.typ == "oci:Kms/vault:Vault":
            outputs["managementEndpoint"] = "https://vault.example.com"
        if args.typ == "oci:ContainerEngine/cluster:Cluster":
            outputs["endpoints"] = [{"privateEndpoint": "10.0.0.2:6443"}]
        return f"{args.name}-id", outputs

    def call(
        self, args: pulumi_mocks.MockCallArgs
    ) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        self._recording.invokes.append((args.token, dict(args.args)))
        if self._facts.refused and args.token.endswith(self._facts.refused):
            return {}, [("compartmentId", "404-NotAuthorizedOrNotFound, Authorization failed")]
        return self._answers()[args.token], []

    def _answers(self) -> Mapping[str, dict[str, Any]]:
        return {
            "oci:Identity/getAvailabilityDomains:getAvailabilityDomains": {
                "availabilityDomains": [{"name": AVAILABILITY_DOMAIN}]
            },
            "oci:Identity/getFaultDomains:getFaultDomains": {
                # Out of order: the program must not depend on the cloud's order.
                "faultDomains": [{"name": name} for name in reversed(self._facts.fault_domains)]
            },
            "oci:Core/getServices:getServices": {
                "services": [{"id": "services-id", "cidrBlock": SERVICES_LABEL}]
            },
            "oci:ContainerEngine/getNodePoolOption:getNodePoolOption": {
                "sources": [
                    {"sourceName": name, "imageId": f"ocid1.image.oc1..{name}"}
                    for name in self._facts.images
                ]
            },
            "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig": {
                "content": KUBECONFIG
            },
        }


class RecordingMonitor(pulumi_mocks.MockMonitor):
    """Keeps what mocks do not see: parents, options, dependencies, secrets."""

    def __init__(self, mocks: CloudMocks, recording: Recording) -> None:
        super().__init__(mocks)
        self._recording = recording

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        plain, secret = _reveal(rpc.deserialize_properties(request.object))
        self._recording.resources.append(
            Registration(
                type=request.type,
                name=request.name,
                parent=_name(request.parent),
                inputs=plain,
                secret_inputs=frozenset(secret),
                protect=request.protect,
                dependencies=tuple(sorted(_name(urn) for urn in request.dependencies)),
                provider=request.provider.rpartition("::")[0].rpartition("::")[2],
                delete_before_replace=request.deleteBeforeReplace,
                ignore_changes=tuple(request.ignoreChanges),
                error_hooks=tuple(request.hooks.on_error),
                timeouts={
                    name: getattr(request.customTimeouts, name)
                    for name in ("create", "update", "delete")
                    if getattr(request.customTimeouts, name)
                },
            )
        )
        answer: Any = super().RegisterResource(request)  # type: ignore[no-untyped-call]  # the SDK has no types here
        return answer


class RecordedHook(pulumi.ErrorHook):
    """A hook that needs no engine to be registered."""

    def __init__(self, name: str, func: Any) -> None:
        self.name = name
        self.callback = func
        self._registered = asyncio.get_event_loop().create_future()
        self._registered.set_result(None)
        HOOKS[name] = self


HOOKS: dict[str, pulumi.ErrorHook] = {}


def _reveal(values: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    secret = {key for key, value in values.items() if rpc.is_rpc_secret(value)}
    return {key: _plain(value) for key, value in values.items()}, secret


def _plain(value: Any) -> Any:
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value


def _name(urn: str) -> str:
    type_, _, name = urn.rpartition("::")
    return "" if type_.endswith("pulumi:pulumi:Stack") else name


Program = Callable[[], None]


def record(
    program: Program, *, facts: CloudFacts | None = None, refused: bool = False
) -> Recording:
    """Run ``program`` in an event loop of its own until all that it started has ended.

    A program that is to be ``refused`` ends in a ``RunError``, which is kept beside what it had
    registered by then.
    """
    recording = Recording()
    mocks = CloudMocks(facts or CloudFacts(), recording)
    patch = pytest.MonkeyPatch()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    HOOKS.clear()
    try:
        patch.setattr(pulumi, "ErrorHook", RecordedHook)
        ROOT.set(None)
        pulumi_mocks.set_mocks(
            mocks,
            project="openedx-large",
            stack=STACK,
            preview=False,
            monitor=RecordingMonitor(mocks, recording),
        )
        SETTINGS.outputs.clear()
        try:
            loop.run_until_complete(run_pulumi_func(program))
        except pulumi.RunError as error:
            if not refused:
                raise
            recording.error = str(error)
        recording.hooks = dict(HOOKS)
    finally:
        patch.undo()
        _abandon(loop)
        loop.close()
        asyncio.set_event_loop(None)
    return recording


def _abandon(loop: asyncio.AbstractEventLoop) -> None:
    """End what a program that failed has left waiting."""
    waiting = asyncio.all_tasks(loop)
    for task in waiting:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))


def stack_file() -> dict[str, Any]:
    """What ``stacks/Pulumi.oci-jeddah.yaml`` says of the platform."""
    parsed = yaml.safe_load(STACK_FILE.read_text())
    platform: dict[str, Any] = parsed["config"]["openedx-large:platform"]
    return platform


def settings(**differences: Any) -> PlatformSettings:
    """The settings of the stack file, with ``differences`` at its top level."""
    return load(
        {**stack_file(), **differences},
        file=str(STACK_FILE),
        surroundings=Surroundings(system_pods=SYSTEM_PODS["oci"], provider_region="me-jeddah-1"),
    )
