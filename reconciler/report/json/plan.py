"""A plan for machines: `schemas/plan.schema.json`. It is for reading; what `apply` takes is the saved plan."""

from __future__ import annotations

from reconciler.apply.rehearsal import Rehearsal
from reconciler.kit.absent import ABSENT
from reconciler.model.address import Address
from reconciler.model.observed import Account
from reconciler.plan.access.changed import access_of
from reconciler.plan.changes import Action, Change, FieldChange, Plan, Risk
from reconciler.plan.explain import explain
from reconciler.report.fieldlines import is_policy
from reconciler.report.json import accesschanges, policy
from reconciler.report.json import rehearsal as rehearsals
from reconciler.report.json.encode import Json, document, position, present, resource, targets
from reconciler.report.policylines import Place, difference
from reconciler.report.words import counts, hint, level


def render(plan: Plan, rehearsal: Rehearsal | None = None) -> str:
    """The whole plan, resources in which nothing differs included; and its rehearsal, if there was one."""
    rehearsed = {"rehearsal": rehearsals.encode(rehearsal)} if rehearsal else {}
    return document("Plan", encoded(plan) | rehearsed)


def encoded(plan: Plan) -> Json:
    """What `render` says, but version and kind."""
    found = counts(plan)
    return {
        "stack": plan.stack,
        "targets": targets(plan.accounts),
        "desiredDigest": plan.desired_digest,
        "summary": {str(action): found[action] for action in Action},
        "applicable": not plan.blocked,
        "changes": [_change(change, plan.accounts[change.address.target]) for change in plan.changes],
        "cost": {"currency": "USD", "per": "month", "before": plan.cost.before, "after": plan.cost.after},
    }


def _change(change: Change, account: Account) -> Json:
    return {
        "address": str(change.address),
        "resource": resource(change.address),
        "action": str(change.action),
        "reason": str(change.reason),
        "detail": change.detail,
        "resourceId": change.resource_id,
        "position": position(change.position),
        "fields": [_field(field, Place(account, change.resource_id)) for field in change.fields],
        "steps": [{"step": type(step).__name__, "summary": explain(step)} for step in change.steps],
        "dependsOn": [str(other) for other in change.depends_on],
        "risks": [_risk(risk, change.address) for risk in change.risks],
        "access": [accesschanges.encode(one, change.statement_positions) for one in access_of(change, account)],
    }


def _field(field: FieldChange, place: Place) -> Json:
    encoded: Json = {"path": field.path, "sensitive": field.sensitive, "cosmetic": field.cosmetic}
    if field.sensitive:
        return encoded
    encoded |= present({"before": field.before, "after": field.after})
    if is_policy(field) and field.before is not ABSENT and field.after is not ABSENT:
        encoded["policy"] = policy.encode(difference(field.before, field.after, place))
    return encoded


def _risk(risk: Risk, of: Address) -> Json:
    return {"level": level(risk), "name": risk.name, "why": risk.why, "remedy": hint(risk, of)}
