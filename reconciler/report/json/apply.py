"""An apply for machines, as JSON Lines: first the plan, then a record for every event, at the end the outcome.

`schemas/apply.schema.json` has the shape of a record.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from reconciler.apply.events import ChangeSkipped, Event, StepDone, StepFailed, StepPaused, StepStarted, Stopping
from reconciler.apply.outcome import Outcome, Status, StepResult
from reconciler.plan.changes import Change, Plan
from reconciler.plan.explain import explain
from reconciler.plan.steps import Step
from reconciler.report.failures import failure_of
from reconciler.report.json.encode import FORMAT_VERSION, Json, instant, line
from reconciler.report.json.plan import encoded


def plan_line(plan: Plan, at: datetime) -> str:
    """The first record, made `at`: what is about to be done."""
    whole = {"formatVersion": FORMAT_VERSION, "kind": "Plan", **encoded(plan)}
    return line({"formatVersion": FORMAT_VERSION, "at": instant(at), "event": "planned", "plan": whole})


def event_line(event: Event, at: datetime) -> str:
    """`event`, which happened `at`, on one line."""
    return line({"formatVersion": FORMAT_VERSION, "at": instant(at), **_event(event)})


def render(outcome: Outcome, at: datetime) -> str:
    """The last record, made `at`."""
    return line(
        {
            "formatVersion": FORMAT_VERSION,
            "at": instant(at),
            "event": "outcome",
            "ok": outcome.ok,
            "interrupted": outcome.interrupted,
            "counts": {str(status): sum(r.status is status for r in outcome.steps) for status in Status},
            "steps": [_result(result) for result in outcome.steps],
            "created": {str(address): key_id for address, key_id in sorted(outcome.created.items())},
        }
    )


def _event(event: Event) -> Json:
    match event:
        case StepStarted(change, step):
            return {"event": "step-started", **_step(change, step)}
        case StepPaused(change, step, seconds, why):
            return {"event": "step-paused", **_step(change, step), "seconds": seconds, "why": why}
        case StepDone(change, step, notes):
            return {"event": "step-done", **_step(change, step), "notes": list(notes)}
        case StepFailed(change, step, error):
            return {"event": "step-failed", **_step(change, step), "error": _error(error)}
        case ChangeSkipped(change, because):
            return {"event": "change-skipped", "address": str(change.address), "because": str(because)}
        case Stopping(in_flight):
            return {"event": "stopping", "inFlight": in_flight}
        case _:
            assert_never(event)


def _step(change: Change, step: Step) -> Json:
    return {"address": str(change.address), "step": type(step).__name__, "summary": explain(step)}


def _result(result: StepResult) -> Json:
    encoded = {**_step(result.change, result.step), "status": str(result.status), "notes": list(result.notes)}
    if result.status is Status.FAILED:
        encoded["error"] = _error(result.error)
    if result.because:
        encoded["because"] = str(result.because)
    return encoded


def _error(error: BaseException | None) -> Json:
    failure = failure_of(error)
    return {"code": failure.code, "what": failure.what, "why": failure.why, "fix": failure.fix}
