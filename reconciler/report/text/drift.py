"""Drift for people: what is not as declared, each field as it should be and as it is, and one line that sums it up."""

from __future__ import annotations

from types import MappingProxyType

from reconciler.kit.printable import printable
from reconciler.model.observed import Account
from reconciler.plan.drift import Drift, DriftEntry, DriftKind
from reconciler.report import driftwords
from reconciler.report.driftlines import entry_lines
from reconciler.report.style import Style, Tone
from reconciler.report.text.heads import accounts, named
from reconciler.report.text.lines import painted
from reconciler.report.text.prose import sentence
from reconciler.report.text.table import table
from reconciler.report.words import spoken

_INDENT = 4
_TONES = MappingProxyType(
    {
        DriftKind.CHANGED: Tone.CHANGED,
        DriftKind.MISSING: Tone.REMOVED,
        DriftKind.ORPHANED: Tone.LINKED,
        DriftKind.UNDECLARED: Tone.ADDED,
        DriftKind.PENDING_DELETION: Tone.ALARM,
    }
)


def render(drift: Drift, style: Style, *, list_unmanaged: bool = False) -> str:
    """The whole drift; keys that are not of the stack are counted, and listed when asked for."""
    blocks = [_header(drift, style)]
    blocks += [_entry(entry, drift.accounts[entry.address.target], style) for entry in drift.entries]
    if list_unmanaged and drift.unmanaged:
        blocks.append(_unmanaged(drift, style))
    beside = driftwords.beside(drift, listed=list_unmanaged)
    blocks.append([style.paint(Tone.BOLD, driftwords.summary(drift)), *([beside] if beside else [])])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _header(drift: Drift, style: Style) -> list[str]:
    read = f", read {drift.read_at:%Y-%m-%d %H:%M:%S %Z}" if drift.read_at else ""
    title = style.paint(Tone.BOLD, f"Drift of stack {printable(drift.stack)}{read}")
    return [title, *accounts(drift.accounts, style)]


def _entry(entry: DriftEntry, account: Account, style: Style) -> list[str]:
    tone = Tone.DIM if entry.expected else _TONES[entry.kind]
    kind = style.paint(tone, f"  {driftwords.SIGNS[entry.kind]} {spoken(entry.kind)}")
    lines = [f"{kind} {named(entry.address, entry.resource_id, entry.position, style)}"]
    why = driftwords.why(entry)
    if why:
        lines += sentence(why, style, _INDENT)
    return lines + painted(entry_lines(entry, account), style, indent=_INDENT)


def _unmanaged(drift: Drift, style: Style) -> list[str]:
    rows = [
        [printable(cell) for cell in (key.key_id, key.target or "-", key.state, driftwords.whose(key), key.description)]
        for key in drift.unmanaged
    ]
    return table(("KEY", "TARGET", "STATE", "MANAGED BY", "DESCRIPTION"), rows, style)
