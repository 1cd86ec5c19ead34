"""The engine's resource provider protocol around a :class:`~rehearsal.standin.provider.Provider`.

The engine's side is ``sdk/go/common/resource/plugin/provider_plugin.go`` in pulumi/pulumi.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import grpc
import grpc.aio
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from rehearsal.standin import messages, secrecy
from rehearsal.standin.failures import failure
from rehearsal.standin.provider import (
    InvokeRefused,
    PartialFailure,
    Prior,
    Provider,
    Resource,
    State,
)
from rehearsal.standin.values import Properties
from rehearsal.standin.wire import Decoded, decode, encode

Context = grpc.aio.ServicerContext[Any, Any]

ENGINE_KEYS: Final = frozenset({"version", "pluginDownloadURL", "__internal"})
"""Of a provider's configuration, what is the engine's own business."""


class ProviderServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine's calls by asking ``provider``.

    ``attach`` is called with the engine's address when the engine attaches to a provider that it
    did not start itself.
    """

    def __init__(self, provider: Provider, attach: Callable[[str], None]) -> None:
        self._provider = provider
        self._attach = attach

    # -- the plugin ------------------------------------------------------------------------

    async def Handshake(  # noqa: N802 (the protocol's name)
        self, request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Say what this side of the protocol understands; must agree with Configure."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    async def GetPluginInfo(  # noqa: N802
        self, request: empty_pb2.Empty, context: Context
    ) -> plugin_pb2.PluginInfo:
        """Answer with the version of the plugin that is stood in for."""
        return plugin_pb2.PluginInfo(version=self._provider.version)

    async def GetSchema(  # noqa: N802
        self, request: provider_pb2.GetSchemaRequest, context: Context
    ) -> provider_pb2.GetSchemaResponse:
        """Answer with a schema of nothing but the name: programs bring their SDKs."""
        schema = {"name": self._provider.package, "version": self._provider.version}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    async def Attach(  # noqa: N802
        self, request: plugin_pb2.PluginAttach, context: Context
    ) -> empty_pb2.Empty:
        """Take the address of an engine that found this provider already running."""
        self._attach(request.address)
        return empty_pb2.Empty()

    async def Cancel(  # noqa: N802
        self, request: empty_pb2.Empty, context: Context
    ) -> empty_pb2.Empty:
        """Let everything that waits end."""
        async with _answering(context):
            self._provider.cancelled.set()
            await self._provider.cancel()
        return empty_pb2.Empty()

    # -- its configuration -----------------------------------------------------------------

    async def CheckConfig(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: Context
    ) -> provider_pb2.CheckResponse:
        """Check the provider's configuration."""
        async with _answering(context) as call:
            old, new = call.decode(request.olds), call.decode(request.news)
            checked = await self._provider.check_config(_own(old.values), _own(new.values))
            engines = {key: new.values[key] for key in ENGINE_KEYS & new.values.keys()}
            inputs = {**checked.inputs, **engines}
            return provider_pb2.CheckResponse(
                inputs=encode(inputs, secrecy.of_inputs(inputs, new), allow_unknown=True),
                failures=messages.check_failures(checked.failures),
            )

    async def DiffConfig(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: Context
    ) -> provider_pb2.DiffResponse:
        """Say what a change of the provider's configuration means."""
        async with _answering(context) as call:
            old = _own(call.decode(request.old_inputs).values)
            new = _own(call.decode(request.news).values)
            return messages.diff_response(await self._provider.diff_config(old, new), old, new)

    async def Configure(  # noqa: N802
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        """Configure the provider."""
        async with _answering(context) as call:
            await self._provider.configure(_own(call.decode(request.args).values))
            return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    # -- resources -------------------------------------------------------------------------

    async def Check(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: Context
    ) -> provider_pb2.CheckResponse:
        """Check a resource's inputs."""
        async with _answering(context) as call:
            old, new = call.decode(request.olds), call.decode(request.news)
            checked = await self._provider.check(_resource(request), old.values or None, new.values)
            return provider_pb2.CheckResponse(
                inputs=encode(
                    checked.inputs, secrecy.of_inputs(checked.inputs, new), allow_unknown=True
                ),
                failures=messages.check_failures(checked.failures),
            )

    async def Diff(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: Context
    ) -> provider_pb2.DiffResponse:
        """Compare a resource's old and new inputs."""
        async with _answering(context) as call:
            prior = call.prior(request.id, request.old_inputs, request.olds)
            new = call.decode(request.news).values
            diff = await self._provider.diff(
                _resource(request), prior, new, tuple(request.ignoreChanges)
            )
            return messages.diff_response(diff, prior.inputs, new)

    async def Create(  # noqa: N802
        self, request: provider_pb2.CreateRequest, context: Context
    ) -> provider_pb2.CreateResponse:
        """Create a resource, or say what it would be."""
        async with _answering(context) as call:
            inputs = call.decode(request.properties)
            state = await self._provider.create(
                _resource(request, request.timeout), inputs.values, preview=request.preview
            )
            return provider_pb2.CreateResponse(
                id=state.id,
                properties=encode(
                    state.outputs,
                    secrecy.of_outputs(state.outputs, state.secrets, inputs),
                    allow_unknown=request.preview,
                ),
            )

    async def Read(  # noqa: N802
        self, request: provider_pb2.ReadRequest, context: Context
    ) -> provider_pb2.ReadResponse:
        """Read a resource; an answer without an id means that it is gone."""
        async with _answering(context) as call:
            prior = call.prior(request.id, request.inputs, request.properties)
            try:
                state = await self._provider.read(_resource(request, request.timeout), prior)
            except PartialFailure as failed:
                raise PartialFailure(_complete(failed.state, prior), failed.reasons) from failed
            if state is None:
                return provider_pb2.ReadResponse()
            old_inputs, old_outputs = call.given
            inputs = _complete(state, prior).inputs
            return provider_pb2.ReadResponse(
                id=state.id,
                properties=encode(
                    state.outputs,
                    secrecy.of_outputs(state.outputs, state.secrets, old_inputs, old_outputs),
                ),
                inputs=encode(inputs, secrecy.of_inputs(inputs, old_inputs, named=state.secrets)),
            )

    async def Update(  # noqa: N802
        self, request: provider_pb2.UpdateRequest, context: Context
    ) -> provider_pb2.UpdateResponse:
        """Change a resource in place, or say what it would be."""
        async with _answering(context) as call:
            prior = call.prior(request.id, request.old_inputs, request.olds)
            new = call.decode(request.news)
            state = await self._provider.update(
                _resource(request, request.timeout), prior, new.values, preview=request.preview
            )
            return provider_pb2.UpdateResponse(
                properties=encode(
                    state.outputs,
                    secrecy.of_outputs(state.outputs, state.secrets, new),
                    allow_unknown=request.preview,
                )
            )

    async def Delete(  # noqa: N802
        self, request: provider_pb2.DeleteRequest, context: Context
    ) -> empty_pb2.Empty:
        """Delete a resource."""
        async with _answering(context) as call:
            prior = call.prior(request.id, request.old_inputs, request.properties)
            await self._provider.delete(_resource(request, request.timeout), prior)
        return empty_pb2.Empty()

    # -- functions -------------------------------------------------------------------------

    async def Invoke(  # noqa: N802
        self, request: provider_pb2.InvokeRequest, context: Context
    ) -> provider_pb2.InvokeResponse:
        """Answer a function call; one that was given a secret answers with secrets."""
        async with _answering(context) as call:
            args = call.decode(request.args)
            try:
                result = await self._provider.invoke(request.tok, args.values)
            except InvokeRefused as refused:
                failures = messages.check_failures(refused.failures)
                return provider_pb2.InvokeResponse(failures=failures)
            secrets = [(name,) for name in result] if args.secrets else []
            answer = provider_pb2.InvokeResponse()
            getattr(answer, "return").CopyFrom(encode(result, secrets))  # a keyword in Python
            return answer


class _Call:
    """One call under way: what the engine gave, decoded."""

    def __init__(self) -> None:
        self.given: list[Decoded] = []

    def decode(self, struct: struct_pb2.Struct) -> Decoded:
        decoded = decode(struct)
        self.given.append(decoded)
        return decoded

    def prior(self, id_: str, inputs: struct_pb2.Struct, outputs: struct_pb2.Struct) -> Prior:
        return Prior(id_, self.decode(inputs).values, self.decode(outputs).values)


@asynccontextmanager
async def _answering(context: Context) -> AsyncIterator[_Call]:
    call = _Call()
    try:
        yield call
    except Exception as error:
        status = failure(error, call.given)
        await context.abort(status.code, status.message, status.metadata)


def _complete(state: State, prior: Prior) -> State:
    """What was read; where it says nothing of the inputs they are as they were."""
    return state if state.inputs else replace(state, inputs=prior.inputs)


def _own(config: Properties) -> Properties:
    return {key: value for key, value in config.items() if key not in ENGINE_KEYS}


def _resource(request: Any, timeout: float = 0) -> Resource:
    return Resource(request.urn, request.type, request.name, timeout or None)
