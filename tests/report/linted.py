"""Findings of lint about the keys of the payments team."""

from __future__ import annotations

from dataclasses import replace

from reconciler.kit.diagnostics import Position
from reconciler.lint import Finding, Severity, checks
from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import RUN_TARGET
from reconciler.report.lint import LintReport
from tests.report.basics import ACCOUNT, CARDS, LEDGER, ORDERS, at, key_id
from tests.report.hostile import HOSTILE


def finding(
    check: str,
    address: Address | None = ORDERS,
    position: Position | None = None,
    what: str = "the statement Open lets in everybody",
    **more: object,
) -> Finding:
    """One finding; what its check says is made up, so that nobody's better words change what is shown."""
    words = {"title": f"What {check} finds", "why": f"Because of {check}, which is bad enough.", "fix": f"Do {check}."}
    found = replace(checks()[check], **words)
    told = {"severity": found.severity, "resource": str(address), "fix": found.fix, **more}
    return Finding(check=found, address=address, position=position, what=what, **told)


def mixed() -> LintReport:
    """Errors, a warning, a note, and two that were set aside; three of one check."""
    return LintReport(
        7,
        (
            finding("KC201", position=at(12), path=("Statement", 1)),
            finding("KC201", position=at(19), what="the statement Wide lets in everybody", path=("Statement", 2)),
            finding("KC201", CARDS, at(31), suppressed="the figures are published"),
            finding("KC401", LEDGER, at(40), "the key is not rotated automatically", path=("spec", "rotation")),
            finding("KC401", CARDS, at(50), "the key is not rotated automatically", suppressed="rotated by hand"),
            finding("KC507", LEDGER, at(40), "the key has no tags of its own", path=("spec", "tags")),
        ),
    )


def live() -> LintReport:
    """A key that nobody declares, and keys that could not be read."""
    arn = f"arn:aws:kms:us-east-1:111122223333:key/{key_id(1)}"
    unread = {key_id(number): "AccessDeniedException" for number in range(2, 14)}
    found = finding("KC201", None, resource=arn, path=("Statement", 0))
    return LintReport(1, (found,), Severity.ERROR, {RUN_TARGET: ACCOUNT}, unread)


def hostile() -> LintReport:
    """All that a stranger can write: names, files, what is told of policies, reasons, and keys."""
    address = Address(Kind.KEY, HOSTILE)
    words = {"fix": HOSTILE, "path": ("Statement", 0, "Condition", HOSTILE)}
    return LintReport(
        1,
        (
            finding("KC201", address, Position(f"{HOSTILE}.yaml", 1, 4), HOSTILE, **words),
            finding("KC401", address, Position(f"/{HOSTILE}.yaml", 2, 1), HOSTILE, **words),
            finding("KC507", None, None, HOSTILE, resource=HOSTILE, **words),
            finding("KC508", address, Position("-", 2, 1), HOSTILE, suppressed=HOSTILE, **words),
        ),
        Severity.WARNING,
        {RUN_TARGET: ACCOUNT},
        {HOSTILE: HOSTILE},
    )
