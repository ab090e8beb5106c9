"""What became of a plan: every step has exactly one status."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.address import Address
from reconciler.model.identifiers import KeyId
from reconciler.plan.changes import Change
from reconciler.plan.steps import Step


class Status(enum.StrEnum):
    """What became of one step."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Something that it depends on failed."""
    NOT_STARTED = "not-started"
    """The run was interrupted before its turn."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step and what became of it."""

    change: Change
    step: Step
    status: Status
    error: BaseException | None = None
    """Of a failed step: a `KmsError` (the KMS said no), a `KmsctlError` (told to a person), or a fault of ours."""
    because: Address | None = None
    """Of a skipped step: what failed."""
    notes: tuple[str, ...] = ()
    """Of a step that is done: what a person should know about how."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of every step, in an order that depends on nothing but the plan."""

    steps: tuple[StepResult, ...] = ()
    created: Mapping[Address, KeyId] = field(default_factory=dict)
    """The key that each `CreateKey` or `ReplicateKey` ended with; where another apply was first, that one's."""
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        """Whether everything was done."""
        return all(result.status is Status.DONE for result in self.steps)

    @property
    def done(self) -> tuple[StepResult, ...]:
        """Steps that took effect."""
        return self._having(Status.DONE)

    @property
    def failed(self) -> tuple[StepResult, ...]:
        """Steps that did not."""
        return self._having(Status.FAILED)

    @property
    def skipped(self) -> tuple[StepResult, ...]:
        """Steps that waited for one that failed."""
        return self._having(Status.SKIPPED)

    @property
    def not_started(self) -> tuple[StepResult, ...]:
        """Steps that an interrupted run did not come to."""
        return self._having(Status.NOT_STARTED)

    def _having(self, status: Status) -> tuple[StepResult, ...]:
        return tuple(result for result in self.steps if result.status is status)
