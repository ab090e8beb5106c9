"""What became of a plan on a copy of the account: the value that reports are made from."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.apply.outcome import Outcome
from reconciler.model.address import Address
from reconciler.plan.changes import Change


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one operation, as apply made them on the copy."""

    operation: str
    """As the port names it."""
    count: int
    waited: float
    """Seconds that they waited for their turn, by the account's quotas of requests."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A change that was not rehearsed."""

    address: Address
    why: str
    """A clause for people."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A plan that was carried out on a copy."""

    outcome: Outcome = field(default_factory=Outcome)
    seconds: float = 0.0
    """How long it took by the copy's clock: the waits for quotas, and for what KMS takes its time with."""
    calls: tuple[Calls, ...] = ()
    """By operation; those that only read are among them."""
    left_out: tuple[LeftOut, ...] = ()
    """By address."""
    differences: tuple[str, ...] = ()
    """Sentences, without a full stop, on what the copy is not like."""
    remaining: tuple[Change, ...] | None = ()
    """What a plan after it would still change; None when that was not asked, because something failed."""

    @property
    def ok(self) -> bool:
        """Whether every step that was rehearsed was done."""
        return self.outcome.ok
