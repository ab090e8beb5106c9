"""What the control plane proves itself and its administrator with; made anew for each cluster."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.cluster.authority import Authority, new_key, pem

_SERVER = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files that flags name, and the administrator's token."""

    ca: Path
    certificate: Path
    key: Path
    service_account_key: Path
    tokens: Path
    admin_token: str = field(repr=False)


def make(folder: Path) -> Credentials:
    """Write all of it under `folder`, which only its owner may read."""
    folder.mkdir(mode=0o700)
    authority = Authority.make()
    server = authority.issue(*_SERVER, addresses=["127.0.0.1"])
    admin_token = secrets.token_urlsafe(32)
    return Credentials(
        ca=_write(folder / "ca.crt", authority.certificate),
        certificate=_write(folder / "server.crt", server.certificate),
        key=_write(folder / "server.key", server.key),
        service_account_key=_write(folder / "service-accounts.key", pem(new_key())),
        tokens=_write(folder / "tokens.csv", f'{admin_token},admin,admin,"system:masters"\n'.encode()),
        admin_token=admin_token,
    )


def _write(path: Path, content: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
