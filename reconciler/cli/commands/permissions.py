"""`kmsctl permissions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.workflow.session import Session

USAGE = "-f PATH [options]"
DESCRIPTION = """\
Print the IAM policy that a caller needs for these manifests: the actions that are
taken and the resources that they are taken on, and no more."""
EXAMPLES = """\
  kmsctl permissions -f keys/
  kmsctl permissions -f keys/ --for plan --target production > policy.json
  kmsctl permissions -f keys/ --for operator --stack prod.shop
  kmsctl permissions --for export --backend aws --region eu-central-1"""


def add_arguments(parser: Parser) -> None:
    """What is to be allowed."""
    from reconciler.cli import arguments

    parser.add_argument(
        "--for",
        dest="purpose",
        choices=("plan", "apply", "drift", "export", "operator"),
        default="apply",
        help="what the caller does: `plan` reads; `apply` (the default) plans and carries this plan out; `drift` and "
        "`export` read all keys; `operator` does whatever these manifests can take in their life",
    )
    arguments.add_manifests(parser)
    arguments.add_target(parser)
    arguments.add_prune(parser)
    arguments.add_parallelism(parser)


def run(args: Namespace, context: Context) -> int:
    """Plan, and print what that takes."""
    from reconciler.cli.environment import environment_of
    from reconciler.cli.request import request_of
    from reconciler.report.json.permissions import render
    from reconciler.workflow.session import open_session

    request = request_of(args, context, manifests_optional=args.purpose == "export")
    with open_session(request, environment_of(context)) as session:
        policy = _policy(session, args)
        undelegated = _undelegated(session)
    context.stdout.write(render(policy))
    context.stderr.write("".join(f"note: {line}\n" for line in undelegated))
    return EXIT_DONE


def _policy(session: Session, args: Namespace) -> dict[str, Any]:
    from reconciler.workflow.permissions import Purpose, permissions_for

    return permissions_for(session, Purpose(args.purpose), prune=args.prune)


def _undelegated(session: Session) -> tuple[str, ...]:
    from reconciler.workflow.permissions import undelegated

    return undelegated(session)
