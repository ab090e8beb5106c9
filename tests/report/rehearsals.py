"""Rehearsals, well and badly ended."""

from __future__ import annotations

from reconciler.apply.outcome import Outcome
from reconciler.apply.rehearsal import Calls, LeftOut, Rehearsal
from tests.report import applied, hostile, samples
from tests.report.basics import LEDGER, ORDERS

WELL = Rehearsal(
    applied.whole(),
    205.2,
    (Calls("CreateAlias", 1, 0.2), Calls("CreateKey", 820, 204.75), Calls("tagging:GetResources", 2, 0.0)),
)
QUICK = Rehearsal(applied.whole(), 0.25, (Calls("CreateKey", 1, 0.0),))
BADLY = Rehearsal(
    applied.broken(),
    61.0,
    tuple(Calls(f"Operation{letter}", number, 0.0) for number, letter in enumerate("ABCDEFGHIJ", 1)),
    (LeftOut(LEDGER, "the bundled KMS has no key material of SM2"),),
    ("imported key material is made up",),
    None,
)
UNREADABLE = Rehearsal(applied.whole(), 0.0, (), remaining=None)
GOES_ON = Rehearsal(applied.whole(), 4.0, (), (LeftOut(ORDERS, "it"),), remaining=samples.everything().changes[:7])
LEFT = Rehearsal(Outcome(), 0.0, (), (LeftOut(ORDERS, "it could not be read"),))


def hostile_one() -> Rehearsal:
    """Everything that a stranger may have written."""
    calls = (Calls(hostile.HOSTILE, 1, 2.0),)
    changes = hostile.hostile().changes
    left = tuple(LeftOut(change.address, hostile.HOSTILE) for change in changes)
    return Rehearsal(hostile.outcome(), 1.0, calls, left, (hostile.HOSTILE,), changes)
