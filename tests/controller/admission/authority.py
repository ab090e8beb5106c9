"""Certificates for the webhook, made for the tests, and folders like those that the kubelet mounts."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

HOST = "kmsctl-webhook.kmsctl-system.svc"
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Pair:
    """A self-signed certificate and its key, PEM."""

    certificate: bytes
    key: bytes
    encrypted_key: bytes

    @property
    def serial(self) -> int:
        return x509.load_pem_x509_certificate(self.certificate).serial_number


def make_pair(days: int = 36_500) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )

    def pem(encryption):
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)

    return Pair(certificate.public_bytes(Encoding.PEM), pem(NoEncryption()), pem(BestAvailableEncryption(b"x")))


def write(folder: Path, pair: Pair) -> None:
    """One file after the other, as a person does."""
    folder.mkdir(exist_ok=True)
    (folder / "tls.crt").write_bytes(pair.certificate)
    (folder / "tls.key").write_bytes(pair.key)


def mount(folder: Path, pair: Pair, version: str) -> None:
    """As the kubelet does: links to `..data`, a link to the folder of a version, which is swapped at once."""
    write(folder / version, pair)
    swap = folder / "..data_tmp"
    swap.symlink_to(version)
    swap.rename(folder / "..data")
    for name in ("tls.crt", "tls.key"):
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")


def handshake(
    server: ssl.SSLContext, *, name: str | None = HOST, client: ssl.SSLContext | None = None
) -> tuple[int, str]:
    """(serial number, protocol) of the certificate that a client gets, in memory."""
    if client is None:
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    waiting = list(ends)
    while waiting:
        for end in tuple(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                pass
    der = ends[0].getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(der).serial_number, ends[0].version()
