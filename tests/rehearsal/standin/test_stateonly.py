"""The random and tls plugins, as the engine starts them."""

from __future__ import annotations

import pulumi_random
import pulumi_tls
import pytest

from rehearsal.random.provider import RandomProvider
from rehearsal.tls.provider import TlsProvider
from tests.rehearsal.standin.toys import Program, ToyStack


@pytest.fixture
def stack(toys: ToyStack) -> ToyStack:
    for provider in (RandomProvider, TlsProvider):
        module = f"rehearsal.plugins.{provider.package}"
        toys.install(provider.package, provider.version, module)
    return toys


def secrets(keeper: str) -> Program:
    def program() -> None:
        pulumi_random.RandomPassword("password", length=20, keepers={"for": keeper})
        pulumi_tls.PrivateKey("key", algorithm="ED25519")

    return program


def test_secrets_are_made_once_kept_secret_and_made_anew_only_when_asked(stack: ToyStack) -> None:
    assert sorted(stack.up(secrets("a"))) == ["create key", "create password"]
    assert stack.up(secrets("a")) == []
    before = stack.state()
    assert "PRIVATE KEY" not in stack.written()
    assert "ciphertext" in before["password"]["outputs"]["result"]
    assert "ciphertext" in before["key"]["outputs"]["privateKeyPem"]
    assert "PUBLIC KEY" in before["key"]["outputs"]["publicKeyPem"]

    assert "replace password" in stack.up(secrets("b"))
    after = stack.state()
    assert after["password"]["outputs"]["result"] != before["password"]["outputs"]["result"]
    assert after["key"]["id"] == before["key"]["id"]
