"""The tls provider's PrivateKey, as in hashicorp/terraform-provider-tls, which pulumi-tls bridges.

Certificates and certificate requests are not stood in for.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import ClassVar

from rehearsal.standin.inputs import Input, Kind
from rehearsal.standin.stateonly import GeneratedType, StateOnlyProvider
from rehearsal.tls import keys


class TlsProvider(StateOnlyProvider):
    """Stands in for pulumi-tls."""

    package = "tls"
    version = version("pulumi-tls")
    types: ClassVar[Mapping[str, GeneratedType]] = {
        "tls:index/privateKey:PrivateKey": GeneratedType(
            inputs={
                "algorithm": Input(Kind.STRING, required=True, choices=keys.ALGORITHMS),
                "ecdsaCurve": Input(Kind.STRING, default="P224", choices=tuple(keys.CURVES)),
                "rsaBits": Input(Kind.INTEGER, default=2048, minimum=keys.LEAST_RSA_BITS),
            },
            computed=(
                "privateKeyOpenssh",
                "privateKeyPem",
                "privateKeyPemPkcs8",
                "publicKeyFingerprintMd5",
                "publicKeyFingerprintSha256",
                "publicKeyOpenssh",
                "publicKeyPem",
            ),
            generate=keys.private_key,
            secrets=frozenset({"privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"}),
        )
    }
