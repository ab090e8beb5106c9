"""What apply and destroy share: show the plan, ask the guard, ask the user, carry it out, say what became of it."""

from __future__ import annotations

from argparse import Namespace

from reconciler.apply.outcome import Outcome
from reconciler.cli.context import Context
from reconciler.cli.places import in_short
from reconciler.cli.progress import progress
from reconciler.cli.prompt import confirm
from reconciler.cli.refusals import judged, refusal_of
from reconciler.cli.signals import interruptible
from reconciler.cli.views import show
from reconciler.kit.errors import EXIT_DONE, EXIT_ERROR
from reconciler.plan.changes import Plan
from reconciler.plan.saved.planfile import SavedPlan
from reconciler.workflow.apply import carry_out, must_be_fresh
from reconciler.workflow.session import Session


def approve_and_apply(saved: SavedPlan, session: Session, args: Namespace, context: Context) -> int:
    """Apply the plan if the guard and the user let it; the exit code.

    Raises:
        Refused: the guard refuses, or the account has changed while the user was thinking.
        KmsctlError: there is nobody to ask.
    """
    _show(saved.plan, args, context)
    refusals = judged(saved.plan, args.allow, context)
    if refusals:
        raise refusal_of(refusals)
    if saved.plan.effective and not args.auto_approve:
        if not confirm(f"Make these changes {in_short(saved.targets, session.accounts)}?", context):
            context.stderr.write("nothing was changed\n")
            return EXIT_ERROR
        must_be_fresh(session, saved)
    return _apply(saved.plan, session, args, context)


def _show(plan: Plan, args: Namespace, context: Context) -> None:
    if args.output == "json":
        from reconciler.report.json.apply import plan_line

        context.stdout.write(plan_line(plan, context.clock().now()))
    else:
        show("plan", plan, args, context)


def _apply(plan: Plan, session: Session, args: Namespace, context: Context) -> int:
    context.stdout.flush()  # nothing is changed unless the plan could be printed
    with interruptible(context.stderr) as interruption, progress(plan, args, context) as listener:
        outcome = carry_out(session, plan, listener=listener, interrupt=interruption.event)
    _conclude(outcome, args, context)
    if outcome.interrupted and interruption.exit_code is not None:
        return interruption.exit_code
    return EXIT_DONE if outcome.ok else EXIT_ERROR


def _conclude(outcome: Outcome, args: Namespace, context: Context) -> None:
    if args.output == "json":
        show("apply", outcome, args, context, at=context.clock().now())
    elif outcome.steps:
        context.stdout.write("\n")
        show("apply", outcome, args, context)
