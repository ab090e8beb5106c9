"""A plan as a comment on a pull request: the sum, the dangers, a table, and each change folded away."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.apply.rehearsal import Rehearsal
from reconciler.model.address import Address
from reconciler.model.observed import Account
from reconciler.plan.changes import Change, Plan, Risk, RiskLevel
from reconciler.report import words
from reconciler.report.accesslines import access_blocks
from reconciler.report.fieldlines import change_lines
from reconciler.report.markdown import rehearsal as rehearsals
from reconciler.report.markdown.clip import COMMENT_LIMIT, fitting
from reconciler.report.markdown.escape import code, details, html_code, prose, row, table
from reconciler.report.markdown.lines import block

_HEAD = ("", "Action", "Resource", "Risk", "Manifest")
_ROWS_SHARE = 3
"""The table may take one part in so many of the whole."""
_ACCESS_SHARE = 4
"""So may who gains and loses access."""
_MOST_ALARMS = 20
"""Of those shown first; each is at its change too."""


def render(plan: Plan, *, rehearsal: Rehearsal | None = None, limit: int = COMMENT_LIMIT) -> str:
    """The plan, and its rehearsal, in about `limit` characters at most; what has no room is counted at the end."""
    changes = words.shown(plan.changes)
    parts = [
        f"### Plan for stack {code(plan.stack)}",
        f"**{prose(words.summary(plan))}**",
        prose(words.money(plan.cost)),
    ]
    parts += _alarms(plan)
    parts += [rehearsals.section(rehearsal)] if rehearsal else []
    rows, unlisted = fitting((_row(change) for change in changes), limit // _ROWS_SHARE)
    parts += [table(_HEAD, rows)] if rows else []
    parts += _access(plan, limit // _ACCESS_SHARE)
    room = limit - sum(len(part) + 2 for part in parts)
    bodies = (_details(change, plan.accounts[change.address.target]) for change in changes)
    folded, unfolded = fitting(filter(None, bodies), room)
    parts += folded
    if unlisted or unfolded:
        parts.append(f"{words.plural(max(unlisted, unfolded), 'change')} did not fit: see `kmsctl plan`.")
    return "\n\n".join(parts) + "\n"


def _alarms(plan: Plan) -> Iterator[str]:
    alarming = [
        f"> - {code(str(change.address))}: {_risk(risk, change.address)}"
        for change in plan.changes
        for risk in change.risks
        if risk.level >= RiskLevel.DANGER
    ]
    if alarming:
        yield "\n".join(["> [!CAUTION]", *alarming[:_MOST_ALARMS]])


def _access(plan: Plan, limit: int) -> Iterator[str]:
    """Who gains and loses what."""
    pieces = [f"{prose(found.title)}\n\n{block(found.lines)}" for found in access_blocks(plan)]
    shown, hidden = fitting(pieces, limit)
    if shown:
        more = [f"{words.plural(hidden, 'group')} more did not fit: see `kmsctl plan`."] if hidden else []
        yield details("Who gains and loses access", "\n\n".join([*shown, *more]))


def _row(change: Change) -> str:
    worst = max(change.risks, default=None)
    place = change.position
    return row(
        code(words.SIGNS[change.action]),
        words.spoken(change.action),
        code(str(change.address)),
        prose(f"{words.level(worst)}: {worst.name}") if worst else "",
        code(f"{place.file}:{place.line}") if place else "",
    )


def _details(change: Change, account: Account) -> str:
    title = f"{words.SIGNS[change.action]} {words.spoken(change.action)} {change.address}"
    known = words.also_called(change.address, change.resource_id)
    why = words.why(change)
    body = [prose(why)] if why else []
    body += filter(None, [block(change_lines(change, account))])
    if change.risks:
        body.append("\n".join(f"- {_risk(risk, change.address)}" for risk in change.risks))
    return details(html_code(f"{title} ({known})" if known else title), "\n\n".join(body)) if body else ""


def _risk(risk: Risk, of: Address) -> str:
    hint = words.hint(risk, of)
    advice = f" ({prose(hint)})" if hint else ""
    return f"**{words.level(risk)}: {prose(risk.name)}**: {prose(risk.why)}{advice}"
