"""Findings of lint for machines: `schemas/lint.schema.json`."""

from __future__ import annotations

from reconciler.lint.finding import Finding
from reconciler.report.json.encode import Json, document, position, resource, targets
from reconciler.report.lint import LintReport


def render(report: LintReport) -> str:
    """Every finding, those that were set aside among them."""
    return document(
        "Lint",
        {
            "targets": targets(report.accounts),
            "summary": {
                **{f"{severity}s": count for severity, count in report.counts.items()},
                "setAside": report.set_aside,
                "keys": report.keys,
            },
            "failed": report.failed,
            "findings": [_finding(finding) for finding in report.findings],
            "unread": [{"key": key, "why": why} for key, why in report.unread.items()],
        },
    )


def _finding(finding: Finding) -> Json:
    check = finding.check
    return {
        "check": check.id,
        "name": check.name,
        "severity": str(finding.severity),
        "resource": finding.resource,
        "address": resource(finding.address) if finding.address else None,
        "position": position(finding.position),
        "path": list(finding.path),
        "what": finding.what,
        "why": check.why,
        "fix": finding.fix,
        "frameworks": {name: list(ids) for name, ids in sorted(check.frameworks.items())},
        "page": check.page,
        "suppressed": finding.suppressed,
    }
