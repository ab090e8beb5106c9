"""Findings of lint as JUnit XML, which GitLab, Jenkins and Azure Pipelines show as tests.

One test a check and resource, since GitLab takes tests of one name for one; it fails where a finding is as severe as
the run's threshold, and is skipped where all were set aside. A check that finds nothing is a test that passes.
Source: https://docs.gitlab.com/ci/testing/unit_test_reports/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from reconciler.kit.printable import printable
from reconciler.lint.check import Check, checks
from reconciler.lint.finding import Finding
from reconciler.report.lint import LintReport, by_resource, fails

SUITE = "kmsctl lint"
_LIMIT = 2_000


def render(report: LintReport) -> str:
    """The whole document."""
    suite = TestSuite(SUITE)
    suite.add_testcases([*_found(report), *_passed(report)])
    document = JUnitXml()
    document.add_testsuite(suite)
    text: bytes = document.tostring()  # type: ignore[no-untyped-call]
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text.decode("utf-8")}\n'


def _found(report: LintReport) -> Iterator[TestCase]:
    for (_, resource), findings in by_resource(report).items():
        yield _case(findings, resource, report)


def _passed(report: LintReport) -> Iterator[TestCase]:
    found = {finding.check.id for finding in report.findings}
    for check in checks().values():
        if check.id not in found:
            yield TestCase(_name(check), SUITE)


def _case(findings: Sequence[Finding], resource: str, report: LintReport) -> TestCase:
    case = TestCase(f"{_name(findings[0].check)}: {_shown(resource)}", SUITE)
    position = findings[0].position
    if position is not None:
        case._elem.set("file", _shown(position.file))  # noqa: SLF001  GitLab links it; the library knows no such field
    failing = [finding for finding in findings if fails(finding, report.threshold)]
    counting = [finding for finding in findings if finding.counts]
    if failing:
        case.result = [_failure(failing)]
    elif not counting:
        case.result = [Skipped(_shown(findings[0].suppressed or ""))]
    else:
        case.system_out = _lines(counting)
    return case


def _failure(findings: Sequence[Finding]) -> Failure:
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    failure = Failure(_shown(findings[0].what) + more, str(findings[0].severity))
    failure.text = _lines(findings)
    return failure


def _lines(findings: Sequence[Finding]) -> str:
    check = findings[0].check
    told = [f"{finding.position or finding.resource}: {finding.severity}: {finding.what}" for finding in findings]
    fixes = dict.fromkeys(f"fix: {finding.fix}" for finding in findings)
    return "\n".join(_shown(line) for line in [*told, f"why: {check.why}", *fixes, f"page: {check.page}"])


def _name(check: Check) -> str:
    return f"{check.id} {check.name}"


def _shown(text: str) -> str:
    """What XML 1.0 cannot say, control characters, is what `printable` escapes."""
    return printable(text, limit=_LIMIT)
