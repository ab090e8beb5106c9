"""Calls on keys that this very run made, which KMS may deny for a while.

A permission that asks for the key's tags, or that a grant gives, counts late: "in most cases a few seconds, in some up
to several minutes". Whoever may create such a key may not use it at once, and is told what a missing permission is
told, so the one is waited for, bounded, as if it were the other. Refused calls had no effect.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html and
https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Final, TypeVar

from reconciler.apply.site import Site
from reconciler.apply.wait import TICK, Pause, Pausing
from reconciler.kit.errors import KmsError
from reconciler.kms import codes
from reconciler.plan.steps import PlannedKey, Step

T = TypeVar("T")

NEWBORN_WINDOW: Final = 60.0
"""Seconds for which a denial may be one of these."""
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 10.0


def is_on_newborn(step: Step, site: Site) -> bool:
    """Whether the step is about a key that an earlier step of this run made."""
    named = (getattr(step, field.name) for field in fields(step))
    return any(isinstance(value, PlannedKey) and value in site.keys for value in named)


def once_let(work: Callable[[], Pausing[T]], site: Site) -> Pausing[T]:
    """What `work` ends with, begun anew while KMS denies it: for `NEWBORN_WINDOW`, or the site's patience if less.

    Raises:
        KmsError: it was denied all that time, or the run was interrupted; any other refusal, at once.
    """
    began = site.clock.monotonic()
    end = began if site.immediate else began + min(NEWBORN_WINDOW, site.patience)
    pause = _FIRST_PAUSE
    while True:
        try:
            return (yield from work())
        except KmsError as error:
            left = end - site.clock.monotonic()
            if error.code not in codes.DENIED or left < TICK or (yield Pause(min(pause, left), _why(error, left))):
                raise
        pause = min(2 * pause, _LONGEST_PAUSE)


def _why(error: KmsError, left: float) -> str:
    what = error.operation or "it"
    return f"KMS denies {what}, and tags and grants of a new key may not count yet; it is asked for {left:.0f} s more"
