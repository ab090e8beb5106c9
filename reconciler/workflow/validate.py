"""Validate: everything that can be said of manifests without a KMS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.diagnostics import Diagnostic, Severity
from reconciler.manifest.desire import desire, target_names
from reconciler.manifest.documents import in_file_order
from reconciler.manifest.resolve.where import whereabouts
from reconciler.model.accesstest import AccessTest
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.observed import Account
from reconciler.workflow.choice import chosen
from reconciler.workflow.request import Request

if TYPE_CHECKING:
    from reconciler.policy.access import Identities


def check(request: Request) -> DesiredState:
    """What the manifests declare, on accounts that nobody asked.

    Raises:
        InvalidInput: the manifests have errors.
        KmsctlError: there is no Target of the run's name.
    """
    choice, manifests = request.choice, request.manifests
    names = {RUN_TARGET, *chosen(manifests.targets, target_names(manifests), choice)}
    return desire(manifests, stack=request.stack, accounts=dict.fromkeys(names), run_target=choice.run_target)


def tested(request: Request, desired: DesiredState, identities: Identities | None) -> tuple[Diagnostic, ...]:
    """What the AccessTests among `desired` expect and is not so, by the manifests alone, and what is known of IAM.

    And a warning for each of which only a plan can tell all.
    """
    if not desired.tests:
        return ()
    from reconciler.plan.access.offline import judge

    manifests, run_target = request.manifests, request.choice.run_target
    where = whereabouts(target_names(manifests), manifests.targets, {}, run_target).values()
    accounts = {one.target: Account(one.account_id, one.region, one.partition, "") for one in where}
    found = judge(desired, accounts, {one.target for one in where if one.account_known}, identities)
    left = (_left(test, why) for test, why in found.left)
    return in_file_order((*(failure.diagnostic for failure in found.failures), *left), manifests.files)


def _left(test: AccessTest, why: str) -> Diagnostic:
    return Diagnostic(
        "left-to-plan",
        test.position,
        f"{test}: manifests alone do not tell all that it asks of {test.key}",
        why,
        "kmsctl plan and apply hold it against the account",
        Severity.WARNING,
    )
