"""The answer to one question about access, as a page."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.policy.access import Standing
from reconciler.policy.evaluate import Outcome, Trace
from reconciler.report.access.causes import named, place_of, position_of
from reconciler.report.access.sentences import VERDICTS, asked, hints, key_title, outcome, why
from reconciler.report.access.shown import AnswerShown, KeyShown
from reconciler.report.html.access_who import TONES
from reconciler.report.html.page import page
from reconciler.report.html.verdict import Verdict

HEAD = ("Policy", "Statement or grant", "Declared", "Outcome")


def render(shown: AnswerShown) -> str:
    """The verdict, what decides, what was asked, and what became of every statement and grant."""
    answer = shown.answer.explanation()
    standing = shown.answer.standing
    return page(
        "access_can",
        asked(shown),
        Verdict(TONES[standing], VERDICTS[standing].capitalize()),
        principal=shown.ask.principal,
        action=shown.ask.action,
        key=key_title(shown.key),
        why=why(shown),
        leaves=standing is Standing.DELEGATED,
        hints=list(hints(shown)),
        facts=list(_facts(shown)),
        head=HEAD,
        deciding=[_cells(one, shown.key) for one in answer.trace if one.outcome is Outcome.MATCHED],
        others=[_cells(one, shown.key) for one in answer.trace if one.outcome is not Outcome.MATCHED],
    )


def _facts(shown: AnswerShown) -> Iterator[tuple[str, str]]:
    """What else the question says, by name."""
    if shown.ask.via:
        yield "through", shown.ask.via
    for name, value in sorted(shown.ask.context.items()):
        yield f"encryption context {name}", value
    for name, values in sorted(shown.ask.facts.items()):
        yield name, ", ".join(values)


def _cells(one: Trace, key: KeyShown) -> tuple[str, ...]:
    return one.source.value, named(one, key), place_of(position_of(one, key)) or "-", outcome(one)
