"""The guard: one pure function that decides whether a plan may be applied.

| worst risk of a change | allowed by name | verdict |
|---|---|---|
| none, safe, caution | either | applied |
| danger | yes | applied |
| danger | no | refused |
| forbidden | either | refused |
| the change is blocked | either | refused |

One refusal refuses the plan: nothing of it is applied.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.model.address import Address
from reconciler.plan.changes import Action, Change, Plan, RiskLevel


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a plan may not be applied."""

    address: Address
    name: str
    """The risk, or the reason of a blocked change."""
    why: str
    allow: str | None
    """What `--allow` would have to say; None when nothing allows it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guard says of a plan."""

    refusals: tuple[Refusal, ...] = ()
    unused: tuple[str, ...] = ()
    """Allowances that no risk of the plan needs: a typo, or a danger that is gone."""


def verdict(plan: Plan, allowed: Iterable[str] = ()) -> Verdict:
    """Whether `plan` may be applied when the dangers in `allowed` are accepted.

    An allowance is the name of a risk (`key-in-use`), or that and an address (`key-in-use:Key/payments`).
    """
    allowances = frozenset(allowed)
    used: set[str] = set()
    refusals = [refusal for change in plan.changes for refusal in _of(change, allowances, used)]
    return Verdict(tuple(refusals), tuple(sorted(allowances - used)))


def _of(change: Change, allowances: frozenset[str], used: set[str]) -> list[Refusal]:
    if change.action is Action.BLOCKED:
        return [Refusal(change.address, change.reason, change.detail, None)]
    refusals = []
    for risk in change.risks:
        if risk.level is RiskLevel.FORBIDDEN:
            refusals.append(Refusal(change.address, risk.name, risk.why, None))
        elif risk.level is RiskLevel.DANGER:
            matching = allowances & {risk.name, f"{risk.name}:{change.address}"}
            used |= matching
            if not matching:
                refusals.append(Refusal(change.address, risk.name, risk.why, f"{risk.name}:{change.address}"))
    return refusals
