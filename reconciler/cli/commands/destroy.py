"""`kmsctl destroy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "[options]"
DESCRIPTION = """\
Give up the whole stack, as if nothing were declared any more. No key is deleted at
once: each goes as its `deletion` says, which is kept on the key itself. `Retain` lets
go of the key and leaves it working; `Schedule` schedules its deletion, and is refused
while the key is in use. A protected key refuses everything.

Manifests are only read for the targets that they name, and for the keys outside the
stack that they make grants on."""
EXAMPLES = """\
  kmsctl destroy --stack demo
  kmsctl destroy -f keys/ --target development"""


def add_arguments(parser: Parser) -> None:
    """Whose keys, where."""
    from reconciler.cli import arguments

    arguments.add_manifests(parser)
    arguments.add_target(parser)
    arguments.add_approval(parser)
    arguments.add_output(parser, "text", "json")
    arguments.add_allow(parser)
    arguments.add_parallelism(parser)


def run(args: Namespace, context: Context) -> int:
    """Plan it, ask, and do it."""
    from reconciler.cli.changes import approve_and_apply
    from reconciler.cli.environment import environment_of
    from reconciler.cli.request import request_of
    from reconciler.plan.options import PlanOptions
    from reconciler.workflow.plan import make_plan, saved
    from reconciler.workflow.session import open_session

    request = request_of(args, context, manifests_optional=True)
    with open_session(request, environment_of(context)) as session:
        destroying = session.destroying()
        planned = make_plan(destroying, PlanOptions(prune=True, destroy=True))
        return approve_and_apply(saved(planned, destroying), destroying, args, context)
