"""Findings of lint as SARIF 2.1.0.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, and for what GitHub reads of it
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath
from types import MappingProxyType
from urllib.parse import quote

from reconciler import __version__
from reconciler.kit.canonical import digest
from reconciler.kit.diagnostics import Position
from reconciler.kit.printable import printable
from reconciler.lint.check import Check, Severity, checks
from reconciler.lint.finding import Finding
from reconciler.report.json.encode import Json, dumped
from reconciler.report.lint import LintReport, file_position

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "kmsctlFinding/v1"
"""What a finding is, wherever it stands. GitHub's own fingerprint, of the line's text, is its upload's to make."""
_SCORES = MappingProxyType({Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.NOTE: "2.0"})
"""`security-severity`, by which GitHub says high, medium and low."""
_LIMIT = 2_000


def render(report: LintReport) -> str:
    """The whole log: one run, with every check as a rule."""
    indices = {check_id: index for index, check_id in enumerate(checks())}
    driver = {"name": "kmsctl", "semanticVersion": __version__, "rules": [_rule(check) for check in checks().values()]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": "kmsctl-lint/live/" if report.accounts else "kmsctl-lint/"},
        "results": list(_results(report, indices)),
    }
    return dumped({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(check: Check) -> Json:
    help_uri = {"helpUri": check.sources[0]} if check.sources else {}
    tags = [f"{framework} {name}" for framework, names in sorted(check.frameworks.items()) for name in names]
    sources = "".join(f"\n- {source}" for source in check.sources)
    return {
        "id": check.id,
        "name": check.name,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": f"{check.title}: {check.why}"},
        "help": {"text": f"{check.why}\n\nFix: {check.fix}\n\nSee {check.page}{sources}"},
        **help_uri,
        "defaultConfiguration": {"level": str(check.severity)},
        "properties": {
            "tags": ["security", *tags],
            "precision": "high",
            "security-severity": _SCORES[check.severity],
        },
    }


def _results(report: LintReport, indices: dict[str, int]) -> Iterator[Json]:
    seen: Counter[str] = Counter()
    for finding in report.findings:
        content = digest([finding.check.id, finding.resource, finding.what])
        seen[content] += 1
        yield _result(finding, indices[finding.check.id], f"{content}:{seen[content]}")


def _result(finding: Finding, index: int, fingerprint: str) -> Json:
    return {
        "ruleId": finding.check.id,
        "ruleIndex": index,
        "level": str(finding.severity),
        "message": {"text": _shown(f"{finding.resource}: {finding.what}. Fix: {finding.fix}")},
        "locations": [_location(finding)],
        "partialFingerprints": {FINGERPRINT: fingerprint},
        "suppressions": _suppressions(finding),
    }


def _suppressions(finding: Finding) -> list[Json]:
    """Empty says that there are none, which SARIF tells from nobody having asked."""
    if finding.suppressed is None:
        return []
    return [{"kind": "inSource", "status": "accepted", "justification": _shown(finding.suppressed)}]


def _location(finding: Finding) -> Json:
    position = file_position(finding)
    logical = {"fullyQualifiedName": _shown(finding.resource), "kind": "resource"}
    physical = {"physicalLocation": _physical(position)} if position else {}
    return {**physical, "logicalLocations": [logical]}


def _physical(position: Position) -> Json:
    path = PurePath(position.file)
    if path.is_absolute():
        artifact: Json = {"uri": path.as_uri()}
    else:
        artifact = {"uri": quote(path.as_posix(), errors="surrogateescape"), "uriBaseId": "%SRCROOT%"}
    return {"artifactLocation": artifact, "region": {"startLine": position.line, "startColumn": position.column}}


def _shown(text: str) -> str:
    return printable(text, limit=_LIMIT)
