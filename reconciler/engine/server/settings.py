"""What a server is told."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 4599


class Auth(enum.Enum):
    """How callers prove who they are."""

    NONE = "none"
    """They do not."""
    SIGV4 = "sigv4"
    """By AWS Signature Version 4, with an access key of the identities file."""


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate and its private key: paths of PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen, and whom to serve."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    """0 is any port that is free."""
    auth: Auth = Auth.NONE
    workers: int = 1
    """Processes."""
    allow_reset: bool = False
    tls: Tls | None = None
