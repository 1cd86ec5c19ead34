"""The tls stand-in's keys, read back by cryptography, and its SDK."""

from __future__ import annotations

import base64
import hashlib
import inspect
from typing import Any

import pulumi_tls
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_private_key,
    load_ssh_public_key,
)

from rehearsal.engine.plugins import sdk_version
from rehearsal.standin.provider import Change, CloudError, Prior, Resource, State
from rehearsal.standin.values import UNKNOWN, Properties
from rehearsal.tls.provider import TlsProvider

PROVIDER = TlsProvider()
TYPE = "tls:index/privateKey:PrivateKey"
KEY = Resource(f"urn:pulumi:s::p::{TYPE}::x", TYPE, "x")
OPENSSH = ("privateKeyOpenssh", "publicKeyOpenssh")
FINGERPRINTS = ("publicKeyFingerprintMd5", "publicKeyFingerprintSha256")


async def create(**inputs: Any) -> State:
    return await PROVIDER.create(KEY, inputs, preview=False)


def text(state: State, name: str) -> bytes:
    return str(state.outputs[name]).encode()


@pytest.mark.parametrize(
    ("inputs", "kind", "size", "preamble"),
    [
        ({"algorithm": "RSA"}, rsa.RSAPrivateKey, 2048, b"RSA PRIVATE KEY"),
        ({"algorithm": "RSA", "rsaBits": 3072}, rsa.RSAPrivateKey, 3072, b"RSA PRIVATE KEY"),
        ({"algorithm": "ECDSA"}, ec.EllipticCurvePrivateKey, 224, b"EC PRIVATE KEY"),
        (
            {"algorithm": "ECDSA", "ecdsaCurve": "P521"},
            ec.EllipticCurvePrivateKey,
            521,
            b"EC PRIVATE KEY",
        ),
        ({"algorithm": "ED25519"}, ed25519.Ed25519PrivateKey, None, b"PRIVATE KEY"),
    ],
)
async def test_one_key_in_all_its_spellings(
    inputs: dict[str, Any], kind: Any, size: int | None, preamble: bytes
) -> None:
    state = await create(**inputs)
    key: Any = load_pem_private_key(text(state, "privateKeyPem"), None)
    assert isinstance(key, kind)
    assert getattr(key, "key_size", None) == size
    assert text(state, "privateKeyPem").startswith(b"-----BEGIN " + preamble + b"-----\n")
    assert text(state, "privateKeyPemPkcs8").startswith(b"-----BEGIN PRIVATE KEY-----\n")

    public = key.public_key()
    pkcs8: Any = load_pem_private_key(text(state, "privateKeyPemPkcs8"), None)
    assert pkcs8.public_key() == public
    assert load_pem_public_key(text(state, "publicKeyPem")) == public
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert state.id == hashlib.sha1(der.strip(), usedforsecurity=False).hexdigest()
    if size == 224:
        assert {state.outputs[name] for name in (*OPENSSH, *FINGERPRINTS)} == {""}
        return
    openssh: Any = load_ssh_private_key(text(state, "privateKeyOpenssh"), None)
    assert openssh.public_key() == public
    assert load_ssh_public_key(text(state, "publicKeyOpenssh")) == public
    assert text(state, "publicKeyOpenssh").endswith(b"\n")


async def test_fingerprints_are_spelt_as_ssh_keygen_spells_them() -> None:
    state = await create(algorithm="ED25519")
    blob = base64.b64decode(text(state, "publicKeyOpenssh").split()[1])
    md5 = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    assert str(state.outputs["publicKeyFingerprintMd5"]).replace(":", "") == md5
    assert str(state.outputs["publicKeyFingerprintMd5"]).count(":") == 15
    sha256 = base64.b64encode(hashlib.sha256(blob).digest()).decode()
    assert state.outputs["publicKeyFingerprintSha256"] == "SHA256:" + sha256.removesuffix("=")


async def test_private_spellings_are_secret_and_public_ones_are_not() -> None:
    state = await create(algorithm="ED25519")
    assert state.secrets == {"privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"}
    source = inspect.getsource(pulumi_tls.PrivateKey)
    assert all(f'"{name}"' in source for name in state.secrets)


async def test_defaults_are_outputs_whatever_the_algorithm() -> None:
    outputs = (await create(algorithm="ED25519")).outputs
    assert (outputs["rsaBits"], outputs["ecdsaCurve"]) == (2048, "P224")


async def test_a_preview_generates_nothing() -> None:
    state = await PROVIDER.create(KEY, {"algorithm": "RSA"}, preview=True)
    assert state.outputs["privateKeyPem"] is state.outputs["publicKeyPem"] is UNKNOWN


@pytest.mark.parametrize(
    ("inputs", "refused"),
    [
        ({}, {"algorithm": "required and missing"}),
        ({"algorithm": "DSA"}, {"algorithm": "must be one of RSA, ECDSA, ED25519, got DSA"}),
        (
            {"algorithm": "ECDSA", "ecdsaCurve": "P-256"},
            {"ecdsaCurve": "must be one of P224, P256, P384, P521, got P-256"},
        ),
        ({"algorithm": "RSA", "rsaBits": 512}, {"rsaBits": "must be at least 1024, got 512"}),
    ],
)
async def test_wrong_inputs_are_refused(inputs: dict[str, Any], refused: dict[str, str]) -> None:
    checked = await PROVIDER.check(KEY, None, inputs)
    assert {failure.property: failure.reason for failure in checked.failures} == refused


async def test_every_change_replaces_and_a_default_written_out_changes_nothing() -> None:
    prior = Prior("id", {"algorithm": "RSA"}, {})
    written: Properties = {"algorithm": "RSA", "rsaBits": 2048, "ecdsaCurve": "P224"}
    assert not (await PROVIDER.diff(KEY, prior, written, ())).changes
    larger = await PROVIDER.diff(KEY, prior, {"algorithm": "RSA", "rsaBits": 4096}, ())
    assert larger.changes == {"rsaBits": Change.UPDATE_REPLACE}


async def test_certificates_are_refused_by_name() -> None:
    type_ = "tls:index/selfSignedCert:SelfSignedCert"
    with pytest.raises(CloudError, match=f"does not know the type {type_}; it knows {TYPE}"):
        await PROVIDER.check(Resource("urn", type_, "x"), None, {})


def test_the_version_is_that_of_the_sdk() -> None:
    assert TlsProvider.version == sdk_version("tls")
