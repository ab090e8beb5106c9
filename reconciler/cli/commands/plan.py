"""`kmsctl plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_CHANGES, EXIT_DONE, EXIT_REFUSED

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.apply.rehearsal import Rehearsal
    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.plan.changes import Plan
    from reconciler.plan.options import PlanOptions
    from reconciler.plan.risk.guard import Refusal
    from reconciler.policy.access import Identities
    from reconciler.workflow.plan import Planned
    from reconciler.workflow.session import Session

USAGE = "-f PATH [options]"
DESCRIPTION = """\
Show what apply would change, why, what it costs and what could go wrong. Nothing is
changed.

With --rehearse the plan is then carried out on a copy of the account, made in this
process from what may be read of it: which step KMS would refuse and in which words,
how long apply takes under AWS's quotas, and whether anything is left to do after it.

The exit code is 3 when the manifests ask for what cannot be done, or the rehearsal
fails. With --detailed-exitcode it is 2 when there are changes, and 3 when apply would
refuse them."""
EXAMPLES = """\
  kmsctl plan -f keys/
  kmsctl plan -f keys/ --target production --output markdown
  kmsctl plan -f keys/ -o plan.json && kmsctl apply plan.json
  kmsctl plan -f keys/ --rehearse --iam
  kustomize build overlays/prod | kmsctl plan -f -"""


def add_arguments(parser: Parser) -> None:
    """What to plan, and how to show it."""
    from reconciler.cli import arguments
    from reconciler.cli.iam import add_iam
    from reconciler.cli.values import said

    arguments.add_manifests(parser)
    arguments.add_target(parser)
    parser.add_argument("-o", "--out", metavar="FILE", type=said, help="save the plan, for `kmsctl apply FILE`")
    arguments.add_output(parser, "text", "json", "markdown", "html")
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit with 2 when there are changes")
    parser.add_argument("--rehearse", action="store_true", help="carry the plan out on a copy of the account")
    arguments.add_prune(parser)
    arguments.add_allow(parser)
    arguments.add_parallelism(parser)
    add_iam(parser, "the accounts of tested keys, or of all with --rehearse")


def run(args: Namespace, context: Context) -> int:
    """Plan, and show it."""
    from reconciler.cli.environment import environment_of
    from reconciler.cli.output import save
    from reconciler.cli.refusals import judged, remedy
    from reconciler.cli.request import request_of
    from reconciler.plan.options import PlanOptions
    from reconciler.plan.saved.planfile import dump
    from reconciler.workflow.plan import make_plan, saved
    from reconciler.workflow.session import open_session

    _must_be_a_file(args.out)
    with open_session(request_of(args, context), environment_of(context)) as session:
        options = PlanOptions(prune=args.prune, identities=_known(args, context, session))
        planned = make_plan(session, options)
        if args.out:
            save(args.out, dump(saved(planned, session)))
        rehearsal = _rehearsed(session, planned, options, context) if args.rehearse else None
    _show(planned.plan, rehearsal, args, context)
    refusals = judged(planned.plan, args.allow, context)
    if refusals:
        context.stderr.write(f"apply will refuse this plan; {remedy(refusals)}\n")
    if args.out:
        _tell_saved(args.out, context)
    if rehearsal is not None and not rehearsal.ok:
        return EXIT_REFUSED
    return _exit_code(planned.plan, refusals, detailed=args.detailed_exitcode)


def _known(args: Namespace, context: Context, session: Session) -> Identities:
    """What is known of IAM: where access is tested, or, for a rehearsal, everywhere."""
    from reconciler.cli.iam import identities_for, identities_of
    from reconciler.policy.access import Identities

    if not args.rehearse:
        return identities_for(session.desired.tests, args, context, session)
    return identities_of(args, context, session, session.connections) or Identities()


def _rehearsed(session: Session, planned: Planned, options: PlanOptions, context: Context) -> Rehearsal | None:
    """What became of the plan on a copy; None when something in it is blocked."""
    from reconciler.workflow.rehearse.run import rehearse

    if planned.plan.blocked:
        context.stderr.write("the plan is not rehearsed: something in it is blocked\n")
        return None
    return rehearse(session, planned, options)


def _show(plan: Plan, rehearsal: Rehearsal | None, args: Namespace, context: Context) -> None:
    """The plan, and its rehearsal: on a terminal below it, elsewhere within it."""
    from reconciler.cli.views import show

    if args.output == "text":
        show("plan", plan, args, context)
        if rehearsal is not None:
            context.stdout.write("\n")
            show("rehearsal", rehearsal, args, context)
    else:
        show("plan", plan, args, context, rehearsal=rehearsal)
    context.stdout.flush()


def _must_be_a_file(out: str | None) -> None:
    """Saving to a file called `json` is what nobody means who writes `-o json`."""
    from reconciler.cli.mistakes import meant_file
    from reconciler.cli.parser import UsageError

    meant = meant_file(out or "")
    if meant:
        raise UsageError(f"-o {out} is no file to save the plan in", fix=meant)


def _tell_saved(out: str, context: Context) -> None:
    from shlex import quote

    from reconciler.kit.printable import printable

    context.stderr.write(f"saved: kmsctl apply {printable(quote(out))}\n")


def _exit_code(plan: Plan, refusals: tuple[Refusal, ...], *, detailed: bool) -> int:
    if any(refusal.allow is None for refusal in refusals):
        return EXIT_REFUSED
    if not detailed:
        return EXIT_DONE
    if refusals:
        return EXIT_REFUSED
    return EXIT_CHANGES if plan.effective else EXIT_DONE
