"""The words and signs of plans and drift, so that every format says the same thing in the same words."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable
from types import MappingProxyType
from typing import assert_never

from reconciler.model.address import Address
from reconciler.plan.access.failure import RISK as TEST_FAILS
from reconciler.plan.changes import Action, Change, Cost, Plan, Reason, Risk, RiskLevel

NO_CHANGES = "No changes."
AS_DECLARED = "Your keys match the manifests."
KNOWN_AFTER_APPLY = "(known after apply)"
SENSITIVE = "(sensitive)"

SIGNS = MappingProxyType(
    {
        Action.CREATE: "+",
        Action.UPDATE: "~",
        Action.ADOPT: "<=",
        Action.REPLACE: "+/~",
        Action.CANCEL_DELETION: "~",
        Action.DISABLE: "~",
        Action.SCHEDULE_DELETION: "-",
        Action.DISOWN: "=>",
        Action.DELETE: "-",
        Action.ORPHAN: "?",
        Action.BLOCKED: "!",
        Action.NO_OP: "=",
    }
)
"""The mark before a change. A replacement creates a successor and moves aliases; nothing of it is a minus."""

_ALWAYS_COUNTED = (Action.CREATE, Action.UPDATE, Action.SCHEDULE_DELETION, Action.ADOPT)
_COUNTED_WHEN_THERE = (Action.REPLACE, Action.CANCEL_DELETION, Action.DISABLE, Action.DISOWN, Action.DELETE)

_INFINITIVES = MappingProxyType(
    {
        Action.CANCEL_DELETION: "to cancel deletion of",
        Action.SCHEDULE_DELETION: "to schedule for deletion",
    }
)

_SELF_EVIDENT = frozenset({Reason.MISSING, Reason.DIFFERS, Reason.IN_SYNC, Reason.ADOPTION_ASKED})
"""Reasons that the action says by itself."""
_REASONS = MappingProxyType(
    {
        Reason.PENDING_DELETION: "its deletion is scheduled",
        Reason.IMMUTABLE_FIELD: "a field differs that KMS cannot change",
        Reason.ROTATION_DUE: "its manual rotation is due",
        Reason.PRIMARY_REPLACED: "its primary has a successor",
        Reason.SUPERSEDED: "newer keys have taken its place",
        Reason.NOT_DECLARED: "no manifest declares it any more",
        Reason.PRUNE_ASKED: "no manifest declares it any more, and --prune was given",
        Reason.DESTROY_ASKED: "destroy was asked for",
        Reason.PROTECTED: "its manifest protects it",
        Reason.ADOPTION_FAILED: "the key to adopt cannot be adopted",
        Reason.UNRESOLVED: "it refers to a key that is not there",
        Reason.DUPLICATE: "an older key has the same name and generation",
    }
)


def spoken(member: enum.Enum) -> str:
    """The value of an action, reason or drift kind as words: `schedule deletion`."""
    return str(member.value).replace("-", " ")


def why(change: Change) -> str:
    """Why `change` happens, as a clause; empty when its action has said so already."""
    if change.reason in (Reason.ROTATION_DUE, Reason.PRIMARY_REPLACED) and change.detail:
        return f"{_REASONS[change.reason]}: {change.detail}"
    if change.detail or change.reason in _SELF_EVIDENT:
        return change.detail
    return _REASONS[change.reason]


def also_called(of: Address, resource_id: str | None) -> str:
    """What KMS calls the resource `of`; empty when its address has said that already."""
    return resource_id if resource_id and resource_id not in (of.name, f"alias/{of.name}") else ""


def level(risk: Risk) -> str:
    """The level of `risk` as a word: `danger`."""
    return risk.level.name.lower()


def hint(risk: Risk, of: Address) -> str:
    """What the reader can do about `risk` of the change `of`; empty when nothing needs to be done."""
    match risk.level:
        case RiskLevel.DANGER:
            return f"to accept it: --allow {risk.name}:{of}"
        case RiskLevel.FORBIDDEN:
            return "only the manifest can change this"
        case RiskLevel.SAFE | RiskLevel.CAUTION:
            return ""
        case _:
            assert_never(risk.level)


def counts(plan: Plan) -> Counter[Action]:
    """How many changes of each action there are; an action that there is none of counts 0."""
    return Counter(change.action for change in plan.changes)


def summary(plan: Plan) -> str:
    """One line: `Plan: 3 to create, 1 to update, 0 to schedule for deletion, 1 to adopt. 5 unchanged.`."""
    found = counts(plan)
    sentences = [_planned(found) if plan.effective or plan.blocked else NO_CHANGES]
    if sentences == [NO_CHANGES] and any(change.position for change in plan.changes):
        sentences.append(AS_DECLARED)
    sentences.append(f"{found[Action.NO_OP]} unchanged.")
    if found[Action.ORPHAN]:
        sentences.append(f"{plural(found[Action.ORPHAN], 'orphan')} left alone.")
    if found[Action.BLOCKED]:
        sentences.append(f"{found[Action.BLOCKED]} blocked: nothing can be applied until that is resolved.")
    if plan.tests:
        sentences.append(_tests(plan))
    return " ".join(sentences)


def _tests(plan: Plan) -> str:
    """What the access tests say, as a sentence."""
    failing = sum(risk.name == TEST_FAILS for change in plan.changes for risk in change.risks)
    if failing:
        return f"Access tests fail in {plural(failing, 'place')}: nothing can be applied until that is resolved."
    tests = len({test.name for test in plan.tests})
    return f"{plural(tests, 'access test')} passed."


def _planned(found: Counter[Action]) -> str:
    parts = [_count(found[action], action) for action in _ALWAYS_COUNTED]
    parts += [_count(found[action], action) for action in _COUNTED_WHEN_THERE if found[action]]
    return f"Plan: {', '.join(parts)}."


def plural(count: int, noun: str, several: str = "") -> str:
    """`1 key`, `2 keys`."""
    return f"{count} {noun}" if count == 1 else f"{count} {several or f'{noun}s'}"


def money(cost: Cost) -> str:
    """One line: what the keys cost a month, before and after."""
    if cost.before == cost.after:
        return f"Cost: about ${cost.after:,.2f} a month, as before."
    sign = "+" if cost.after > cost.before else "-"
    difference = abs(cost.after - cost.before)
    return f"Cost: about ${cost.before:,.2f} a month before, ${cost.after:,.2f} after ({sign}${difference:,.2f})."


def shown(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that a reader wants to see: all but those of resources that are as they were declared."""
    return tuple(c for c in changes if c.fields or c.risks or (c.action, c.reason) != (Action.NO_OP, Reason.IN_SYNC))


def _count(count: int, action: Action) -> str:
    return f"{count} {_INFINITIVES.get(action, f'to {spoken(action)}')}"
