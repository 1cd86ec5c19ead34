"""Private keys and their spellings."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from rehearsal.standin.values import Properties

ALGORITHMS: Final = ("RSA", "ECDSA", "ED25519")
CURVES: Final[dict[str, ec.EllipticCurve]] = {
    "P224": ec.SECP224R1(),
    "P256": ec.SECP256R1(),
    "P384": ec.SECP384R1(),
    "P521": ec.SECP521R1(),
}
LEAST_RSA_BITS: Final = 1024
"""Go's crypto/rsa, with which the provider makes its keys, refuses smaller ones."""

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def private_key(inputs: Properties) -> tuple[str, Properties]:
    """Generate a key. Its id is the SHA-1 of the public key's DER.

    OpenSSH knows no P224: there the OpenSSH spellings and the fingerprints are empty.
    """
    key = _generate(inputs)
    public = key.public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha1(der.strip(), usedforsecurity=False).hexdigest(), {
        "privateKeyPem": _pem(key, _traditional(key)),
        "privateKeyPemPkcs8": _pem(key, PrivateFormat.PKCS8),
        "publicKeyPem": public.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ).decode(),
        **_openssh(key),
    }


def _generate(inputs: Properties) -> PrivateKey:
    match inputs["algorithm"]:
        case "RSA":
            return rsa.generate_private_key(65537, int(str(inputs["rsaBits"])))
        case "ECDSA":
            return ec.generate_private_key(CURVES[str(inputs["ecdsaCurve"])])
        case _:
            return ed25519.Ed25519PrivateKey.generate()


def _traditional(key: PrivateKey) -> PrivateFormat:
    """PKCS#1 for RSA and SEC 1 for ECDSA; Ed25519 has no format of its own."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return PrivateFormat.PKCS8
    return PrivateFormat.TraditionalOpenSSL


def _pem(key: PrivateKey, form: PrivateFormat) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def _openssh(key: PrivateKey) -> dict[str, str]:
    names = ("privateKeyOpenssh", "publicKeyOpenssh")
    fingerprints = ("publicKeyFingerprintMd5", "publicKeyFingerprintSha256")
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP224R1):
        return dict.fromkeys((*names, *fingerprints), "")
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    blob = base64.b64decode(line.split()[1])
    sha256 = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return {
        "privateKeyOpenssh": _pem(key, PrivateFormat.OpenSSH),
        "publicKeyOpenssh": f"{line}\n",
        "publicKeyFingerprintMd5": hashlib.md5(blob, usedforsecurity=False).digest().hex(":"),
        "publicKeyFingerprintSha256": f"SHA256:{sha256}",
    }
