"""What can be seen while changes are made: a bar for people, JSON lines for machines, plain lines elsewhere."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

from reconciler.apply.events import Event, Listener, StepDone, StepFailed, StepPaused, StepStarted, Stopping, silent
from reconciler.cli.colour import style_of
from reconciler.cli.context import Context
from reconciler.plan.changes import Plan
from reconciler.plan.explain import explain

if TYPE_CHECKING:
    from rich.progress import Progress

_LONG = 5.0
"""Seconds of waiting that people wonder about; shorter pauses are how KMS works."""


@contextmanager
def progress(plan: Plan, args: Namespace, context: Context) -> Iterator[Listener]:
    """Who listens to the events of an apply.

    What cannot be shown, because nobody reads it any more, is not shown: the changes go on.
    """
    if args.output == "json":
        yield _json_lines(context)
    elif not plan.effective:
        yield silent
    elif context.stderr.isatty() and context.environ.get("TERM") != "dumb":
        with _bar(context.stderr, colour=style_of(args, context.stderr, context.environ).colour) as bar:
            yield _on_bar(plan, bar)
    else:
        yield _plain_lines(args, context)


def _json_lines(context: Context) -> Listener:
    from reconciler.report.json.apply import event_line

    clock = context.clock()
    return _writing(context.stdout, lambda event: event_line(event, clock.now()))


def _plain_lines(args: Namespace, context: Context) -> Listener:
    from reconciler.report.text.apply import event_line

    style = style_of(args, context.stderr, context.environ)
    return _writing(context.stderr, lambda event: event_line(event, style) if _worth_a_line(event) else "")


def _worth_a_line(event: Event) -> bool:
    """Whether people want to read of `event`: not that a moment passes, nor what the signal's own message has said."""
    match event:
        case StepStarted() | Stopping():
            return False
        case StepPaused(seconds=seconds):
            return seconds >= _LONG
        case _:
            return True


def _writing(stream: TextIO, line: Callable[[Event], str]) -> Listener:
    def listen(event: Event, /) -> None:
        with suppress(OSError):
            stream.write(line(event))
            stream.flush()

    return listen


class _Forgiving:
    """A stream on which nothing fails: rich would end the process when its terminal is gone."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _bar(stderr: TextIO, *, colour: bool) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    return Progress(
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True)),
        console=Console(file=cast("TextIO", _Forgiving(stderr)), no_color=not colour, highlight=False),
        transient=True,
        expand=True,
    )


def _on_bar(plan: Plan, bar: Progress) -> Listener:
    """The bar counts steps; failures are printed above it, so that they stay."""
    from reconciler.kit.printable import printable
    from reconciler.report.style import Style
    from reconciler.report.text.apply import event_line

    style = Style()  # the console does not take colours in text that it is given
    task = bar.add_task("", total=sum(1 for _ in plan.steps()))

    def listen(event: Event, /) -> None:
        match event:
            case StepStarted(change, step):
                bar.update(task, description=printable(f"{change.address}: {explain(step)}"))
            case StepDone():
                bar.advance(task)
            case StepFailed():
                bar.advance(task)
                bar.console.print(event_line(event, style).rstrip(), markup=False)
            case _ if _worth_a_line(event):
                bar.console.print(event_line(event, style).rstrip(), markup=False)
            case _:
                pass

    return listen
