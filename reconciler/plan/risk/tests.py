"""Failing AccessTests as what stands against a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from reconciler.model.address import Address
from reconciler.plan.access.failure import RISK, Failure
from reconciler.plan.changes import Change, Risk, RiskLevel


def held_against(failed: Iterable[Failure], changes: Iterable[Change]) -> tuple[Change, ...]:
    """`changes` with what failed, and nothing that failed before, as risks of one change of each key: one that acts."""
    risks: defaultdict[Address, list[Risk]] = defaultdict(list)
    for failure in failed:
        risks[failure.key].append(Risk(RiskLevel.FORBIDDEN, "access-test", failure.told))
    every = tuple(changes)
    bearers = {change.address: change for change in sorted(every, key=lambda change: change.effective)}
    return tuple(_with(change, risks[change.address] if change is bearers[change.address] else []) for change in every)


def _with(change: Change, found: list[Risk]) -> Change:
    others = [risk for risk in change.risks if risk.name != RISK]
    if not found and len(others) == len(change.risks):
        return change
    return replace(change, risks=tuple(sorted((*others, *found), key=lambda r: (-r.level, r.name, r.why))))
