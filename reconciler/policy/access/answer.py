"""What can be said about one request."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from reconciler.policy.evaluate import Reason, Trace


class Standing(enum.Enum):
    """Whether a principal may do something with a key; the value is for people."""

    ALLOWED = "allowed"
    DELEGATED = "delegated to IAM"
    """The key lets IAM policies decide, and they are not known."""
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Answer:
    """The standing of one request, and what decides it."""

    standing: Standing
    reason: Reason
    decider: Trace | None
    """The statement or grant that decides; None where the reason is that there is none."""
    trace: tuple[Trace, ...]
    """Every statement and grant, and what became of it."""
    missing: tuple[str, ...] = ()
    """Condition keys, sorted, that policies look at and that the request, as it was given, does not have."""
