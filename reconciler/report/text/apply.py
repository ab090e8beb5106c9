"""An apply for people: a line for every event while it runs, and what became of the plan at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from reconciler.apply.events import ChangeSkipped, Event, StepDone, StepFailed, StepPaused, StepStarted, Stopping
from reconciler.apply.outcome import Outcome, Status, StepResult
from reconciler.kit.printable import printable
from reconciler.plan.changes import Change
from reconciler.plan.explain import explain
from reconciler.plan.steps import Step
from reconciler.report.failures import Failure, failure_of
from reconciler.report.style import Style, Tone
from reconciler.report.text.prose import labelled
from reconciler.report.words import plural, spoken

_LIMIT = 2_000
_MOST = 20
"""Lines of one kind at the end of an apply; a screen has hardly more."""
_AGAIN = "Run the command again to go on: what is done stays done."


def event_line(event: Event, style: Style) -> str:
    """`event` on one line."""
    return _event(event, style) + "\n"


def render(outcome: Outcome, style: Style) -> str:
    """What failed and why, what was therefore not done, the keys that were made, and one line that sums it up."""
    blocks = list(_failures(outcome.failed, style))
    blocks.append(_some([_undone(result, style) for result in (*outcome.skipped, *outcome.not_started)]))
    blocks.append([*_notes(outcome, style), *_some(list(_created(outcome)), fix="; `kmsctl show` lists them")])
    blocks.append([style.paint(Tone.ADDED if outcome.ok else Tone.ALARM, summary(outcome))])
    if not outcome.ok:
        blocks[-1].append(_AGAIN)
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def summary(outcome: Outcome) -> str:
    """One line: `Apply: 3 steps done.`, with what was not done when there is such."""
    parts = [f"{plural(len(outcome.done), 'step')} done"]
    undone = ((len(outcome.failed), Status.FAILED), (len(outcome.skipped), Status.SKIPPED))
    parts += [f"{count} {spoken(status)}" for count, status in undone if count]
    if outcome.not_started:
        parts.append(f"{len(outcome.not_started)} {spoken(Status.NOT_STARTED)}")
    return f"Apply{' interrupted' if outcome.interrupted else ''}: {', '.join(parts)}."


def _event(event: Event, style: Style) -> str:
    match event:
        case StepStarted(change, step):
            return style.paint(Tone.DIM, f"{_subject(change, step)} …")
        case StepPaused(change, step, seconds, why):
            text = f"{_subject(change, step)}: waits {seconds:.1f} s: {printable(why, limit=_LIMIT)}"
            return style.paint(Tone.DIM, text)
        case StepDone(change, step, notes):
            noted = "".join(f" ({printable(note, limit=_LIMIT)})" for note in notes)
            return f"{style.paint(Tone.ADDED, 'done')} {_subject(change, step)}{noted}"
        case StepFailed(change, step, error):
            what = printable(failure_of(error).what, limit=_LIMIT)
            return f"{style.paint(Tone.ALARM, 'failed')} {_subject(change, step)}: {what}"
        case ChangeSkipped(change, because):
            reason = f"{printable(str(because))} failed"
            return f"{style.paint(Tone.CHANGED, 'skipped')} {printable(str(change.address))}: {reason}"
        case Stopping(in_flight):
            text = f"Stopping: {plural(in_flight, 'call')} in flight will be finished, no more are started."
            return style.paint(Tone.CHANGED, text)
        case _:
            assert_never(event)


def _subject(change: Change, step: Step) -> str:
    return printable(f"{change.address}: {explain(step)}", limit=_LIMIT)


def _failures(results: Iterable[StepResult], style: Style) -> Iterator[list[str]]:
    """Each failure with its cause; of those with one cause the cause is told once."""
    by_cause: dict[Failure, list[str]] = {}
    for result in results:
        line = f"{style.paint(Tone.ALARM, 'failed')} {_subject(result.change, result.step)}"
        by_cause.setdefault(failure_of(result.error), []).append(line)
    for failure, lines in by_cause.items():
        told = _some(lines)
        for label, text in (("what", failure.what), ("why", failure.why), ("fix", failure.fix)):
            if text:
                told += labelled(label, text, style)
        yield told


def _some(lines: list[str], *, fix: str = "") -> list[str]:
    """`lines`, or the first of them and how many more there are: the rest is in JSON."""
    if len(lines) <= _MOST:
        return lines
    return [*lines[:_MOST], f"… and {len(lines) - _MOST:,} more{fix}"]


def _undone(result: StepResult, style: Style) -> str:
    reason = f": {printable(str(result.because))} failed" if result.because else ""
    return f"{style.paint(Tone.CHANGED, spoken(result.status))} {_subject(result.change, result.step)}{reason}"


def _notes(outcome: Outcome, style: Style) -> Iterator[str]:
    for result in outcome.done:
        for note in result.notes:
            yield from labelled("Note", f"{result.change.address}: {note}", style, indent=0)


def _created(outcome: Outcome) -> Iterator[str]:
    for address, key_id in sorted(outcome.created.items()):
        yield printable(f"{address} is key {key_id}")
