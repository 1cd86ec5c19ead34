"""Certificates and keys of one control plane: an authority of its own, whose key is not kept."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rehearsal.controlplane.private import write_private

VALIDITY = datetime.timedelta(days=365)
CLOCK_SKEW = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Pki:
    """Where the certificates and keys of a control plane are."""

    directory: Path

    @property
    def ca(self) -> Path:
        """Certificate of the authority."""
        return self.directory / "ca.crt"

    @property
    def certificate(self) -> Path:
        """Certificate of every component, as a server on 127.0.0.1 and as etcd's client."""
        return self.directory / "component.crt"

    @property
    def key(self) -> Path:
        """Key of :attr:`certificate`."""
        return self.directory / "component.key"

    @property
    def service_account_key(self) -> Path:
        """Key that signs service account tokens."""
        return self.directory / "service-accounts.key"

    def complete(self) -> bool:
        """Whether all of it is there."""
        files = (self.ca, self.certificate, self.key, self.service_account_key)
        return all(path.is_file() for path in files)

    def make(self) -> None:
        """Make everything anew."""
        self.directory.mkdir(parents=True, exist_ok=True)
        ca_key, key = _new_key(), _new_key()
        ca_name = _name("openedx-large rehearsal")
        ca = _builder(ca_name, ca_name, ca_key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        component = (
            _builder(_name("control-plane"), ca_name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName(
                    [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
                ),
                critical=False,
            )
            .add_extension(
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
                ),
                critical=False,
            )
        )
        write_private(self.ca, _pem(ca.sign(ca_key, hashes.SHA256())))
        write_private(self.certificate, _pem(component.sign(ca_key, hashes.SHA256())))
        write_private(self.key, _key_pem(key))
        write_private(self.service_account_key, _key_pem(_new_key()))


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + VALIDITY)
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
