"""Numbers, dates, networks, booleans and bytes in conditions.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from reconciler.policy.evaluate.text import Unreadable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(
    r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2})"
    r"(T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(?P<fraction>\.[0-9]{1,9})?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2}))?)?)?"
)
_EPOCH = re.compile(r"-?[0-9]{5,12}(\.[0-9]{1,9})?")
"""Seconds since 1970; four digits are a year."""
_CACHED = 1024


@lru_cache(maxsize=_CACHED)
def number(text: str) -> Decimal:
    """The integer or decimal number in `text`.

    Raises:
        Unreadable: there is none.
    """
    if not _NUMBER.fullmatch(text):
        raise Unreadable("no number")
    return Decimal(text)


@lru_cache(maxsize=_CACHED)
def instant(text: str) -> Decimal:
    """The seconds since 1970 of a date in the W3C profile of ISO 8601, or of the epoch time, in `text`.

    Raises:
        Unreadable: `text` is neither.
    """
    if _EPOCH.fullmatch(text):
        return Decimal(text)
    match = _DATE.fullmatch(text)
    if match is None:
        raise Unreadable("no date")
    parts = [int(match[name] or first) for name, first in _FIRSTS]
    try:
        moment = datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError as error:
        raise Unreadable("no date") from error
    seconds = Decimal(int((moment - _EPOCH_START).total_seconds()))
    return seconds + Decimal(match["fraction"] or 0) - _offset(match["zone"] or "Z")


_FIRSTS = (("year", 1), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    digits = zone.replace(":", "")
    seconds = int(digits[1:3]) * 3600 + int(digits[3:5]) * 60
    return -seconds if digits[0] == "-" else seconds


@lru_cache(maxsize=_CACHED)
def network(text: str) -> Network:
    """The IPv4 or IPv6 range in CIDR form, or the single address, in `text`.

    Raises:
        Unreadable: there is none.
    """
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise Unreadable("no IP range") from error


def boolean(text: str) -> bool:
    """What `text`, `true` or `false` in any case, says.

    Raises:
        Unreadable: it says neither.
    """
    match text.lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise Unreadable("neither true nor false")


def octets(text: str) -> bytes:
    """The bytes that `text` has in base64.

    Raises:
        Unreadable: it is not base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable("not base64") from error
