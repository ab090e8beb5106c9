"""What is wrong with the input as SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.errors import KmsctlError
from reconciler.lint.check import Severity
from reconciler.report.sarif.log import Result, Rule, failed, log

RUN = "kmsctl-validate/"
_PAGE = "docs/diagnostics.md"


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """Every diagnostic, in the order given, with a rule for each name."""
    found = tuple(diagnostics)
    severities = {one.name: Severity(one.severity) for one in found}
    return log(RUN, [_rule(*named) for named in sorted(severities.items())], map(_result, found))


def render_error(error: KmsctlError) -> str:
    """An error that has no place in a file."""
    return failed(RUN, error)


def _rule(name: str, severity: Severity) -> Rule:
    title = name.replace("-", " ").capitalize()
    text = f"Why, and what to do at this very place, is in the message. {_PAGE} says what each diagnostic means."
    return Rule(name, name, title, f"{title}: see {_PAGE}", text, severity, ("correctness",))


def _result(one: Diagnostic) -> Result:
    told = [one.what, one.why, one.fix and f"Fix: {one.fix}"]
    return Result(
        rule=one.name,
        severity=Severity(one.severity),
        message=[line for line in told if line],
        resource=one.position.file,
        position=one.position,
        identity=[one.name, one.position.file, one.what],
    )
