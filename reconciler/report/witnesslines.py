"""A request that two policies answer differently, in one line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from reconciler.kit.printable import printable
from reconciler.policy.meaning import Difference, Effectiveness, Undecided, Witness, spelled
from reconciler.report.lines import DiffLine, Mark

_LIMIT = 2_048


def witness_line(found: Difference) -> DiffLine:
    """What is different for the request `found`, or that nobody could say."""
    match found:
        case Witness():
            request = f"{found.principal} {found.action}{_conditions(found)}"
            return DiffLine(Mark.NOTED, printable(f"{_turn(found)}: {request}", limit=_LIMIT))
        case Undecided(why):
            return DiffLine(Mark.NOTED, f"taken for different: {why}")
        case _:
            assert_never(found)


def _turn(found: Witness) -> str:
    """What becomes of the request."""
    match found.after:
        case Effectiveness.DENIED:
            return "now denied"
        case Effectiveness.NOT_ALLOWED:
            return "no longer denied" if found.before is Effectiveness.DENIED else "no longer allowed"
        case Effectiveness.DELEGATED:
            return f"{_again(found)} left to IAM policies"
        case Effectiveness.LIMITED | Effectiveness.DIRECT:
            return f"{_again(found)} allowed{_limits(found)}"
        case _:
            assert_never(found.after)


def _again(found: Witness) -> str:
    return "now only" if Effectiveness.DENIED > found.before > found.after else "now"


def _limits(found: Witness) -> str:
    match found.before, found.after:
        case Effectiveness.DELEGATED, _:
            return " without IAM policies"
        case Effectiveness.LIMITED, _:
            return " beyond permission boundaries and session policies"
        case Effectiveness.DIRECT, _:
            return " within permission boundaries and session policies"
        case _:
            return ""


def _conditions(found: Witness) -> str:
    said = [*_said(found)]
    return f" when {' and '.join(said)}" if said else ""


def _said(found: Witness) -> Iterator[str]:
    for key, values in found.facts.items():
        yield f"{spelled(key)} is {', '.join(values)}" if values else f"{spelled(key)} is missing"
