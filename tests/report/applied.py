"""What becomes of a plan, as events and as an outcome."""

from __future__ import annotations

from reconciler.apply.events import ChangeSkipped, StepDone, StepFailed, StepPaused, StepStarted, Stopping
from reconciler.apply.outcome import Outcome, Status, StepResult
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.model.identifiers import KeyId
from tests.report import samples
from tests.report.basics import LEDGER, ORDERS, key_id

DENIED = KmsError("AccessDeniedException", "not authorised to perform kms:PutKeyPolicy", operation="PutKeyPolicy")
CREATED, UPDATED, REPLACED = samples.created(), samples.updated(), samples.replaced()
ALIAS = samples.linked()[0]

EVENTS = (
    StepStarted(CREATED, CREATED.steps[0]),
    StepPaused(CREATED, CREATED.steps[0], 2.0, "the new key is not visible yet"),
    StepDone(CREATED, CREATED.steps[0], ("another apply was first",)),
    StepDone(CREATED, CREATED.steps[1]),
    StepFailed(UPDATED, UPDATED.steps[-1], DENIED),
    ChangeSkipped(ALIAS, ORDERS),
    Stopping(1),
)


def broken() -> Outcome:
    """An interrupted apply in which some steps failed, each in another way."""
    return Outcome(
        (
            StepResult(CREATED, CREATED.steps[0], Status.DONE, notes=("another apply was first",)),
            StepResult(CREATED, CREATED.steps[1], Status.FAILED, DENIED),
            StepResult(UPDATED, UPDATED.steps[0], Status.FAILED, AmbiguousOutcome("RequestTimeout", "no answer")),
            StepResult(UPDATED, UPDATED.steps[1], Status.FAILED, KmsError("OddException", "odd")),
            StepResult(
                UPDATED,
                UPDATED.steps[2],
                Status.FAILED,
                KmsctlError("the alias is somebody else's", why="it points to key x", fix="choose another name"),
            ),
            StepResult(UPDATED, UPDATED.steps[3], Status.FAILED, ValueError("hunter2")),
            StepResult(ALIAS, ALIAS.steps[0], Status.SKIPPED, because=ORDERS),
            StepResult(REPLACED, REPLACED.steps[0], Status.NOT_STARTED),
        ),
        {ORDERS: KeyId(key_id(1)), LEDGER: KeyId(key_id(2))},
        interrupted=True,
    )


def whole() -> Outcome:
    """All was done."""
    return Outcome(tuple(StepResult(CREATED, step, Status.DONE) for step in CREATED.steps), {ORDERS: KeyId(key_id(1))})
