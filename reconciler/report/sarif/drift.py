"""Drift as SARIF 2.1.0: each finding at its manifest, for code scanning."""

from __future__ import annotations

from reconciler.plan.drift import Drift, DriftEntry, UnmanagedKey
from reconciler.report import driftrules
from reconciler.report.driftrules import RULES, UNMANAGED, DriftRule
from reconciler.report.sarif.category import category
from reconciler.report.sarif.log import SECURITY, Result, Rule, log

RUN = "kmsctl-drift"


def render(drift: Drift, *, list_unmanaged: bool = False) -> str:
    """The whole log, without what nobody needs to act on: an alert that stays open is no alert."""
    results = [_result(entry, drift) for entry in drift.entries if not entry.expected]
    if list_unmanaged:
        results += map(_unmanaged, drift.unmanaged)
    run = category(RUN, drift.stack, accounts=drift.accounts)
    return log(run, map(_rule, [*RULES.values(), UNMANAGED]), results)


def _rule(rule: DriftRule) -> Rule:
    text = f"{rule.why}\n\nFix: {rule.fix}\n\nSee {driftrules.PAGE}"
    return Rule(rule.id, rule.id, rule.title, f"{rule.title}: {rule.why}", text, rule.severity, (SECURITY, "drift"))


def _result(entry: DriftEntry, drift: Drift) -> Result:
    rule = RULES[entry.kind]
    told = driftrules.lines(entry, drift.accounts[entry.address.target])
    # What is declared stays itself when its key is another one; of what is not, only the id tells two apart.
    identity = [rule.id, str(entry.address), "" if entry.position else entry.resource_id or ""]
    return Result(
        rule=rule.id,
        severity=driftrules.severity(entry),
        message=[f"{driftrules.named(entry)}: {driftrules.what(entry)}.", *told, f"Fix: {rule.fix}"],
        resource=str(entry.address),
        position=entry.position,
        identity=identity,
    )


def _unmanaged(key: UnmanagedKey) -> Result:
    name = driftrules.unmanaged_name(key)
    return Result(
        rule=UNMANAGED.id,
        severity=UNMANAGED.severity,
        message=[f"{name}: {driftrules.unmanaged(key)}. Fix: {UNMANAGED.fix}"],
        resource=name,
        position=None,
        identity=[UNMANAGED.id, name],
    )
