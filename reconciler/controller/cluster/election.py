"""Who may lead, decided from what a Lease says and when it was seen to say it. Pure.

As client-go's leader election does it: a candidate takes over when a record has not changed for as long as it promises
to be good, measured by the candidate's own clock since it first saw that record. Times in the record are for people.
A leader stops at the renew deadline, counted from before the renewal was sent, which is earlier than anybody else can
count the lease's end, since others can only have seen the renewal later.

Source: https://pkg.go.dev/k8s.io/client-go/tools/leaderelection
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_MICRO_TIME: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
_RELEASED_SECONDS: Final = 1
"""What a lease promises that nobody holds; the API wants a number above 0."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds.

    Raises:
        ValueError: a leader could outlast its lease.
    """

    lease: int = 15
    """How long others wait after they have seen the last renewal."""
    renew_deadline: float = 10.0
    """How long a leader goes on without a renewal."""
    retry: float = 2.0
    """Between renewals, and between attempts to become the leader."""

    def __post_init__(self) -> None:
        if not self.lease > self.renew_deadline > self.retry > 0:
            raise ValueError("a lease must be longer than its renew deadline, and that longer than a retry")


@dataclass(frozen=True, slots=True)
class Seen:
    """A Lease as one candidate saw it."""

    lease: Mapping[str, Any]
    """The whole object."""
    since: float
    """When the candidate first saw this record, on its monotonic clock."""

    @property
    def spec(self) -> Mapping[str, Any]:
        """What it says."""
        return self.lease.get("spec") or {}

    @property
    def holder(self) -> str:
        """Who holds it; empty when nobody does."""
        return self.spec.get("holderIdentity") or ""

    def lapses(self, timing: Timing) -> float:
        """When it is free unless it is renewed, on the candidate's clock."""
        return self.since + (self.spec.get("leaseDurationSeconds") or timing.lease)


def see(before: Seen | None, lease: Mapping[str, Any], now: float) -> Seen:
    """`lease` as seen at `now`; the same record as before is as old as it was."""
    same = before is not None and before.spec == (lease.get("spec") or {})
    return Seen(lease, before.since if before is not None and same else now)


def may_claim(seen: Seen | None, identity: str, now: float, timing: Timing) -> bool:
    """Whether `identity` may write itself in.

    A lease that somebody deleted does not free its holder from what it promised.
    """
    return seen is None or seen.holder in {"", identity} or now >= seen.lapses(timing)


def claimed(seen: Seen | None, identity: str, wall: datetime, timing: Timing) -> dict[str, Any]:
    """The spec that makes `identity` the holder, or keeps it that; every one differs from the one before."""
    before = seen.spec if seen else {}
    renewed = _text(wall)
    if renewed == before.get("renewTime"):
        renewed = _text(wall + timedelta(microseconds=1))  # others take an unchanged record for a lapsed one
    mine = {"holderIdentity": identity, "leaseDurationSeconds": timing.lease, "renewTime": renewed}
    if seen is not None and seen.holder == identity:
        return {**before, **mine}
    transitions = (before.get("leaseTransitions") or 0) + 1 if seen else 0
    return {**before, **mine, "acquireTime": renewed, "leaseTransitions": transitions}


def released(seen: Seen, wall: datetime) -> dict[str, Any]:
    """The spec that lets the next candidate in at once."""
    return {
        **seen.spec,
        "holderIdentity": "",
        "leaseDurationSeconds": _RELEASED_SECONDS,
        "renewTime": _text(wall),
    }


def _text(instant: datetime) -> str:
    """As the API writes a MicroTime."""
    return instant.astimezone(UTC).strftime(_MICRO_TIME)
