"""Signing keys and signatures.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, "Derive a signing
key" and "Calculate the signature".
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Final

from reconciler.engine.sigv4.authorization import ALGORITHM, TERMINATOR, Authorization

_REMEMBERED: Final = 1_024
"""Signing keys that are kept: one for each secret, day, Region and service of late."""


def string_to_sign(canonical: str, authorization: Authorization, timestamp: str) -> str:
    """What the signing key signs; `timestamp` is the request's (YYYYMMDDTHHMMSSZ)."""
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{authorization.scope}\n{digest}"


def signature(secret: str, authorization: Authorization, text: str) -> bytes:
    """The signature of the string to sign: 32 bytes."""
    key = signing_key(secret, authorization.date, authorization.region, authorization.service)
    return hmac.digest(key, text.encode(), "sha256")


@lru_cache(_REMEMBERED)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key that signs for one day, Region and service."""
    key = f"AWS4{secret}".encode("utf-8", "surrogateescape")
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
