"""A plan as a page: whether it can be applied, what it counts, and each change with all that there is to say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler.apply.rehearsal import Rehearsal
from reconciler.model.observed import Account
from reconciler.plan.access.changed import access_of
from reconciler.plan.changes import Action, Change, Plan, Risk, RiskLevel
from reconciler.plan.explain import explain
from reconciler.plan.risk.guard import Refusal
from reconciler.plan.risk.guard import verdict as judged
from reconciler.report import words
from reconciler.report.accesslines import access_blocks, access_lines
from reconciler.report.fieldlines import is_policy, new_ids, stays, told
from reconciler.report.html import fields
from reconciler.report.html.fields import Row, Table
from reconciler.report.html.page import page
from reconciler.report.html.rehearsal import shown as rehearsed
from reconciler.report.html.verdict import Count, Tone, Verdict
from reconciler.report.lines import DiffLine, Mark
from reconciler.report.policylines import Place

_MOST_OPEN: Final = 25
"""Changes that a page shows unfolded; of more, each is folded under its title."""
_TONES: Final = MappingProxyType(
    {
        Action.CREATE: Tone.GOOD,
        Action.UPDATE: Tone.CHANGED,
        Action.ADOPT: Tone.LINKED,
        Action.REPLACE: Tone.CHANGED,
        Action.CANCEL_DELETION: Tone.CHANGED,
        Action.DISABLE: Tone.CHANGED,
        Action.SCHEDULE_DELETION: Tone.REMOVED,
        Action.DISOWN: Tone.LINKED,
        Action.DELETE: Tone.REMOVED,
        Action.ORPHAN: Tone.QUIET,
        Action.BLOCKED: Tone.ALARM,
        Action.NO_OP: Tone.QUIET,
    }
)
_RISK_TONES: Final = MappingProxyType(
    {
        RiskLevel.SAFE: Tone.QUIET,
        RiskLevel.CAUTION: Tone.CHANGED,
        RiskLevel.DANGER: Tone.ALARM,
        RiskLevel.FORBIDDEN: Tone.ALARM,
    }
)


@dataclass(frozen=True, slots=True)
class RiskShown:
    """A risk in words."""

    tone: Tone
    level: str
    name: str
    why: str
    hint: str


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """A change with everything that its part of the page says."""

    change: Change
    sign: str
    action: str
    tone: Tone
    known: str
    why: str
    fields: Table
    risks: tuple[RiskShown, ...]
    access: tuple[DiffLine, ...]
    steps: tuple[str, ...]

    @property
    def worst(self) -> RiskShown | None:
        """The gravest risk."""
        return self.risks[0] if self.risks else None


def render(plan: Plan, *, rehearsal: Rehearsal | None = None) -> str:
    """The whole page, with what became of the plan on a copy; resources in which nothing differs are folded away."""
    seen = words.shown(plan.changes)
    changes = [_shown(change, plan.accounts[change.address.target]) for change in seen]
    return page(
        "plan",
        f"Plan for stack {plan.stack}",
        _verdict(plan, rehearsal),
        plan=plan,
        refusals=list(_refusals(plan)),
        counts=list(_counts(plan, changes)),
        summary=words.summary(plan),
        money=words.money(plan.cost),
        changes=changes,
        unfolded=len(changes) <= _MOST_OPEN,
        unchanged=[change for change in plan.changes if not words.shown([change])],
        access=access_blocks(plan),
        rehearsal=rehearsed(rehearsal) if rehearsal else None,
    )


def _refusals(plan: Plan) -> Iterator[tuple[Refusal, str]]:
    """What the guard has against `plan`, and why."""
    whys = {change.address: words.why(change) for change in plan.blocked}
    for refusal in judged(plan).refusals:
        yield refusal, refusal.why or whys.get(refusal.address, "")


def _verdict(plan: Plan, rehearsal: Rehearsal | None) -> Verdict:
    refusals = judged(plan).refusals
    never = sum(refusal.allow is None for refusal in refusals)
    if never:
        return Verdict(Tone.ALARM, f"Cannot be applied: {words.plural(never, 'reason')}")
    if rehearsal and not rehearsal.ok:
        return Verdict(Tone.ALARM, f"Would fail: {words.plural(len(rehearsal.outcome.failed), 'step')} on a copy")
    if refusals:
        return Verdict(Tone.ALARM, f"Not applied unless {words.plural(len(refusals), 'danger')} is allowed by name")
    if plan.effective:
        return Verdict(Tone.CHANGED, f"{words.plural(len(plan.effective), 'change')} to apply")
    return Verdict(Tone.GOOD, words.NO_CHANGES.removesuffix("."))


def _counts(plan: Plan, changes: list[ChangeShown]) -> Iterator[Count]:
    found = words.counts(plan)
    for action in Action:
        if found[action] and action is not Action.NO_OP:
            yield Count(str(found[action]), words.spoken(action), _TONES[action], action.value)
    yield Count(str(found[Action.NO_OP]), "unchanged")
    levels = [risk.level for change in plan.changes for risk in change.risks]
    for level in (RiskLevel.FORBIDDEN, RiskLevel.DANGER, RiskLevel.CAUTION):
        if level in levels:
            yield Count(str(levels.count(level)), level.name.lower(), _RISK_TONES[level])
    lines = [line for change in changes for line in change.access]
    for mark, label in ((Mark.ADDED, "gained access"), (Mark.REMOVED, "lost access")):
        number = sum(line.mark is mark for line in lines)
        if number:
            yield Count(str(number), label)


def _shown(change: Change, account: Account) -> ChangeShown:
    return ChangeShown(
        change=change,
        sign=words.SIGNS[change.action],
        action=words.spoken(change.action),
        tone=_TONES[change.action],
        known=words.also_called(change.address, change.resource_id),
        why=words.why(change),
        fields=fields.table(_rows(change, account), "Before", "After"),
        risks=tuple(_risk(risk, change) for risk in sorted(change.risks, reverse=True)),
        access=tuple(access_lines(access_of(change, account), change.statement_positions, account.account_id)),
        steps=tuple(explain(step) for step in change.steps),
    )


def _rows(change: Change, account: Account) -> Iterator[Row]:
    for name in new_ids(change):
        mark = Mark.CHANGED if change.resource_id else Mark.ADDED
        yield Row(mark, name, (change.resource_id, words.KNOWN_AFTER_APPLY))
    for field in told(change):
        if stays(field, change):
            yield fields.kept(field.path, field.before)
        elif field.sensitive:
            yield fields.hidden(field.path, field.before, field.after)
        elif field.cosmetic and not is_policy(field):
            yield fields.reworded(field.path, field.before, field.after)
        else:
            yield fields.differing(field.path, field.before, field.after, Place(account, change.resource_id))


def _risk(risk: Risk, change: Change) -> RiskShown:
    return RiskShown(_RISK_TONES[risk.level], words.level(risk), risk.name, risk.why, words.hint(risk, change.address))
