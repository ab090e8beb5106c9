"""What the control plane proves itself and its administrator with; made anew for each cluster."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from reconciler.kit.clock import SystemClock

_LIFE = timedelta(days=30)
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
_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files that flags name, and the administrator's token."""

    ca: Path
    certificate: Path
    key: Path
    service_account_key: Path
    tokens: Path
    admin_token: str


def make(folder: Path) -> Credentials:
    """Write all of it under `folder`, which only its owner may read."""
    folder.mkdir(mode=0o700)
    ca_key, server_key, signing_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    ca = _authority(ca_key)
    admin_token = secrets.token_urlsafe(32)
    return Credentials(
        ca=_write(folder / "ca.crt", ca.public_bytes(serialization.Encoding.PEM)),
        certificate=_write(folder / "server.crt", _serving(server_key, ca, ca_key)),
        key=_write(folder / "server.key", _pem(server_key)),
        service_account_key=_write(folder / "service-accounts.key", _pem(signing_key)),
        tokens=_write(folder / "tokens.csv", f'{admin_token},admin,admin,"system:masters"\n'.encode()),
        admin_token=admin_token,
    )


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("kmsctl-e2e")
    builder = _builder(name, name, key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(x509.KeyUsage(key_cert_sign=True, **_OTHER_USES), critical=True)
    return builder.sign(key, hashes.SHA256())


def _serving(key: ec.EllipticCurvePrivateKey, ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey) -> bytes:
    builder = _builder(_name("kube-apiserver"), ca.subject, key.public_key())
    names = [x509.DNSName(name) for name in _NAMES]
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    builder = builder.add_extension(x509.SubjectAlternativeName([*names, address]), critical=False)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
    )
    return builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _builder(subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = SystemClock().now()
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    # kube-apiserver takes service account keys as PKCS#1 or SEC 1, and serving keys as either.
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
