"""What verifying a signature ends in."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Reason(enum.Enum):
    """Why a request was refused; the value is the code that AWS's JSON services answer with."""

    MISSING = "MissingAuthenticationTokenException"
    """There is no signature."""
    INCOMPLETE = "IncompleteSignatureException"
    """The Authorization header, or what belongs to it, is not what it must be."""
    UNKNOWN_KEY = "UnrecognizedClientException"
    """The access key, or its session token, is not known."""
    EXPIRED = "ExpiredTokenException"
    """The temporary credentials have expired."""
    WRONG = "InvalidSignatureException"
    """The signature is another one, too old, too new, or not for this service."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The request is not to be believed."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The request was signed by whoever holds the access key, for this Region and service, just now."""

    access_key: str
    region: str
    service: str
    token: str | None = field(repr=False)
    """The session token of temporary credentials."""
    signed: frozenset[str]
    """The names of the headers that the signature covers, in lower case."""
    signed_at: int
    """Seconds since the epoch."""
    signature: bytes = field(repr=False)
    """32 bytes; two requests have the same only if they are the same."""
