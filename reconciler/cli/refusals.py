"""What the guard's refusal of a plan looks like to people."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.cli.context import Context
from reconciler.kit.errors import Refused
from reconciler.kit.printable import printable
from reconciler.plan.changes import Plan
from reconciler.plan.risk.guard import Refusal, verdict

_MOST = 5
"""Refusals that are told one by one: each is at its change in the plan, too."""


def judged(plan: Plan, allowed: Sequence[str], context: Context) -> tuple[Refusal, ...]:
    """What the guard has against `plan`; what was allowed in vain is told at once."""
    said = verdict(plan, allowed)
    for name in said.unused:
        context.stderr.write(f"warning: --allow {printable(name)}: the plan has no such danger\n")
    return said.refusals


def refusal_of(refusals: tuple[Refusal, ...]) -> Refused:
    """What is said instead of applying."""
    told = [f"{refusal.address}: {refusal.name}: {refusal.why}" for refusal in refusals[:_MOST]]
    if len(refusals) > _MOST:
        told.append(f"and {len(refusals) - _MOST} more, which the plan shows")
    return Refused("the plan is refused, and nothing was changed", why="; ".join(told), fix=remedy(refusals))


def remedy(refusals: tuple[Refusal, ...]) -> str:
    """What to do about them."""
    if any(refusal.allow is None for refusal in refusals):
        return "change the manifests: this is not to be allowed on the command line"
    by_resource = sorted({str(refusal.allow) for refusal in refusals})
    by_name = sorted({refusal.name for refusal in refusals})
    allow = by_resource if len(by_resource) <= _MOST else by_name
    return "if all of it is meant: " + " ".join(f"--allow {name}" for name in allow)
