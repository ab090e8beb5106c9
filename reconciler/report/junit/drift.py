"""Drift as JUnit XML: a test a resource, which fails where it has drifted and is skipped where nobody needs to act."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from junitparser import TestCase

from reconciler.plan.drift import Drift, DriftEntry, UnmanagedKey
from reconciler.report import driftrules
from reconciler.report.driftrules import RULES, UNMANAGED
from reconciler.report.junit.document import document, failure, passed, skipped

SUITE = "kmsctl drift"


def render(drift: Drift, *, list_unmanaged: bool = False) -> str:
    """The whole document; keys that are not of the stack are tests that are skipped, when asked for."""
    return document(SUITE, _cases(drift, list_unmanaged=list_unmanaged))


def _cases(drift: Drift, *, list_unmanaged: bool) -> Iterator[TestCase]:
    together: defaultdict[str, list[DriftEntry]] = defaultdict(list)
    for entry in drift.entries:
        together[str(entry.address)].append(entry)
    for name, entries in together.items():
        yield _case(name, entries, drift)
    for one in drift.in_sync:
        if str(one.address) not in together:
            yield passed(SUITE, str(one.address), one.position)
    if list_unmanaged:
        yield from map(_unmanaged, drift.unmanaged)


def _case(name: str, entries: Sequence[DriftEntry], drift: Drift) -> TestCase:
    case = passed(SUITE, name, entries[0].position)
    acting = [entry for entry in entries if not entry.expected]
    if not acting:
        case.result = [skipped(driftrules.what(entries[0]))]
        return case
    message = "; ".join(driftrules.what(entry) for entry in acting)
    told = [line for entry in acting for line in _lines(entry, drift)]
    case.result = [failure(message, RULES[acting[0].kind].id, told)]
    return case


def _lines(entry: DriftEntry, drift: Drift) -> Iterator[str]:
    rule = RULES[entry.kind]
    yield f"{entry.position or driftrules.named(entry)}: {driftrules.severity(entry)}: {driftrules.what(entry)}"
    yield from driftrules.lines(entry, drift.accounts[entry.address.target])
    yield f"why: {rule.why}"
    yield f"fix: {rule.fix}"


def _unmanaged(key: UnmanagedKey) -> TestCase:
    case = passed(SUITE, f"{UNMANAGED.id}: {driftrules.unmanaged_name(key)}")
    case.result = [skipped(driftrules.unmanaged(key))]
    return case
