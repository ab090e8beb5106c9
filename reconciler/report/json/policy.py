"""The difference between two policies, statement by statement, as JSON values."""

from __future__ import annotations

from typing import assert_never

from reconciler.policy.compare import PolicyDiff, StatementAdded, StatementChange, StatementChanged, StatementRemoved
from reconciler.policy.document import PolicyDocument, to_json
from reconciler.policy.meaning import Difference, Effectiveness, Undecided, Witness, spelled
from reconciler.policy.statement import Statement
from reconciler.report.json.encode import Json


def encode(diff: PolicyDiff) -> Json:
    """`diff`; statements are as they stand in the policy that has them."""
    return {
        "sameMeaning": diff.same_meaning,
        "difference": None if diff.difference is None else _difference(diff.difference),
        "statements": [_change(change) for change in diff.statements],
        "version": list(diff.version) if diff.version else None,
        "accountsGained": list(diff.accounts_gained),
        "cosmetic": [{"element": c.element, "before": c.before, "after": c.after} for c in diff.cosmetic],
        "unreadable": [str(fault) for fault in diff.unparsable],
    }


def _difference(found: Difference) -> Json:
    match found:
        case Witness():
            return {
                "principal": found.principal,
                "action": found.action,
                "resource": found.resource,
                "context": {spelled(key): list(values) for key, values in found.facts.items()},
                "before": _level(found.before),
                "after": _level(found.after),
            }
        case Undecided(why):
            return {"undecided": why}
        case _:
            assert_never(found)


def _level(of: Effectiveness) -> str:
    return of.name.lower().replace("_", "-")


def _change(change: StatementChange) -> Json:
    match change:
        case StatementAdded(statement):
            return {"change": "added", "after": _statement(statement)}
        case StatementRemoved(statement):
            return {"change": "removed", "before": _statement(statement)}
        case StatementChanged(before, after, elements):
            return {
                "change": "changed",
                "before": _statement(before),
                "after": _statement(after),
                "elements": [{"path": list(e.path), "lost": list(e.lost), "gained": list(e.gained)} for e in elements],
            }
        case _:
            assert_never(change)


def _statement(statement: Statement) -> Json:
    found: Json = to_json(PolicyDocument(None, None, (statement,)))["Statement"][0]
    return found
