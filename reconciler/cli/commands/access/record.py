"""`kmsctl access record`."""

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
Print an AccessTest of what is true of a key: what everybody who is named may do, and
what they and strangers may not. It passes as long as nothing of that changes.

With -f the key is asked about as the plan would leave it, without as it is. What the
key leaves to IAM policies is neither allowed nor denied, and told in a comment."""
EXAMPLES = """\
  kmsctl access record orders > orders-access.yaml
  kmsctl access record orders -f keys/ > keys/orders-access.yaml
  kmsctl access record alias/orders --target production"""


def add_arguments(parser: Parser) -> None:
    """Which key."""
    from reconciler.cli import arguments
    from reconciler.cli.commands.access import shared

    parser.add_argument("key", metavar="KEY", type=said, help=shared.KEY_HELP)
    shared.add_place(parser)
    arguments.add_parallelism(parser)


def run(args: Namespace, context: Context) -> int:
    """Print it."""
    from reconciler.cli.commands.access.shared import is_planned
    from reconciler.cli.environment import environment_of
    from reconciler.cli.request import request_of
    from reconciler.report.yaml.access_record import render
    from reconciler.workflow.access.find import find_key
    from reconciler.workflow.access.record import recorded
    from reconciler.workflow.session import open_session

    request = request_of(args, context, manifests_optional=not is_planned(args))
    with open_session(request, environment_of(context)) as session:
        found = find_key(session, args.key, planned=is_planned(args))
    context.stdout.write(render(recorded(found)))
    return EXIT_DONE
