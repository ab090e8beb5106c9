"""Who gains and loses what by a plan, as lines: alike ones put together, and keys of which the same is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from reconciler.kit.diagnostics import Position
from reconciler.kit.printable import printable
from reconciler.model.address import Address
from reconciler.plan.access.changed import access_of
from reconciler.plan.access.diff import UNKNOWN, AccessChange
from reconciler.plan.access.reach import EXCEPT, Origin, Way
from reconciler.plan.changes import Plan
from reconciler.report.access.causes import place_of
from reconciler.report.access.people import called
from reconciler.report.actionwords import short
from reconciler.report.conditionwords import together
from reconciler.report.lines import DiffLine, Mark
from reconciler.report.words import plural

_MOST_NAMES = 8
"""Principals, or keys, that one line names; of more, it says how many there are."""
_TEXT_LIMIT = 2_048


@dataclass(frozen=True, slots=True)
class AccessBlock:
    """What is said of one resource, or alike of several."""

    addresses: tuple[Address, ...]
    lines: tuple[DiffLine, ...]

    @property
    def title(self) -> str:
        """The resources, printable."""
        return _listed([printable(str(address)) for address in self.addresses])


def access_blocks(plan: Plan) -> tuple[AccessBlock, ...]:
    """What the changes of `plan` do to access; resources to which they do nothing are left out."""
    found: dict[tuple[DiffLine, ...], list[Address]] = {}
    for change in plan.effective:
        account = plan.accounts[change.address.target]
        lines = tuple(access_lines(access_of(change, account), change.statement_positions, account.account_id))
        if lines:
            found.setdefault(lines, []).append(change.address)
    return tuple(AccessBlock(tuple(addresses), lines) for lines, addresses in found.items())


def access_lines(changes: Iterable[AccessChange], places: Sequence[Position], account: str) -> Iterator[DiffLine]:
    """`changes`, of a key of `account`, as lines. `places` are where the statements of the new policy are written."""
    alike: dict[AccessChange, list[str]] = {}
    for change in changes:
        alike.setdefault(_nobodys(change), []).append(change.principal)
    for change, principals in alike.items():
        text = f"{_listed([_person(each, account) for each in principals])}: {_what(change)}"
        yield DiffLine(Mark.ADDED if change.gained else Mark.REMOVED, f"{text}{_said_by(change, places)}")


def _nobodys(change: AccessChange) -> AccessChange:
    """`change` without its principal: all but that must be the same for one line."""
    return AccessChange(change.gained, "", change.actions, change.way, change.conditions, change.origins, change.detail)


def _person(principal: str, account: str) -> str:
    if principal == UNKNOWN:
        return "nobody knows who"
    if principal.startswith(EXCEPT):
        rest = principal.removeprefix(EXCEPT).split(", ")
        return f"everybody except {_listed([_person(each, account) for each in rest])}"
    name = called(principal)
    head, own, tail = name.partition(f"::{account}:")
    return tail if own and head.startswith("arn:") else name


def _what(change: AccessChange) -> str:
    when = f" when {together(change.conditions)}" if change.conditions else ""
    actions = short(change.actions) if change.actions else "any use"
    match change.way:
        case Way.KEY_POLICY:
            return f"{actions}{when}"
        case Way.DELEGATION:
            return f"{actions}{when}, as far as its IAM policies allow"
        case Way.BOTH_ACCOUNTS:
            return f"{actions}{when}, as far as IAM policies of its account allow too"
        case Way.GRANT:
            return f"{actions}{when}, by a grant"
        case Way.DENIAL:
            return f"{actions}{when}, explicitly denied {'no more' if change.gained else ''}".rstrip()
        case Way.UNKNOWN:
            return f"{actions}, for all that is known: {printable(change.detail, limit=_TEXT_LIMIT)}"
        case Way.DISABLED | Way.DELETION:
            return f"{actions} of {printable(change.detail)}: {change.way.value}"
        case _:
            assert_never(change.way)


def _said_by(change: AccessChange, places: Sequence[Position]) -> str:
    """The statements that say so, and where they are; an old policy's are written nowhere."""
    new = change.gained is not (change.way is Way.DENIAL)
    named = [_origin(origin, places if new else ()) for origin in change.origins if origin.index >= 0]
    return f" ({_listed(named)})" if named else ""


def _origin(origin: Origin, places: Sequence[Position]) -> str:
    name = f"statement {printable(origin.name) or origin.index + 1}"
    return f"{name}, {place_of(places[origin.index])}" if origin.index < len(places) else name


def _listed(names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMES])} and {plural(len(names) - _MOST_NAMES, 'other')}"
