"""Findings of lint as JUnit XML.

One test a check and resource; it fails where a finding is as severe as the run's threshold, and is skipped where all
were set aside. A check that finds nothing is a test that passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from junitparser import Failure, TestCase

from reconciler.lint.check import Check, checks
from reconciler.lint.finding import Finding
from reconciler.report.junit.document import document, failure, passed, skipped, text
from reconciler.report.lint import LintReport, by_resource, fails

SUITE = "kmsctl lint"


def render(report: LintReport) -> str:
    """The whole document."""
    return document(SUITE, [*_found(report), *_passed(report)])


def _found(report: LintReport) -> Iterator[TestCase]:
    for (_, resource), findings in by_resource(report).items():
        yield _case(findings, resource, report)


def _passed(report: LintReport) -> Iterator[TestCase]:
    found = {finding.check.id for finding in report.findings}
    for check in checks().values():
        if check.id not in found:
            yield passed(SUITE, _name(check))


def _case(findings: Sequence[Finding], resource: str, report: LintReport) -> TestCase:
    case = passed(SUITE, f"{_name(findings[0].check)}: {resource}", findings[0].position)
    failing = [finding for finding in findings if fails(finding, report.threshold)]
    counting = [finding for finding in findings if finding.counts]
    if failing:
        case.result = [_failure(failing)]
    elif not counting:
        case.result = [skipped(findings[0].suppressed or "")]
    else:
        case.system_out = text(_lines(counting))
    return case


def _failure(findings: Sequence[Finding]) -> Failure:
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return failure(findings[0].what + more, str(findings[0].severity), _lines(findings))


def _lines(findings: Sequence[Finding]) -> list[str]:
    check = findings[0].check
    told = [f"{finding.position or finding.resource}: {finding.severity}: {finding.what}" for finding in findings]
    fixes = dict.fromkeys(f"fix: {finding.fix}" for finding in findings)
    return [*told, f"why: {check.why}", *fixes, f"page: {check.page}"]


def _name(check: Check) -> str:
    return f"{check.id} {check.name}"
