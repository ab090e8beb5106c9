"""A plan for people: what happens to each resource, what that means and costs, and one line that sums it up."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from reconciler.kit.printable import printable
from reconciler.model.address import Address
from reconciler.model.observed import Account
from reconciler.plan.changes import Action, Change, Plan, Risk, RiskLevel
from reconciler.report import words
from reconciler.report.accesslines import access_blocks
from reconciler.report.fieldlines import change_lines
from reconciler.report.style import Style, Tone
from reconciler.report.text.heads import accounts, named
from reconciler.report.text.lines import painted
from reconciler.report.text.prose import labelled, sentence

_SIGN_WIDTH = 4
_MOST_ACCESS_LINES = 40

_TONES = MappingProxyType(
    {
        Action.CREATE: Tone.ADDED,
        Action.UPDATE: Tone.CHANGED,
        Action.ADOPT: Tone.LINKED,
        Action.REPLACE: Tone.CHANGED,
        Action.CANCEL_DELETION: Tone.CHANGED,
        Action.DISABLE: Tone.CHANGED,
        Action.SCHEDULE_DELETION: Tone.REMOVED,
        Action.DISOWN: Tone.LINKED,
        Action.DELETE: Tone.REMOVED,
        Action.ORPHAN: Tone.DIM,
        Action.BLOCKED: Tone.ALARM,
        Action.NO_OP: Tone.DIM,
    }
)
_RISK_TONES = MappingProxyType(
    {
        RiskLevel.SAFE: Tone.DIM,
        RiskLevel.CAUTION: Tone.CHANGED,
        RiskLevel.DANGER: Tone.ALARM,
        RiskLevel.FORBIDDEN: Tone.ALARM,
    }
)


def render(plan: Plan, style: Style) -> str:
    """The whole plan; resources in which nothing differs are counted and not listed."""
    blocks = [_header(plan, style)]
    blocks += [_change(change, plan.accounts[change.address.target], style) for change in words.shown(plan.changes)]
    blocks += _access(plan, style)
    blocks.append(_footer(plan, style))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _header(plan: Plan, style: Style) -> list[str]:
    return [style.paint(Tone.BOLD, f"Plan for stack {printable(plan.stack)}"), *accounts(plan.accounts, style)]


def _change(change: Change, account: Account, style: Style) -> list[str]:
    lines = [_title(change, style)]
    indent = 2 + _SIGN_WIDTH
    why = words.why(change)
    if why:
        lines += sentence(why, style, indent)
    lines += painted(change_lines(change, account), style, indent=indent)
    for risk in change.risks:
        lines += _risk(risk, change.address, style, indent)
    return lines


def _title(change: Change, style: Style) -> str:
    action = f"  {words.SIGNS[change.action].rjust(_SIGN_WIDTH - 1)} {words.spoken(change.action)}"
    name = named(change.address, change.resource_id, change.position, style)
    return f"{style.paint(_TONES[change.action], action)} {name}"


def _risk(risk: Risk, of: Address, style: Style, indent: int) -> list[str]:
    tone = _RISK_TONES[risk.level]
    lines = labelled(f"! {words.level(risk)}", f"{risk.name}: {risk.why}", style, indent=indent, tone=tone, hanging=2)
    hint = words.hint(risk, of)
    return [*lines, f"{' ' * (indent + 2)}{style.paint(tone, printable(hint))}"] if hint else lines


def _access(plan: Plan, style: Style) -> Iterator[list[str]]:
    """Who gains and loses what, in as many lines as people read."""
    lines: list[str] = []
    hidden = 0
    for block in access_blocks(plan):
        if len(lines) + 1 + len(block.lines) > _MOST_ACCESS_LINES and lines:
            hidden += len(block.addresses)
            continue
        lines += [f"  {block.title}", *painted(block.lines, style, indent=4)]
    if lines:
        more = [f"  {words.plural(hidden, 'resource')} more: --output json has them all"] if hidden else []
        yield [style.paint(Tone.BOLD, "Access"), *lines, *more]


def _footer(plan: Plan, style: Style) -> list[str]:
    return [style.paint(Tone.BOLD, words.summary(plan)), words.money(plan.cost)]
