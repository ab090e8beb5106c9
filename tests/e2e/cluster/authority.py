"""A certificate authority of one's own, for the API server and for the webhooks that it calls."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from reconciler.kit.clock import SystemClock

_LIFE = timedelta(days=30)
_CLOCKS_DIFFER = timedelta(minutes=5)
_OTHER_USES = {
    "digital_signature": False,
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate of a server and its private key, in PEM."""

    certificate: bytes
    key: bytes

    def __repr__(self) -> str:
        return "Issued(...)"


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs the certificates of servers."""

    _certificate: x509.Certificate
    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls) -> Self:
        """A new one, valid for 30 days."""
        key = new_key()
        name = _name("kmsctl-e2e")
        builder = _builder(name, name, key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(x509.KeyUsage(key_cert_sign=True, **_OTHER_USES), critical=True)
        return cls(builder.sign(key, hashes.SHA256()), key)

    @property
    def certificate(self) -> bytes:
        """Its own certificate, in PEM: who trusts it trusts the servers."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, *names: str, addresses: Sequence[str] = ()) -> Issued:
        """The certificate of a server that is called by these DNS names and IP addresses."""
        key = new_key()
        called = [x509.DNSName(name) for name in names]
        at = [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = _builder(_name(names[0]), self._certificate.subject, key.public_key())
        builder = builder.add_extension(x509.SubjectAlternativeName([*called, *at]), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        signed = builder.add_extension(own, critical=False).sign(self._key, hashes.SHA256())
        return Issued(signed.public_bytes(serialization.Encoding.PEM), pem(key))


def new_key() -> ec.EllipticCurvePrivateKey:
    """A private key on the curve P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key in SEC 1, the form that kube-apiserver reads keys of service accounts in."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _builder(subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = SystemClock().now()
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
