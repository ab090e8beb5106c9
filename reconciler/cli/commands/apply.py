"""`kmsctl apply`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import said

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "(-f PATH | PLAN) [options]"
DESCRIPTION = """\
Make the KMS what the manifests say, or carry out a plan that was saved.

The plan is shown first, and somebody has to approve it: on the terminal, or with -y.
A saved plan is refused when anything that it touches has changed since, when it was
edited, or when it is another account's. Ctrl-C finishes the calls in flight and prints
what was done; applying again goes on from there."""
EXAMPLES = """\
  kmsctl apply -f keys/
  kmsctl apply -f keys/ -y --allow key-in-use:Key/legacy
  kmsctl apply plan.json -y"""


def add_arguments(parser: Parser) -> None:
    """What to apply, and how."""
    from reconciler.cli import arguments
    from reconciler.cli.iam import add_iam

    parser.add_argument("plan", metavar="PLAN", nargs="?", type=said, help="a plan that `kmsctl plan -o PLAN` saved")
    arguments.add_manifests(parser)
    arguments.add_target(parser)
    arguments.add_approval(parser)
    arguments.add_output(parser, "text", "json")
    arguments.add_prune(parser)
    arguments.add_allow(parser)
    arguments.add_parallelism(parser)
    add_iam(parser, "the accounts of tested keys")


def run(args: Namespace, context: Context) -> int:
    """Apply a saved plan, or what the manifests say."""
    return _saved(args, context) if args.plan is not None else _manifests(args, context)


def _manifests(args: Namespace, context: Context) -> int:
    from reconciler.cli.changes import approve_and_apply
    from reconciler.cli.environment import environment_of
    from reconciler.cli.iam import identities_for
    from reconciler.cli.request import request_of
    from reconciler.plan.options import PlanOptions
    from reconciler.workflow.plan import make_plan, saved
    from reconciler.workflow.session import open_session

    with open_session(request_of(args, context), environment_of(context)) as session:
        known = identities_for(session.desired.tests, args, context, session)
        planned = make_plan(session, PlanOptions(prune=args.prune, identities=known))
        return approve_and_apply(saved(planned, session), session, args, context)


def _saved(args: Namespace, context: Context) -> int:
    from reconciler.cli.changes import approve_and_apply
    from reconciler.cli.environment import environment_of
    from reconciler.cli.iam import identities_for
    from reconciler.cli.places import places
    from reconciler.cli.savedplan import read_plan
    from reconciler.plan.options import PlanOptions
    from reconciler.workflow.apply import open_saved, vetted

    _nothing_else(args)
    saved = read_plan(args.plan)
    with open_saved(saved, environment_of(context), parallelism=args.parallelism) as session:
        context.stderr.write(places(saved.targets, session.accounts))
        options = PlanOptions(identities=identities_for(saved.plan.tests, args, context, session))
        return approve_and_apply(vetted(session, saved, options), session, args, context)


def _nothing_else(args: Namespace) -> None:
    """A saved plan says everything; what contradicts it is a mistake."""
    from reconciler.cli.parser import UsageError

    said = {
        "-f": args.filename,
        "-k": args.kustomize,
        "--stack": args.stack,
        "--target": args.target,
        "--backend": args.backend,
        "--endpoint-url": args.endpoint_url,
        "--profile": args.profile,
        "--region": args.region,
        "--prune": args.prune,
    }
    for option, value in said.items():
        if value:
            raise UsageError(
                f"{option} cannot be given with a saved plan",
                why="a saved plan says itself what is changed, and where",
                fix="leave it away, or make another plan with it: kmsctl plan -o FILE",
            )
