"""The plugin's own calls and its configuration, over gRPC."""

from __future__ import annotations

from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from rehearsal.standin.servicer import ProviderServicer
from rehearsal.standin.values import UNKNOWN
from rehearsal.standin.wire import decode
from tests.rehearsal.standin.protocol import wire
from tests.rehearsal.standin.toy import ToyProvider

PropertyDiff = provider_pb2.PropertyDiff


async def test_handshake_and_configure_agree(engine: Any) -> None:
    handshake = await engine.Handshake(provider_pb2.ProviderHandshakeRequest())
    configured = await engine.Configure(provider_pb2.ConfigureRequest())
    assert handshake.accept_secrets is configured.acceptSecrets is True
    assert handshake.accept_resources is configured.acceptResources is False
    assert handshake.accept_outputs is configured.acceptOutputs is False
    assert configured.supportsPreview


async def test_plugin_info_and_schema_name_the_plugin(engine: Any) -> None:
    info = await engine.GetPluginInfo(empty_pb2.Empty())
    schema = await engine.GetSchema(provider_pb2.GetSchemaRequest())
    assert info.version == "1.2.3"
    assert schema.schema == '{"name": "toy", "version": "1.2.3"}'


async def test_attach_hands_on_the_engines_address(toy: ToyProvider) -> None:
    attached: list[str] = []
    servicer = ProviderServicer(toy, attached.append)
    await servicer.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:9"), None)  # type: ignore[arg-type] # context unused
    assert attached == ["127.0.0.1:9"]


async def test_the_engines_own_configuration_stays_with_the_engine(
    engine: Any, toy: ToyProvider
) -> None:
    given = {"endpoint": "toy://a", "version": "1.2.3", "pluginDownloadURL": "x"}
    checked = await engine.CheckConfig(provider_pb2.CheckRequest(news=wire(given)))
    await engine.Configure(provider_pb2.ConfigureRequest(args=wire(given)))
    assert decode(checked.inputs).values == given
    assert toy.configuration == {"endpoint": "toy://a"}


async def test_a_secret_in_the_configuration_is_read_and_stays_secret(
    engine: Any, toy: ToyProvider
) -> None:
    given = wire({"endpoint": "toy://a"}, [("endpoint",)])
    checked = await engine.CheckConfig(provider_pb2.CheckRequest(news=given))
    await engine.Configure(provider_pb2.ConfigureRequest(args=given))
    assert decode(checked.inputs).secrets == {("endpoint",)}
    assert toy.configuration == {"endpoint": "toy://a"}


async def test_refused_configuration(engine: Any) -> None:
    checked = await engine.CheckConfig(
        provider_pb2.CheckRequest(news=wire({"endpoint": "http://a"}))
    )
    assert [(f.property, f.reason) for f in checked.failures] == [
        ("endpoint", "http://a is not a toy:// URL")
    ]


async def test_unknown_configuration_passes_the_check(engine: Any) -> None:
    checked = await engine.CheckConfig(provider_pb2.CheckRequest(news=wire({"endpoint": UNKNOWN})))
    assert decode(checked.inputs).values == {"endpoint": UNKNOWN}
    assert not checked.failures


async def test_diff_config_is_detailed(engine: Any) -> None:
    diff = await engine.DiffConfig(
        provider_pb2.DiffRequest(
            old_inputs=wire({"endpoint": "toy://a", "version": "1"}),
            news=wire({"endpoint": "toy://b", "version": "2", "retries": 3}),
        )
    )
    assert {path: change.kind for path, change in diff.detailedDiff.items()} == {
        "endpoint": PropertyDiff.UPDATE_REPLACE,
        "retries": PropertyDiff.ADD,
    }
    assert list(diff.replaces) == ["endpoint"]
