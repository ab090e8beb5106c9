"""Steps carried out without a walk."""

from __future__ import annotations

import itertools
import math
from typing import TypeVar

from reconciler.apply.rollcall import RollCall
from reconciler.apply.secrets import Secrets, no_secrets
from reconciler.apply.site import Census, Site
from reconciler.apply.wait import Pausing
from reconciler.kit.clock import Clock
from reconciler.kms.port import Kms
from reconciler.model.identifiers import TargetName

T = TypeVar("T")


def site_of(
    kms: Kms,
    clock: Clock,
    attempts: str = "attempt",
    *,
    immediate: bool = False,
    secrets: Secrets = no_secrets,
    patience: float = math.inf,
) -> Site:
    """A site whose attempts are called `attempt-1`, `attempt-2`, …"""
    numbers = itertools.count(1)

    def attempt() -> str:
        return f"{attempts}-{next(numbers)}"

    def nowhere(target: TargetName) -> Site:
        raise AssertionError(f"{target!r} is not open")

    return Site(
        kms, clock, {}, Census(kms), RollCall(kms), attempt, nowhere, secrets, immediate=immediate, patience=patience
    )


def drive(work: Pausing[T], clock: Clock, *, interrupted_at: int | None = None) -> tuple[T, list[float]]:
    """What `work` ends with, and its pauses, slept through; its nth pause (from 0) is interrupted."""
    pauses: list[float] = []
    try:
        pause = next(work)
        while True:
            pauses.append(pause.seconds)
            interrupted = interrupted_at == len(pauses) - 1
            if not interrupted:
                clock.sleep(pause.seconds)
            pause = work.send(interrupted)
    except StopIteration as stop:
        return stop.value, pauses
