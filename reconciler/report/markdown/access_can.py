"""The answer to one question about access as Markdown."""

from __future__ import annotations

from reconciler.policy.evaluate import Trace
from reconciler.report.access.causes import named, place_of, position_of
from reconciler.report.access.sentences import VERDICTS, hints, key_title, outcome, why
from reconciler.report.access.shown import AnswerShown, KeyShown
from reconciler.report.markdown.escape import code, details, prose, row, table


def render(shown: AnswerShown) -> str:
    """The verdict, what decides, and folded away what became of every statement and grant."""
    ask, answer = shown.ask, shown.answer
    via = f" through {code(ask.via)}" if ask.via else ""
    asked = f"{code(ask.principal)} {code(ask.action)} {code(key_title(shown.key))}{via}"
    parts = [
        f"### {VERDICTS[answer.standing].capitalize()}: {asked}",
        prose(_sentence(why(shown))),
        *(f"> {prose(_sentence(hint))}" for hint in hints(shown)),
        details("Every statement and grant", table(_HEAD, [_row(one, shown.key) for one in answer.trace])),
    ]
    return "\n\n".join(parts) + "\n"


_HEAD = ("Policy", "Statement or grant", "Declared", "Outcome")


def _row(one: Trace, key: KeyShown) -> str:
    place = place_of(position_of(one, key))
    return row(one.source.value, prose(named(one, key)), code(place) if place else "-", prose(outcome(one)))


def _sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}."
