"""`kmsctl cost`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "-f PATH [options]"
DESCRIPTION = """\
Estimate what the keys of the stack cost a month: each key now, and all of them after
apply. Requests are not counted."""
EXAMPLES = """\
  kmsctl cost -f keys/
  kmsctl cost -f keys/ --output json"""


def add_arguments(parser: Parser) -> None:
    """Which keys, and how to show it."""
    from reconciler.cli import arguments

    arguments.add_manifests(parser)
    arguments.add_target(parser)
    arguments.add_output(parser, "text", "json", "markdown", "html")
    arguments.add_parallelism(parser)


def run(args: Namespace, context: Context) -> int:
    """Plan, and price it."""
    from reconciler.cli.environment import environment_of
    from reconciler.cli.request import request_of
    from reconciler.cli.views import show
    from reconciler.workflow.cost import estimate
    from reconciler.workflow.session import open_session

    with open_session(request_of(args, context), environment_of(context)) as session:
        costs = estimate(session)
    show("cost", costs, args, context)
    return EXIT_DONE
