"""Drift as a page: each resource that is not as declared, with desired and real values, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler.lint.check import Severity
from reconciler.model.observed import Account
from reconciler.plan.drift import Drift, DriftEntry, DriftKind, UnmanagedKey
from reconciler.report import driftrules, driftwords
from reconciler.report.driftrules import RULES, DriftRule
from reconciler.report.html import fields
from reconciler.report.html.fields import Row, Table
from reconciler.report.html.page import page
from reconciler.report.html.verdict import Count, Tone, Verdict
from reconciler.report.policylines import Place
from reconciler.report.words import also_called, plural, spoken

HEAD: Final = ("Key", "Target", "State", "Managed by", "Description")
"""The columns of the table of unmanaged keys."""
_TONES: Final = MappingProxyType(
    {
        DriftKind.CHANGED: Tone.CHANGED,
        DriftKind.MISSING: Tone.REMOVED,
        DriftKind.ORPHANED: Tone.LINKED,
        DriftKind.UNDECLARED: Tone.LINKED,
        DriftKind.PENDING_DELETION: Tone.ALARM,
    }
)


@dataclass(frozen=True, slots=True)
class EntryShown:
    """An entry with everything that its part of the page says."""

    entry: DriftEntry
    sign: str
    kind: str
    tone: Tone
    known: str
    why: str
    rule: DriftRule
    severity: Severity
    fields: Table


def render(drift: Drift, *, list_unmanaged: bool = False) -> str:
    """The whole page; keys that are not of the stack are counted, and listed when asked for."""
    return page(
        "drift",
        f"Drift of stack {drift.stack}",
        _verdict(drift),
        drift=drift,
        read=f"{drift.read_at:%Y-%m-%d %H:%M:%S %Z}" if drift.read_at else "",
        counts=list(_counts(drift)),
        beside=driftwords.beside(drift, listed=list_unmanaged),
        entries=[_shown(entry, drift.accounts[entry.address.target]) for entry in drift.entries],
        head=HEAD,
        unmanaged=[_cells(key) for key in drift.unmanaged] if list_unmanaged else [],
    )


def _verdict(drift: Drift) -> Verdict:
    acting = [entry for entry in drift.entries if not entry.expected]
    if not acting:
        return Verdict(Tone.GOOD, "No drift")
    worst = any(driftrules.severity(entry) is Severity.ERROR for entry in acting)
    verb = "has" if len(acting) == 1 else "have"
    return Verdict(Tone.ALARM if worst else Tone.CHANGED, f"{plural(len(acting), 'resource')} {verb} drifted")


def _counts(drift: Drift) -> Iterator[Count]:
    found = driftwords.counts(drift)
    for kind in DriftKind:
        if found[kind]:
            yield Count(str(found[kind]), spoken(kind), _TONES[kind], f"drift-{kind}")
    yield Count(str(len(drift.in_sync)), "in sync")


def _shown(entry: DriftEntry, account: Account) -> EntryShown:
    rows = () if entry.kind is DriftKind.MISSING else _rows(entry, account)
    return EntryShown(
        entry=entry,
        sign=driftwords.SIGNS[entry.kind],
        kind=spoken(entry.kind),
        tone=Tone.QUIET if entry.expected else _TONES[entry.kind],
        known=also_called(entry.address, entry.resource_id),
        why=driftwords.why(entry),
        rule=RULES[entry.kind],
        severity=driftrules.severity(entry),
        fields=fields.table(rows, "Desired", "Real"),
    )


def _rows(entry: DriftEntry, account: Account) -> Iterator[Row]:
    for field in entry.fields:
        if field.sensitive:
            yield fields.hidden(field.path, field.desired, field.real)
        else:
            yield fields.differing(field.path, field.desired, field.real, Place(account, entry.resource_id))


def _cells(key: UnmanagedKey) -> tuple[str, ...]:
    return (key.key_id, key.target, key.state, driftwords.whose(key), key.description)
