"""Who gains and who loses access by a plan, for machines: `schemas/access.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.plan.access.changed import access_of
from reconciler.plan.changes import Plan
from reconciler.report.json import accesschanges
from reconciler.report.json.encode import Json, document, resource, targets


def render(plan: Plan) -> str:
    """Every resource whose change gives or takes access, in the plan's order."""
    body = {"stack": plan.stack, "targets": targets(plan.accounts), "resources": list(_resources(plan))}
    return document("AccessDiff", body)


def _resources(plan: Plan) -> Iterator[Json]:
    for change in plan.effective:
        found = access_of(change, plan.accounts[change.address.target])
        if found:
            yield {
                "address": str(change.address),
                "resource": resource(change.address),
                "access": [accesschanges.encode(one, change.statement_positions) for one in found],
            }
