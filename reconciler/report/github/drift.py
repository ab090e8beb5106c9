"""Drift as annotations of GitHub Actions."""

from __future__ import annotations

from reconciler.plan.drift import Drift, DriftEntry, UnmanagedKey
from reconciler.report import driftrules
from reconciler.report.driftrules import RULES, UNMANAGED
from reconciler.report.github.annotations import Annotation, annotated


def render(drift: Drift, *, list_unmanaged: bool = False) -> str:
    """A line for every entry that somebody should act on, and for keys that are not of the stack when asked for."""
    found = [_annotation(entry, drift) for entry in drift.entries if not entry.expected]
    if list_unmanaged:
        found += map(_unmanaged, drift.unmanaged)
    return annotated(found)


def _annotation(entry: DriftEntry, drift: Drift) -> Annotation:
    rule = RULES[entry.kind]
    head = f"{driftrules.named(entry)}: {driftrules.what(entry)}"
    told = driftrules.lines(entry, drift.accounts[entry.address.target])
    return Annotation(driftrules.severity(entry), rule.title, "\n".join([head, *told, rule.fix]), entry.position)


def _unmanaged(key: UnmanagedKey) -> Annotation:
    message = f"{driftrules.unmanaged_name(key)}: {driftrules.unmanaged(key)}\n{UNMANAGED.fix}"
    return Annotation(UNMANAGED.severity, UNMANAGED.title, message)
