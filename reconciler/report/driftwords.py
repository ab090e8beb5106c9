"""The words and signs of drift, the same in every format."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType

from reconciler.plan.drift import Drift, DriftEntry, DriftKind, UnmanagedKey
from reconciler.report.words import plural, spoken

NO_DRIFT = "No drift. Your keys are as the manifests say."

SIGNS = MappingProxyType(
    {
        DriftKind.CHANGED: "~",
        DriftKind.MISSING: "-",
        DriftKind.ORPHANED: "?",
        DriftKind.UNDECLARED: "+",
        DriftKind.PENDING_DELETION: "!",
    }
)

_WHY = MappingProxyType(
    {
        DriftKind.CHANGED: "",
        DriftKind.MISSING: "it is declared and not there",
        DriftKind.ORPHANED: "no manifest declares it",
        DriftKind.UNDECLARED: "no manifest declares it",
        DriftKind.PENDING_DELETION: "its deletion is scheduled",
    }
)


def why(entry: DriftEntry) -> str:
    """What there is to say of `entry` beside its fields; may be empty."""
    said = entry.detail or _WHY[entry.kind]
    return f"{said} (nobody needs to act)" if entry.expected else said


def counts(drift: Drift) -> Counter[DriftKind]:
    """How many entries of each kind there are; a kind that there is none of counts 0."""
    return Counter(entry.kind for entry in drift.entries)


def summary(drift: Drift) -> str:
    """One line: `Drift: 1 changed, 0 missing, 0 orphaned, 0 undeclared, 0 pending deletion. 5 in sync.`."""
    found = counts(drift)
    parts = ", ".join(f"{found[kind]} {spoken(kind)}" for kind in DriftKind)
    return f"{f'Drift: {parts}.' if drift.found else NO_DRIFT} {len(drift.in_sync)} in sync."


def beside(drift: Drift, *, listed: bool) -> str:
    """One line on the keys that are not of the stack; empty when there is none."""
    nobodys = sum(key.stack is None for key in drift.unmanaged)
    others = len(drift.unmanaged) - nobodys
    parts = [f"{plural(nobodys, 'key')} unmanaged"] if nobodys else []
    parts += [f"{plural(others, 'key')} of other stacks"] if others else []
    if not parts:
        return ""
    return f"Beside them: {', '.join(parts)}{'' if listed else ' (--unmanaged lists them)'}."


def whose(key: UnmanagedKey) -> str:
    """Who manages `key`."""
    return "nobody" if key.stack is None else f"stack {key.stack}"
