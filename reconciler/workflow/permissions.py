"""The IAM policy that a caller of kmsctl needs, by what the caller does."""

from __future__ import annotations

import enum
from typing import Any

from reconciler.plan.options import PlanOptions
from reconciler.plan.permissions import export_permissions, permissions, standing_permissions, undelegated_keys
from reconciler.workflow.plan import make_plan
from reconciler.workflow.session import Session


class Purpose(enum.Enum):
    """What a caller does with manifests."""

    PLAN = "plan"
    APPLY = "apply"
    DRIFT = "drift"
    EXPORT = "export"
    OPERATOR = "operator"


def permissions_for(session: Session, purpose: Purpose, *, prune: bool = False) -> dict[str, Any]:
    """An IAM policy document, JSON-shaped: no action more than `purpose` takes, and on nothing more.

    Raises:
        KmsError: a target refused to be read; for the operator and an export nothing is read.
    """
    if purpose is Purpose.EXPORT:
        return export_permissions(session.desired.stack, session.accounts.values())
    if purpose is Purpose.OPERATOR:
        return standing_permissions(session.desired, session.accounts)
    planned = make_plan(session, PlanOptions(prune=prune), everything=purpose is Purpose.DRIFT)
    applies = purpose is Purpose.APPLY
    return permissions(planned.plan, planned.observed, session.desired, planned.scopes, apply=applies)


def undelegated(session: Session) -> tuple[str, ...]:
    """What is to be said of declared keys whose policies leave nothing to IAM."""
    addresses = undelegated_keys(session.desired, session.accounts)
    return tuple(
        f"the policy of {address} does not leave its account's IAM policies to decide: the caller must be named in it, "
        "and what is printed counts for that key only where its policy agrees"
        for address in addresses
    )
