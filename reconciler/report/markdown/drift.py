"""Drift as a comment or an issue: the sum, a table, and each resource folded away."""

from __future__ import annotations

from reconciler.model.observed import Account
from reconciler.plan.drift import Drift, DriftEntry
from reconciler.report import driftwords
from reconciler.report.driftlines import entry_lines
from reconciler.report.markdown.clip import COMMENT_LIMIT, fitting
from reconciler.report.markdown.escape import code, details, html_code, prose, row, table
from reconciler.report.markdown.lines import block
from reconciler.report.words import also_called, plural, spoken

_HEAD = ("", "Drift", "Resource", "Manifest")
_UNMANAGED_HEAD = ("Key", "Target", "State", "Managed by", "Description")
_ROWS_SHARE = 3
"""Either table may take one part in so many of the whole."""


def render(drift: Drift, *, list_unmanaged: bool = False, limit: int = COMMENT_LIMIT) -> str:
    """The drift in about `limit` characters at most; what has no room is counted at the end."""
    read = f", read {drift.read_at:%Y-%m-%d %H:%M:%S %Z}" if drift.read_at else ""
    parts = [f"### Drift of stack {code(drift.stack)}{read}", f"**{prose(driftwords.summary(drift))}**"]
    rows, unlisted = fitting((_row(entry) for entry in drift.entries), limit // _ROWS_SHARE)
    parts += [table(_HEAD, rows)] if rows else []
    beside = driftwords.beside(drift, listed=list_unmanaged)
    parts += [prose(beside)] if beside else []
    keys, unnamed = _unmanaged(drift, limit // _ROWS_SHARE) if list_unmanaged else ([], 0)
    parts += keys
    room = limit - sum(len(part) + 2 for part in parts)
    bodies = (_details(entry, drift.accounts[entry.address.target]) for entry in drift.entries)
    folded, unfolded = fitting(filter(None, bodies), room)
    parts += folded
    left_out = max(unlisted, unfolded) + unnamed
    if left_out:
        parts.append(f"{plural(left_out, 'entry', 'entries')} did not fit: see `kmsctl drift`.")
    return "\n\n".join(parts) + "\n"


def _row(entry: DriftEntry) -> str:
    place = entry.position
    return row(
        code(driftwords.SIGNS[entry.kind]),
        spoken(entry.kind) + (" (expected)" if entry.expected else ""),
        code(str(entry.address)),
        code(f"{place.file}:{place.line}") if place else "",
    )


def _details(entry: DriftEntry, account: Account) -> str:
    title = f"{driftwords.SIGNS[entry.kind]} {spoken(entry.kind)} {entry.address}"
    known = also_called(entry.address, entry.resource_id)
    body = filter(None, [prose(driftwords.why(entry)), block(entry_lines(entry, account))])
    text = "\n\n".join(body)
    return details(html_code(f"{title} ({known})" if known else title), text) if text else ""


def _unmanaged(drift: Drift, budget: int) -> tuple[list[str], int]:
    rows, left_out = fitting(
        (
            row(
                code(key.key_id),
                code(key.target) if key.target else "",
                prose(key.state),
                prose(driftwords.whose(key)),
                prose(key.description),
            )
            for key in drift.unmanaged
        ),
        budget,
    )
    return ([table(_UNMANAGED_HEAD, rows)] if rows else []), left_out
