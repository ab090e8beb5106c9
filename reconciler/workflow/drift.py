"""Drift: where the KMS no longer is what the manifests say."""

from __future__ import annotations

from reconciler.plan.drift import Drift, drift_of
from reconciler.plan.options import PlanOptions
from reconciler.workflow.plan import make_plan
from reconciler.workflow.session import Session


def detect_drift(session: Session) -> Drift:
    """The drift of the session's stack, and the keys beside it that nobody manages.

    Raises:
        KmsError: a target refused to be read.
    """
    planned = make_plan(session, PlanOptions(), everything=True)
    return drift_of(planned.plan, planned.observed, session.desired)
