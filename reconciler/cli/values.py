"""What values of options may be, for argparse's `type`. The patterns are those of a Target's fields."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from pathlib import Path

MAX_PARALLELISM = 128
"""More connections than this never help: KMS allows a handful of most changes a second."""
REGION = r"^[a-z]{2,}(-[a-z]+)+-[0-9]+$"
ENDPOINT_URL = r"^https?://[a-zA-Z0-9._:\[\]-]+(/[a-zA-Z0-9._/-]*)?$"

_ISO_DURATION = (
    r"P(?=[0-9T])(?:(?P<weeks>[0-9]{1,6})W)?(?:(?P<days>[0-9]{1,7})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,9})H)?(?:(?P<minutes>[0-9]{1,9})M)?(?:(?P<seconds>[0-9]{1,9})S)?)?"
)


def said(text: str) -> str:
    """Anything but nothing: `--stack "$STACK"` with a variable that is not set must not mean the default."""
    if not text.strip():
        raise ArgumentTypeError("the value is empty; if it comes from a variable, that is not set")
    return text


def region(text: str) -> str:
    """The name of a Region."""
    if not re.fullmatch(REGION[1:-1], said(text)):
        raise ArgumentTypeError(f"{text!r} is no Region; one is called eu-central-1, for example")
    return text


def endpoint_url(text: str) -> str:
    """Where an API is."""
    if not re.fullmatch(ENDPOINT_URL[1:-1], said(text)):
        raise ArgumentTypeError(f"{text!r} is no address of an API; one is http://127.0.0.1:5000, for example")
    return text


def parallelism(text: str) -> int:
    """A number of calls."""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MAX_PARALLELISM:
        raise ArgumentTypeError(f"{text!r} is no number from 1 to {MAX_PARALLELISM}")
    return int(text)


def port(text: str) -> int:
    """A TCP port; 0 is any that is free."""
    return _number(text, 0, 65_535)


def workers(text: str) -> int:
    """A number of processes."""
    return _number(text, 1, 64)


def positive(text: str) -> int:
    """A number above 0."""
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def number(text: str) -> float:
    """A number, whole or not."""
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", said(text)):
        raise ArgumentTypeError(f"{text!r} is no number; one is 50 or 0.5, for example")
    return float(text)


def account(text: str) -> str:
    """The id of an account."""
    if len(text) != 12 or not text.isascii() or not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is no account id: 12 digits")
    return text


def instant(text: str) -> datetime:
    """A date or an instant of ISO 8601, in UTC when it does not say."""
    from datetime import UTC, datetime

    try:
        found = datetime.fromisoformat(said(text))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"{text!r} is no instant; one is 2027-01-01 or 2027-01-01T12:00:00Z") from None


def path(text: str) -> Path:
    """A file or a folder, whether it is there or not."""
    from pathlib import Path

    return Path(said(text))


def duration(text: str) -> timedelta:
    """A time with its unit: 500ms, 3s, 5m, 2h, 400d; or as ISO 8601 has it, in weeks, days and what is shorter."""
    from datetime import timedelta

    found = re.fullmatch(r"([0-9]{1,9})(ms|s|m|h|d)", said(text))
    parts = re.fullmatch(_ISO_DURATION, text)
    if parts is not None:
        return timedelta(**{unit: int(count) for unit, count in parts.groupdict().items() if count})
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no duration; one is 3s, 500ms, 5m, 2h or 400d, for example")
    unit = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[found[2]]
    return timedelta(**{unit: int(found[1])})


def _number(text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
        raise ArgumentTypeError(f"{text!r} is no number from {least} to {most}")
    return int(text)
