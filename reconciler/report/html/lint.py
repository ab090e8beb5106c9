"""Findings of lint as a page: the worst first, what was set aside folded away."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from reconciler.lint.check import Severity
from reconciler.lint.finding import Finding
from reconciler.report.html.page import page
from reconciler.report.html.verdict import Count, Tone, Verdict
from reconciler.report.lint import RANKS, LintReport, summary

_TONES: Final = MappingProxyType(
    {Severity.ERROR: Tone.ALARM, Severity.WARNING: Tone.CHANGED, Severity.NOTE: Tone.LINKED}
)


def render(report: LintReport) -> str:
    """Every finding, by severity, with why it matters, what to do, and which frameworks ask for it."""
    return page(
        "lint",
        "Lint",
        _verdict(report),
        report=report,
        counts=[
            Count(str(count), severity.value, _TONES[severity], f"lint-{severity}")
            for severity, count in report.counts.items()
            if count
        ],
        summary=summary(report),
        findings=sorted(report.counting, key=_weight),
        aside=[finding for finding in report.findings if not finding.counts],
        tones=_TONES,
    )


def _weight(finding: Finding) -> int:
    return -RANKS[finding.severity]


def _verdict(report: LintReport) -> Verdict:
    if report.failed:
        return Verdict(Tone.ALARM, "Failed")
    return Verdict(Tone.CHANGED, "Passed with findings") if report.counting else Verdict(Tone.GOOD, "Nothing found")
