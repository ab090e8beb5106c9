"""`kmsctl validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_DONE, EXIT_ERROR, InvalidInput

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "-f PATH [options]"
DESCRIPTION = """\
Check manifests without asking any KMS: syntax, fields, names, references, and whether
what they combine can be. Every error is shown, with its file, line and column."""
EXAMPLES = """\
  kmsctl validate -f keys/
  kmsctl validate -k overlays/prod
  kmsctl validate -f - --output json < keys.yaml"""


def add_arguments(parser: Parser) -> None:
    """What to check."""
    from reconciler.cli import arguments

    arguments.add_manifests(parser)
    parser.add_argument("--target", metavar="NAME", help="the run's Target, for resources that name none")
    arguments.add_output(parser, "text", "json")


def run(args: Namespace, context: Context) -> int:
    """Check, and say what was found."""
    from reconciler.cli.request import request_of
    from reconciler.cli.views import show_faults, show_valid
    from reconciler.workflow.validate import check

    try:
        desired = check(request_of(args, context))
    except InvalidInput as error:
        if args.output != "json":
            raise
        show_faults(error, context)
        return EXIT_ERROR
    show_valid(desired, args, context)
    return EXIT_DONE
