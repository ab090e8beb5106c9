"""`kmsctl permissions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "-f PATH [options]"
DESCRIPTION = """\
Print the IAM policy that the caller needs to make this plan and to apply it: the
actions that it takes and the resources that it takes them on, and no more."""
EXAMPLES = """\
  kmsctl permissions -f keys/
  kmsctl permissions -f keys/ --target production > policy.json"""


def add_arguments(parser: Parser) -> None:
    """What is to be allowed."""
    from reconciler.cli import arguments

    arguments.add_manifests(parser)
    arguments.add_target(parser)
    arguments.add_prune(parser)
    arguments.add_parallelism(parser)


def run(args: Namespace, context: Context) -> int:
    """Plan, and print what that takes."""
    from reconciler.cli.environment import environment_of
    from reconciler.cli.request import request_of
    from reconciler.plan.options import PlanOptions
    from reconciler.plan.permissions import permissions
    from reconciler.report.json.permissions import render
    from reconciler.workflow.plan import make_plan
    from reconciler.workflow.session import open_session

    with open_session(request_of(args, context), environment_of(context)) as session:
        planned = make_plan(session, PlanOptions(prune=args.prune))
    context.stdout.write(render(permissions(planned.plan, planned.scopes)))
    return EXIT_DONE
