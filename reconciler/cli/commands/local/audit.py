"""`kmsctl local audit`."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from reconciler.cli.values import account, positive, region
from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.engine.engine import Engine

USAGE = "[--event NAME] [--resource ARN] [--failed] [--follow] [options]"
DESCRIPTION = """\
Print the record of calls to the bundled KMS, oldest first, as CloudTrail would have
it. It holds no plaintext, no ciphertext and no key material. With --follow it goes on
with what any process calls, about a second later, until Ctrl-C."""
EXAMPLES = """\
  kmsctl local audit --limit 10
  kmsctl local audit --event Decrypt --output json
  kmsctl local audit --follow --failed"""
POLL = 0.5
"""Seconds between two looks at the record."""


def add_arguments(parser: Parser) -> None:
    """Which events."""
    from reconciler.cli.arguments import add_output

    parser.add_argument("--event", metavar="NAME", help="only calls of this operation, e.g. CreateKey")
    parser.add_argument("--resource", metavar="ARN", help="only calls about the key or alias with this ARN")
    parser.add_argument("--account", metavar="ID", type=account, help="only calls that this account made")
    parser.add_argument("--region", metavar="REGION", type=region, help="only calls in this Region")
    parser.add_argument("--failed", action="store_true", help="only calls that were refused or failed")
    parser.add_argument("--limit", metavar="N", type=positive, help="only the last N; with --follow, to begin with")
    parser.add_argument("--follow", action="store_true", help="go on with what is called from now on")
    add_output(parser, "text", "json")


def run(args: Namespace, context: Context) -> int:
    """Print them; JSON is one event a line."""
    from reconciler.cli.environment import environment_of
    from reconciler.workflow.local import open_engine

    with open_engine(environment_of(context)) as engine:
        if args.follow:
            return _follow(args, context, engine)
        events: Iterable[dict[str, Any]] = engine.events(
            account=args.account, region=args.region, name=args.event, resource=args.resource
        )
        events = _failed(events) if args.failed else events
        _print(deque(events, maxlen=args.limit) if args.limit else events, args, context)
    return EXIT_DONE


def _follow(args: Namespace, context: Context, engine: Engine) -> int:
    """Print what there is, and what comes, in the order in which it is written; Ctrl-C ends it well."""
    clock, place, begun = context.clock(), 0, deque[dict[str, Any]](maxlen=args.limit)
    try:
        for place, events in _written(args, engine, 0):  # noqa: B007  what follows begins there
            begun.extend(events)
        _print(begun, args, context)
        while True:
            context.stdout.flush()
            clock.sleep(POLL)
            for behind, events in _written(args, engine, place):
                place = behind
                _print(events, args, context)
    except KeyboardInterrupt:
        return EXIT_DONE


def _written(args: Namespace, engine: Engine, place: int) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """What was written behind `place`, page by page, each with the place behind it."""
    from reconciler.engine.store.events import EventFilter

    equal = {"name": args.event} if args.event else None
    wanted = EventFilter(account=args.account, region=args.region, equal=equal, resource=args.resource)
    while True:
        behind, events = engine.written(wanted, place)
        yield behind, list(_failed(events)) if args.failed else events
        if behind <= place:
            return
        place = behind


def _failed(events: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (event for event in events if "errorCode" in event)


def _print(events: Iterable[dict[str, Any]], args: Namespace, context: Context) -> None:
    from reconciler.cli.events import event_lines
    from reconciler.report.json.encode import line

    context.stdout.writelines(map(line, events) if args.output == "json" else event_lines(events))
