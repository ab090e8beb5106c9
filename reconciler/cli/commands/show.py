"""`kmsctl show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "[options]"
DESCRIPTION = """\
List the keys of the stack as they really are: state, aliases, rotation, grants.

Manifests are only read for the targets that they name."""
EXAMPLES = """\
  kmsctl show
  kmsctl show --all --output json
  kmsctl show -f keys/ --target production"""


def add_arguments(parser: Parser) -> None:
    """Which keys, and how to show them."""
    from reconciler.cli import arguments

    arguments.add_manifests(parser)
    arguments.add_target(parser)
    parser.add_argument("--all", action="store_true", help="the keys of other stacks and of nobody, too")
    arguments.add_output(parser, "text", "json", "markdown", "html")
    arguments.add_parallelism(parser)


def run(args: Namespace, context: Context) -> int:
    """Read, and list."""
    from reconciler.cli.environment import environment_of
    from reconciler.cli.request import request_of
    from reconciler.cli.views import show
    from reconciler.workflow.session import open_session
    from reconciler.workflow.show import list_keys

    request = request_of(args, context, manifests_optional=True)
    with open_session(request, environment_of(context)) as session:
        keys = list_keys(session, everyones=args.all)
    show("keys", keys, args, context)
    return EXIT_DONE
