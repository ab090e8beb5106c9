"""What can be seen while changes are made: a bar for people, JSON lines for machines, plain lines elsewhere."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from reconciler.apply.events import Event, Listener, StepDone, StepFailed, StepStarted
from reconciler.cli.colour import style_of
from reconciler.cli.context import Context
from reconciler.plan.changes import Plan
from reconciler.plan.explain import explain

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def progress(plan: Plan, args: Namespace, context: Context) -> Iterator[Listener]:
    """Who listens to the events of an apply.

    What cannot be shown, because nobody reads it any more, is not shown: the changes go on.
    """
    if args.output == "json":
        yield _json_lines(context)
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
    return _writing(context.stderr, lambda event: "" if isinstance(event, StepStarted) else event_line(event, style))


def _writing(stream: TextIO, line: Callable[[Event], str]) -> Listener:
    def listen(event: Event, /) -> None:
        with suppress(OSError):
            stream.write(line(event))
            stream.flush()

    return listen


def _bar(stderr: TextIO, *, colour: bool) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(file=stderr, no_color=not colour, highlight=False),
        transient=True,
    )


def _on_bar(plan: Plan, bar: Progress) -> Listener:
    """The bar counts steps; failures are printed above it, so that they stay."""
    from reconciler.kit.printable import printable
    from reconciler.report.style import Style
    from reconciler.report.text.apply import event_line

    task = bar.add_task("", total=sum(1 for _ in plan.steps()))

    def listen(event: Event, /) -> None:
        with suppress(OSError):
            match event:
                case StepStarted(change, step):
                    bar.update(task, description=printable(f"{change.address}: {explain(step)}"))
                case StepDone():
                    bar.advance(task)
                case StepFailed():
                    bar.advance(task)
                    bar.console.print(event_line(event, Style()).rstrip(), markup=False)
                case _:
                    bar.console.print(event_line(event, Style()).rstrip(), markup=False)

    return listen
