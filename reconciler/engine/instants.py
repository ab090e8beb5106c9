"""Instants as the store keeps them: whole microseconds since 1970-01-01T00:00:00Z, so that they sort and index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

SECOND = 1_000_000
"""Microseconds in a second."""
MINUTE = 60 * SECOND
"""Microseconds in a minute."""
DAY = 86_400 * SECOND
"""Microseconds in a day of 24 hours, which is what KMS counts in."""


def to_microseconds(instant: datetime) -> int:
    """The timezone-aware `instant` as microseconds since the epoch."""
    return (instant - _EPOCH) // _MICROSECOND


def to_datetime(microseconds: int) -> datetime:
    """The instant in UTC, timezone-aware."""
    return _EPOCH + timedelta(microseconds=microseconds)


def to_text(microseconds: int) -> str:
    """The instant as CloudTrail writes it: ISO 8601 in UTC, whole seconds, `Z`."""
    return to_datetime(microseconds).strftime("%Y-%m-%dT%H:%M:%SZ")
