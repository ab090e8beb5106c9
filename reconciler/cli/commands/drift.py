"""`kmsctl drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_CHANGES, EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "-f PATH [options]"
DESCRIPTION = """\
Report where the KMS no longer is what the manifests say: keys that were changed, that
are missing, that nothing declares any more, that await deletion, and aliases and
grants that somebody else made on your keys. Nothing is changed.

The exit code is 2 when there is drift."""
EXAMPLES = """\
  kmsctl drift -f keys/
  kmsctl drift -f keys/ --unmanaged --output json
  kmsctl drift -f keys/ --output sarif > drift.sarif"""


def add_arguments(parser: Parser) -> None:
    """What to compare, and how to show it."""
    from reconciler.cli import arguments

    arguments.add_manifests(parser)
    arguments.add_target(parser)
    parser.add_argument("--unmanaged", action="store_true", help="list the keys that no stack manages, too")
    arguments.add_output(parser, "text", "json", "markdown", "html", "sarif", "junit", "github")
    arguments.add_parallelism(parser)


def run(args: Namespace, context: Context) -> int:
    """Compare, and report."""
    from reconciler.cli.environment import environment_of
    from reconciler.cli.request import request_of
    from reconciler.cli.views import show
    from reconciler.workflow.drift import detect_drift
    from reconciler.workflow.session import open_session

    with open_session(request_of(args, context), environment_of(context)) as session:
        drift = detect_drift(session)
    show("drift", drift, args, context, list_unmanaged=args.unmanaged)
    return EXIT_CHANGES if drift.found else EXIT_DONE
