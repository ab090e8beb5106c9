"""Findings of lint as annotations of GitHub Actions: each shows at its line in the pull request.

GitHub shows ten errors, ten warnings and ten notices of a step; the log has all.
"""

from __future__ import annotations

from types import MappingProxyType

from reconciler.lint.check import Severity
from reconciler.lint.finding import Finding
from reconciler.report.github.escape import command
from reconciler.report.lint import LintReport, file_position

_COMMANDS = MappingProxyType({Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"})


def render(report: LintReport) -> str:
    """A line for every finding that counts, the worst first: what is over GitHub's limit is the least of them."""
    ranked = sorted(report.counting, key=lambda finding: list(Severity).index(finding.severity))
    return "".join(map(_annotation, ranked))


def _annotation(finding: Finding) -> str:
    position = file_position(finding)
    place = {"file": position.file, "line": str(position.line), "col": str(position.column)} if position else {}
    title = {"title": f"{finding.check.id}: {finding.check.title}"}
    message = f"{finding.resource}: {finding.what}\n{finding.check.why}\n{finding.fix}"
    return command(_COMMANDS[finding.severity], message, place | title)
