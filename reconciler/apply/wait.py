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

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0


@dataclass(frozen=True, slots=True)
class Pause:
    """A step's wish to be resumed after `seconds`."""

    seconds: float
    why: str


Pausing = Generator[Pause, bool, T]
"""Work that ends with a T and may pause on its way.

It is resumed with True when the run was interrupted: then it finishes without another pause.
"""


def until(check: Callable[[], bool], *, window: float, why: str, clock: Clock) -> Pausing[bool]:
    """Ask `check` at growing intervals until it says yes or `window` seconds are over.

    Returns:
        Whether it said yes. The last question is asked when the window is over, not before; an interrupt ends
        the waiting early.
    """
    end = clock.monotonic() + window
    pause = _FIRST_PAUSE
    while not check():
        left = end - clock.monotonic()
        if left <= 0 or (yield Pause(min(pause, left), why)):
            return False
        pause = min(pause * 2, _LONGEST_PAUSE)
    return True
