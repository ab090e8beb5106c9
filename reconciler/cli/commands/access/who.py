"""`kmsctl access who`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import said
from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "KEY [options]"
DESCRIPTION = """\
List everybody who may do something with a key: by which statement or grant, and
under which conditions.

With -f the key is asked about as the plan would leave it, without as it is. What
the key leaves to IAM policies is listed under their account, unless they are known."""
EXAMPLES = """\
  kmsctl access who alias/orders
  kmsctl access who orders -f keys/ --action kms:Decrypt
  kmsctl access who orders --iam --action 'Generate*' --output json"""


def add_arguments(parser: Parser) -> None:
    """Which key, and which actions."""
    from reconciler.cli import arguments
    from reconciler.cli.commands.access import shared

    parser.add_argument("key", metavar="KEY", type=said, help=shared.KEY_HELP)
    parser.add_argument(
        "--action",
        metavar="ACTION",
        type=said,
        action="append",
        default=[],
        help="only this action, or those of a pattern such as kms:Generate*; repeatable",
    )
    shared.add_state(parser)
    arguments.add_output(parser, "text", "json", "markdown", "html")
    arguments.add_parallelism(parser)


def run(args: Namespace, context: Context) -> int:
    """List."""
    from reconciler.cli.commands.access.shared import identities_of, is_planned
    from reconciler.cli.environment import environment_of
    from reconciler.cli.request import request_of
    from reconciler.cli.views import show
    from reconciler.workflow.access.ask import everybody
    from reconciler.workflow.access.find import find_key
    from reconciler.workflow.session import open_session

    request = request_of(args, context, manifests_optional=not is_planned(args))
    with open_session(request, environment_of(context)) as session:
        found = find_key(session, args.key, planned=is_planned(args))
        shown = everybody(found, args.action, identities_of(args, context, session, found))
    show("access_who", shown, args, context)
    return EXIT_DONE
