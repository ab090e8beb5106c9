"""A rehearsal for machines: `rehearsal` of `schemas/plan.schema.json`."""

from __future__ import annotations

from reconciler.apply.outcome import Status, StepResult
from reconciler.apply.rehearsal import Rehearsal
from reconciler.plan.explain import explain
from reconciler.report.json.encode import Json, position
from reconciler.report.rehearsed import cause


def encode(rehearsal: Rehearsal) -> Json:
    """All of it."""
    outcome, remaining = rehearsal.outcome, rehearsal.remaining
    return {
        "ok": rehearsal.ok,
        "counts": {str(status): sum(one.status is status for one in outcome.steps) for status in Status},
        "seconds": round(rehearsal.seconds, 3),
        "calls": [
            {"operation": one.operation, "count": one.count, "waitedSeconds": round(one.waited, 3)}
            for one in rehearsal.calls
        ],
        "failures": [_failure(result) for result in outcome.failed],
        "skipped": [{**_step(result), "because": str(result.because)} for result in outcome.skipped],
        "leftOut": [{"address": str(one.address), "why": one.why} for one in rehearsal.left_out],
        "differences": list(rehearsal.differences),
        "remaining": None
        if remaining is None
        else [{"address": str(one.address), "action": str(one.action)} for one in remaining],
    }


def _failure(result: StepResult) -> Json:
    found = cause(result)
    told = {"code": found.code, "what": found.what, "why": found.why, "fix": found.fix}
    return {**_step(result), "position": position(result.change.position), "error": told}


def _step(result: StepResult) -> Json:
    step = type(result.step).__name__
    return {"address": str(result.change.address), "step": step, "summary": explain(result.step)}
