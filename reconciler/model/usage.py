"""When a key was last used, and how far that can be known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class UsedAt:
    """The last successful cryptographic operation that is on record."""

    at: datetime


@dataclass(frozen=True, slots=True)
class NeverUsed:
    """The record reaches back to the key's creation and holds no use."""


@dataclass(frozen=True, slots=True)
class UsageUnknown:
    """There is no record, or it begins after the key was created. Whoever needs to know must assume use."""

    why: str


LastUse = UsedAt | NeverUsed | UsageUnknown
