"""What can be said about one request."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field

from reconciler.policy.evaluate import Reason, Trace


class Standing(enum.Enum):
    """Whether a principal may do something with a key; the value is for people."""

    ALLOWED = "allowed"
    DELEGATED = "delegated to IAM"
    """The key lets IAM policies decide, and they are not known."""
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer is what it is."""

    decider: Trace | None
    """The statement or grant that decides; None where the reason is that there is none."""
    trace: tuple[Trace, ...]
    """Every statement and grant, and what became of it."""
    missing: tuple[str, ...] = ()
    """Condition keys, sorted, that policies look at and that the question neither says nor rules out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The standing of one request. Equal when that and its reason are; the rest is worked out when read."""

    standing: Standing
    reason: Reason
    explain: Callable[[Reason], Explanation] = field(compare=False, repr=False)

    def explanation(self) -> Explanation:
        """All that can be said; each time worked out anew."""
        return self.explain(self.reason)

    @property
    def decider(self) -> Trace | None:
        """See `Explanation`."""
        return self.explanation().decider

    @property
    def trace(self) -> tuple[Trace, ...]:
        """See `Explanation`."""
        return self.explanation().trace

    @property
    def missing(self) -> tuple[str, ...]:
        """See `Explanation`."""
        return self.explanation().missing
