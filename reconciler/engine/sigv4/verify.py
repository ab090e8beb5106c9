"""Whether a request was signed by whom it says, just now.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html and, for the words,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from reconciler.engine.sigv4.authorization import Authorization, parse
from reconciler.engine.sigv4.canonical import SignedRequest, canonical_request
from reconciler.engine.sigv4.outcome import Reason, Refused, Verified
from reconciler.engine.sigv4.signature import signature, string_to_sign

SKEW: Final = 300
"""Seconds that a request's time may be away from ours, before or after
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html: five minutes)."""

_REMEMBERED: Final = 128
"""Timestamps that are kept: many requests come within a second."""

SecretOf = Callable[[str, str | None], str | Refused]
"""From an access key id and the session token, if any, to the secret access key, or why there is none."""

_TIMESTAMP: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z")
_DATE: Final = "x-amz-date"
_SESSION: Final = "x-amz-security-token"
_COVERED: Final = ("x-amz-target", _SESSION)
"""Headers that mean something: they must be signed when they are there, besides the host and the date."""
_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


def verify(request: SignedRequest, secret_of: SecretOf, now: int) -> Verified | Refused:
    """Verify the signature in the Authorization header of `request`.

    Args:
        request: the request, with its whole body.
        secret_of: finds the secret.
        now: the time, in seconds since the epoch.
    """
    text = request.headers.get("authorization")
    if not text:
        return Refused(Reason.MISSING, "Missing Authentication Token")
    parsed = parse(text)
    if isinstance(parsed, Refused):
        return parsed
    authorization, given = parsed
    timestamp = request.headers.get(_DATE, "")
    signed_at = _seconds(timestamp)
    fault = _uncovered(request, authorization) or _untimely(authorization, timestamp, signed_at, now)
    if fault is not None:
        return fault
    token = request.headers.get(_SESSION)
    secret = secret_of(authorization.access_key, token)
    if isinstance(secret, Refused):
        return secret
    expected = _expected(request, authorization, timestamp, secret)
    if expected is None or not hmac.compare_digest(expected.hex(), given):
        return Refused(Reason.WRONG, _MISMATCH)
    return _verified(authorization, token, signed_at, expected)


def _expected(request: SignedRequest, authorization: Authorization, timestamp: str, secret: str) -> bytes | None:
    """The signature of `request`; None when its text stands for no bytes (a lone surrogate), which nobody can sign."""
    try:
        canonical = canonical_request(request, authorization.headers)
        return signature(secret, authorization, string_to_sign(canonical, authorization, timestamp))
    except UnicodeEncodeError:
        return None


def _uncovered(request: SignedRequest, authorization: Authorization) -> Refused | None:
    """Whether the signature leaves out what it must cover, or covers what is not there."""
    headers, signed = request.headers, authorization.signed
    if _DATE not in headers:
        return Refused(
            Reason.INCOMPLETE,
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    if "host" not in signed:
        return Refused(Reason.WRONG, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    for name in (_DATE, *(name for name in _COVERED if name in headers)):
        if name not in signed:
            return Refused(Reason.WRONG, f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    if not headers.keys() >= signed or len(signed) != len(authorization.headers):
        return Refused(Reason.WRONG, _MISMATCH)
    return None


def _untimely(authorization: Authorization, timestamp: str, signed_at: int | None, now: int) -> Refused | None:
    """Whether the request's time is malformed, too old, too new, or not of the scope's day."""
    if signed_at is None:
        return Refused(
            Reason.INCOMPLETE, "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601"
        )
    if timestamp[:8] != authorization.date:
        return Refused(
            Reason.WRONG,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{authorization.date}' != '{timestamp[:8]}', from '{timestamp}'.",
        )
    if signed_at < now - SKEW:
        bound, here = _text(now - SKEW), _text(now)
        return Refused(
            Reason.WRONG, f"Signature expired: {timestamp} is now earlier than {bound} ({here} - {SKEW // 60} min.)"
        )
    if signed_at > now + SKEW:
        bound, here = _text(now + SKEW), _text(now)
        return Refused(
            Reason.WRONG,
            f"Signature not yet current: {timestamp} is still later than {bound} ({here} + {SKEW // 60} min.)",
        )
    return None


def _verified(authorization: Authorization, token: str | None, signed_at: int | None, value: bytes) -> Verified:
    return Verified(
        authorization.access_key,
        authorization.region,
        authorization.service,
        token,
        authorization.signed,
        signed_at or 0,
        value,
    )


@lru_cache(_REMEMBERED)
def _seconds(timestamp: str) -> int | None:
    """Seconds since the epoch; None for what is no time in ISO 8601's basic format, in UTC."""
    parts = _TIMESTAMP.fullmatch(timestamp)
    try:
        return int(datetime(*map(int, parts.groups()), tzinfo=UTC).timestamp()) if parts else None  # type: ignore[arg-type, misc]
    except ValueError:
        return None


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")
