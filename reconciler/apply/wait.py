"""Waiting without holding a thread: a step that has to wait says for how long, and is resumed later.

KMS is eventually consistent: "in most cases a few seconds, in some up to several minutes"
(https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from reconciler.kit.clock import Clock

T = TypeVar("T")

CONSISTENCY_WINDOW = 330.0
"""Seconds after which a change is visible everywhere: the five minutes that AWS names, and a margin."""

SETTLING_WINDOW = 120.0
"""Seconds after which what KMS does in two Regions is no longer waited for; it speaks of "a few"."""

TICK = 0.001
"""Seconds that are over as soon as they begin: sums of fractions are not exact, and clocks have a resolution."""
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0
LOST_ANSWER = "the answer was lost"
"""Why a step pauses that looks whether its call took effect."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A step's wish to be resumed after `seconds`."""

    seconds: float
    why: str


Pausing = Generator[Pause, bool, T]
"""Work that ends with a T and may pause on its way.

It is resumed with True when the run was interrupted: then it finishes without another pause.
"""


def until(reached: Callable[[], bool], clock: Clock, why: str) -> Pausing[bool]:
    """Whether `reached` within `SETTLING_WINDOW`; not, after an interrupt."""
    end = clock.monotonic() + SETTLING_WINDOW
    pause = _FIRST_PAUSE
    while not reached():
        if clock.monotonic() >= end or (yield Pause(pause, why)):
            return False
        pause = min(2 * pause, _LONGEST_PAUSE)
    return True
