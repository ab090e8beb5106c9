"""SARIF 2.1.0: one log of one run, of whatever found something.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, and for what GitHub reads of it
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler import __version__
from reconciler.kit.canonical import digest
from reconciler.kit.diagnostics import Position
from reconciler.kit.errors import KmsctlError
from reconciler.kit.printable import printable
from reconciler.lint.check import Severity
from reconciler.report.json.encode import Json, dumped
from reconciler.report.sarif.location import location

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT: Final = "kmsctlFinding/v1"
"""What a finding is, wherever it stands. GitHub's own fingerprint, of the line's text, is its upload's to make."""
_SCORES: Final = MappingProxyType({Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.NOTE: "2.0"})
"""`security-severity`, by which GitHub says high, medium and low of rules that have the tag `security`."""
SECURITY: Final = "security"
_LIMIT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for; its texts are ours, not a stranger's."""

    id: str
    name: str
    title: str
    full: str
    help: str
    severity: Severity
    tags: tuple[str, ...]
    help_uri: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was found; its texts are escaped here."""

    rule: str
    """The id of its rule, which is in the log."""
    severity: Severity
    message: Sequence[str]
    """Lines."""
    resource: str
    position: Position | None
    identity: Sequence[str]
    """What makes it this finding, on whatever line it stands."""
    suppressed: str | None = None
    """Why it was set aside; None when it counts."""


def log(run: str, rules: Iterable[Rule], results: Iterable[Result]) -> str:
    """The log of one run of the category `run`, which ends in a slash."""
    listed = tuple(rules)
    indices = {rule.id: index for index, rule in enumerate(listed)}
    return _log(run, listed, {"results": list(_results(results, indices))})


def failed(run: str, error: KmsctlError) -> str:
    """The log of a run that an error without a place ended: it found nothing, and says why."""
    told = [error.what, error.why, error.fix and f"Fix: {error.fix}"]
    notice = {"level": "error", "message": {"text": _text([line for line in told if line])}}
    invocation = {"executionSuccessful": False, "toolExecutionNotifications": [notice]}
    return _log(run, (), {"invocations": [invocation], "results": []})


def _log(run: str, rules: Sequence[Rule], found: Json) -> str:
    driver = {"name": "kmsctl", "semanticVersion": __version__, "rules": [_rule(rule) for rule in rules]}
    head = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "automationDetails": {"id": run}}
    return dumped({"$schema": SCHEMA, "version": "2.1.0", "runs": [head | found]})


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.full},
        "help": {"text": rule.help},
        **({"helpUri": rule.help_uri} if rule.help_uri else {}),
        "defaultConfiguration": {"level": str(rule.severity)},
        "properties": {
            "tags": list(rule.tags),
            "precision": "high",
            **({"security-severity": _SCORES[rule.severity]} if SECURITY in rule.tags else {}),
        },
    }


def _results(results: Iterable[Result], indices: dict[str, int]) -> Iterator[Json]:
    seen: Counter[str] = Counter()
    for result in results:
        content = digest(list(result.identity))
        seen[content] += 1
        yield {
            "ruleId": result.rule,
            "ruleIndex": indices[result.rule],
            "level": str(result.severity),
            "message": {"text": _text(result.message)},
            "locations": [location(result.position, result.resource)],
            "partialFingerprints": {FINGERPRINT: f"{content}:{seen[content]}"},
            "suppressions": _suppressions(result),
        }


def _suppressions(result: Result) -> list[Json]:
    """Empty says that there are none, which SARIF tells from nobody having asked."""
    if result.suppressed is None:
        return []
    return [{"kind": "inSource", "status": "accepted", "justification": printable(result.suppressed, limit=_LIMIT)}]


def _text(lines: Sequence[str]) -> str:
    return "\n".join(printable(line, limit=_LIMIT) for line in lines)
