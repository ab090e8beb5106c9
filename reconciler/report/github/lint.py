"""Findings of lint as annotations of GitHub Actions."""

from __future__ import annotations

from reconciler.lint.finding import Finding
from reconciler.report.github.annotations import Annotation, annotated
from reconciler.report.lint import LintReport


def render(report: LintReport) -> str:
    """A line for every finding that counts."""
    return annotated(map(_annotation, report.counting))


def _annotation(finding: Finding) -> Annotation:
    message = f"{finding.resource}: {finding.what}\n{finding.check.why}\n{finding.fix}"
    return Annotation(finding.severity, f"{finding.check.id}: {finding.check.title}", message, finding.position)
