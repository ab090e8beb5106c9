"""`kmsctl access diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_CHANGES, EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "-f PATH [options]"
DESCRIPTION = """\
Show who gains and who loses access by what apply would do, and nothing else of the
plan: every principal and action, under which conditions, by which statement or grant."""
EXAMPLES = """\
  kmsctl access diff -f keys/
  kmsctl access diff -f keys/ --output markdown
  kmsctl access diff -f keys/ --target production --detailed-exitcode"""


def add_arguments(parser: Parser) -> None:
    """Which plan."""
    from reconciler.cli import arguments

    arguments.add_manifests(parser)
    arguments.add_target(parser)
    arguments.add_output(parser, "text", "json", "markdown", "html")
    parser.add_argument(
        "--detailed-exitcode", action="store_true", help="exit with 2 when somebody gains or loses access"
    )
    arguments.add_prune(parser)
    arguments.add_parallelism(parser)


def run(args: Namespace, context: Context) -> int:
    """Plan, and show who gains and loses."""
    from reconciler.cli.environment import environment_of
    from reconciler.cli.request import request_of
    from reconciler.cli.views import show
    from reconciler.plan.options import PlanOptions
    from reconciler.report.accesslines import access_blocks
    from reconciler.workflow.plan import make_plan
    from reconciler.workflow.session import open_session

    with open_session(request_of(args, context), environment_of(context)) as session:
        plan = make_plan(session, PlanOptions(prune=args.prune)).plan
    show("access_diff", plan, args, context)
    return EXIT_CHANGES if args.detailed_exitcode and access_blocks(plan) else EXIT_DONE
