"""Findings of lint as SARIF 2.1.0."""

from __future__ import annotations

from reconciler.lint.check import Check, checks
from reconciler.lint.finding import Finding
from reconciler.report.lint import LintReport
from reconciler.report.sarif.category import category
from reconciler.report.sarif.log import SECURITY, Result, Rule, log


def render(report: LintReport) -> str:
    """The whole log: one run, with every check as a rule."""
    names = ("kmsctl-lint", "live") if report.accounts else ("kmsctl-lint",)
    run = category(*names, accounts=report.accounts)
    return log(run, map(_rule, checks().values()), map(_result, report.findings))


def _rule(check: Check) -> Rule:
    frameworks = (f"{framework} {name}" for framework, names in sorted(check.frameworks.items()) for name in names)
    sources = "".join(f"\n- {source}" for source in check.sources)
    return Rule(
        id=check.id,
        name=check.name,
        title=check.title,
        full=f"{check.title}: {check.why}",
        help=f"{check.why}\n\nFix: {check.fix}\n\nSee {check.page}{sources}",
        severity=check.severity,
        tags=(SECURITY, *frameworks),
        help_uri=check.sources[0] if check.sources else None,
    )


def _result(finding: Finding) -> Result:
    return Result(
        rule=finding.check.id,
        severity=finding.severity,
        message=[f"{finding.resource}: {finding.what}. Fix: {finding.fix}"],
        resource=finding.resource,
        position=finding.position,
        identity=[finding.check.id, finding.resource, finding.what],
        suppressed=finding.suppressed,
    )
