"""`kmsctl local advance`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import duration, instant
from reconciler.kit.errors import EXIT_DONE, KmsctlError

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime, timedelta

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "(DURATION | --to INSTANT) [--output FORMAT]"
DESCRIPTION = """\
Move the time of the bundled KMS forward, for every process that uses its data, and
print what happened: automatic rotations, expiries and deletions, each at the instant
at which it was due. There is no way back: what was deleted cannot be restored."""
EXAMPLES = """\
  kmsctl local advance 400d
  kmsctl local advance 12h
  kmsctl local advance P1DT12H
  kmsctl local advance --to 2027-01-01"""


def add_arguments(parser: Parser) -> None:
    """How far."""
    from reconciler.cli.arguments import add_output

    parser.add_argument(
        "by", metavar="DURATION", nargs="?", type=duration, help="how far: 400d, 12h, 90m, or ISO 8601 (P1DT12H)"
    )
    parser.add_argument(
        "--to", metavar="INSTANT", type=instant, help="how far: to a date or instant of ISO 8601, in UTC by default"
    )
    add_output(parser, "text", "json")


def run(args: Namespace, context: Context) -> int:
    """Advance, and tell."""
    from reconciler.cli.environment import environment_of
    from reconciler.cli.events import event_lines
    from reconciler.report.json.encode import readable
    from reconciler.workflow.local import advance, open_engine

    if (args.by is None) == (args.to is None):
        raise KmsctlError("it is not clear how far", fix="give a duration such as 400d, or --to with an instant")
    with open_engine(environment_of(context)) as engine:
        advanced = advance(engine, args.by if args.to is None else args.to - engine.now())
    if args.output == "json":
        told = {"from": _text(advanced.start), "to": _text(advanced.end), "events": advanced.events}
        context.stdout.write(readable(told))
        return EXIT_DONE
    context.stdout.writelines(event_lines(advanced.events))
    context.stdout.write(f"It is {_text(advanced.end)} now, {_told(advanced.end - advanced.start)} later.\n")
    return EXIT_DONE


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _told(by: timedelta) -> str:
    """A duration, as options take it."""
    seconds = round(by.total_seconds())
    parts = ((seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return " ".join(f"{count}{unit}" for count, unit in parts if count) or "less than a second"
