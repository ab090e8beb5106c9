"""`kmsctl local audit`."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "[--event NAME] [--resource ARN] [--limit N] [--output FORMAT]"
DESCRIPTION = """\
Print the record of calls to the bundled KMS, oldest first, as CloudTrail would have
it. It holds no plaintext, no ciphertext and no key material."""
EXAMPLES = """\
  kmsctl local audit --limit 10
  kmsctl local audit --event Decrypt --output json"""


def add_arguments(parser: Parser) -> None:
    """Which events."""
    from reconciler.cli.arguments import add_output

    parser.add_argument("--event", metavar="NAME", help="only calls of this operation, e.g. CreateKey")
    parser.add_argument("--resource", metavar="ARN", help="only calls about the key or alias with this ARN")
    parser.add_argument("--limit", metavar="N", type=_limit, help="only the last N")
    add_output(parser, "text", "json")


def run(args: Namespace, context: Context) -> int:
    """Print them; JSON is one event a line."""
    from reconciler.cli.environment import environment_of
    from reconciler.report.json.encode import line
    from reconciler.workflow.local import open_engine

    with open_engine(environment_of(context)) as engine:
        events: Iterable[dict[str, Any]] = engine.events(name=args.event, resource=args.resource)
        if args.limit:
            events = deque(events, maxlen=args.limit)
        context.stdout.writelines(map(line, events) if args.output == "json" else _table(events))
    return EXIT_DONE


def _table(events: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    from reconciler.kit.printable import printable

    for event in events:
        outcome = event.get("errorCode", "ok")
        caller = event["userIdentity"].get("arn", "")
        resources = ", ".join(resource["ARN"] for resource in event.get("resources") or ())
        cells = (event["eventTime"], f"{event['eventName']:<28}", f"{outcome:<24}", caller, resources)
        yield "  ".join(map(printable, cells)).rstrip() + "\n"


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)
