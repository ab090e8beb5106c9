"""What happens while a plan is carried out, as it happens: a closed union of events and who hears them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from reconciler.model.address import Address
from reconciler.plan.changes import Change
from reconciler.plan.steps import Step


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The step's call is about to be made."""

    change: Change
    step: Step


@dataclass(frozen=True, slots=True)
class StepPaused:
    """The step waits `seconds` before it looks again."""

    change: Change
    step: Step
    seconds: float
    why: str
    """A clause for people: what it waits for."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """The step took effect."""

    change: Change
    step: Step
    notes: tuple[str, ...] = ()
    """What a person should know about how."""


@dataclass(frozen=True, slots=True)
class StepFailed:
    """The step did not take effect, or nobody knows."""

    change: Change
    step: Step
    error: BaseException


@dataclass(frozen=True, slots=True)
class ChangeSkipped:
    """The change's remaining steps are not made, because `because` failed."""

    change: Change
    because: Address


@dataclass(frozen=True, slots=True)
class Stopping:
    """An interrupt was heard: calls in flight are finished, no more are started."""

    in_flight: int


Event = StepStarted | StepPaused | StepDone | StepFailed | ChangeSkipped | Stopping


class Listener(Protocol):
    """Hears every event, one at a time, on the thread that called `apply`.

    What it raises ends the apply, after the calls in flight have finished.
    """

    def __call__(self, event: Event, /) -> None:
        """Take note."""
        ...


def silent(_event: Event, /) -> None:
    """Hears and says nothing."""
