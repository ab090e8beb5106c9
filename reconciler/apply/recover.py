"""Calls that do their work twice when they are made twice: `CreateKey` and `RotateKeyOnDemand`.

After a lost answer nobody knows whether they took effect. They are never repeated before a look at the KMS, for
longer than its consistency window, has found no effect.

A new key can be found because its tags are set in the same instant as it, and one of them names the attempt. It is
looked for in two ways, since the tagging service lags behind KMS: by its ownership tags there, and among the keys
that were not there before the run.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html and API_RotateKeyOnDemand.html.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from reconciler.apply.principals import send_once_principals_are_seen
from reconciler.apply.site import Done, Site, key_materials, key_tags, store_named
from reconciler.apply.wait import CONSISTENCY_WINDOW, LOST_ANSWER, TICK, Pause, Pausing, until
from reconciler.apply.wire import Request, creation, request
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kms import codes
from reconciler.kms.paging import entries
from reconciler.kms.sweeps import sweep_keys
from reconciler.model.identifiers import KeyId
from reconciler.model.ownership import OPERATION_TAG
from reconciler.plan.steps import CreateKey, RotateOnDemand

T = TypeVar("T")

_CALLS = 2
"""How often a call is made whose answers are lost."""
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0
_SPREADS = "KMS tells the primary that its related keys have the new material"
_IN_PROGRESS = "ConflictException"
_UNREADABLE = codes.DENIED | {codes.GONE}


@dataclass(frozen=True, slots=True)
class Creation:
    """A key that a `CreateKey` step made."""

    key_id: KeyId
    attempt: str
    """The value of its `OPERATION_TAG`."""
    seconds: float
    """How long the call took that made it, without the wait for its turn; after a lost answer, all that it took."""


def create(step: CreateKey, site: Site) -> Pausing[Creation]:
    """Create the key; after a lost answer find it, or create it again.

    Raises:
        KmsctlError: nobody knows whether it was created. The next plan finds it by its tags if it was.
        KmsError: it was not created.
    """
    known = site.census.before()
    attempt = site.new_attempt()
    began = site.clock.monotonic()
    store_id = store_named(site, step.store).store_id if step.store else None

    def call() -> Pausing[Creation]:
        took = 0.0

        def send(wanted: Request) -> dict[str, Any]:
            nonlocal took
            sent = site.awake()
            answer = site.send(wanted)
            took = site.awake() - sent
            return answer

        answer = yield from send_once_principals_are_seen(site, creation(step, attempt, store_id), send)
        return Creation(KeyId(answer["KeyMetadata"]["KeyId"]), attempt, took)

    def find() -> Creation | None:
        key_id = _find(step, attempt, known, site)
        return Creation(key_id, attempt, site.clock.monotonic() - began) if key_id else None

    return (yield from recovering(call, find, site))


def rotate(step: RotateOnDemand, site: Site) -> Pausing[Done]:
    """Rotate once. A rotation that the plan did not know of is the one that was asked for: it is not repeated.

    Raises:
        KmsctlError: nobody knows whether it was rotated. The next plan finds the rotation if it was.
        KmsError: it was not rotated.
    """
    key = site.resolve(step.key)
    if _rotations(site, key) > step.rotations_before:
        return Done(notes=("it has been rotated since the plan was made",))

    if step.together:
        yield from until(lambda: not key_materials(site, key).awaited, site.clock, _SPREADS)

    def call() -> Pausing[Done]:
        yield from ()
        try:
            site.send(request(step, site.resolve))
        except KmsError as error:
            if step.together and error.code == codes.INVALID_STATE:
                raise _not_everywhere(error) from error
            if error.code != _IN_PROGRESS:
                raise
            return Done(notes=("a rotation was in progress already",))
        return Done()

    return (yield from recovering(call, lambda: _rotated(step, key, site), site))


def _not_everywhere(error: KmsError) -> KmsctlError:
    return KmsctlError(
        "KMS does not rotate the key yet: each of its related keys needs the new material first",
        why=str(error),
        fix="plan again: the plan shows which of them lack it, and goes on where this apply ended",
    )


def recovering(call: Callable[[], Pausing[T]], find: Callable[[], T | None], site: Site) -> Pausing[T]:
    """What `call` ends with, or what `find` finds of its effect when its answer is lost.

    Raises:
        KmsctlError: nobody knows whether it took effect.
    """
    left = _CALLS
    while True:
        left -= 1
        try:
            return (yield from call())
        except AmbiguousOutcome as lost:
            found = yield from _look(find, lost, site)
            if found is not None:
                return found
            if not left:
                raise _unknown(lost) from lost


def _look(find: Callable[[], T | None], lost: AmbiguousOutcome, site: Site) -> Pausing[T | None]:
    """Look again and again until the consistency window is over; the last look is after its end."""
    end = site.clock.monotonic() + CONSISTENCY_WINDOW
    pause = _FIRST_PAUSE
    while (found := find()) is None:
        left = end - site.clock.monotonic()
        if left < TICK:
            return None
        if (yield Pause(min(pause, left), LOST_ANSWER)):
            raise _unknown(lost) from lost
        pause = min(pause * 2, _LONGEST_PAUSE)
    return found


def _unknown(lost: AmbiguousOutcome) -> KmsctlError:
    return KmsctlError(
        f"nobody knows whether {lost.operation or 'the call'} took effect",
        why=str(lost),
        fix="plan again: the plan shows what is there and what is left to do",
    )


def _find(step: CreateKey, attempt: str, known: frozenset[KeyId], site: Site) -> KeyId | None:
    for key_id, tags in site.roll_call.named(step.owner).items():
        if tags.get(OPERATION_TAG) == attempt:
            return key_id
    ours = known.union(site.keys.values())
    for listed in sweep_keys(site.kms):
        if listed not in ours and _attempt(site, listed) == attempt:
            return listed
    return None


def _attempt(site: Site, key_id: KeyId) -> str | None:
    try:
        return key_tags(site, key_id).get(OPERATION_TAG)
    except KmsError as error:
        # Somebody else's key whose tags are not for us to read, or one that is listed and not yet, or no longer, there.
        if error.code in _UNREADABLE:
            return None
        raise


def _rotated(step: RotateOnDemand, key: str, site: Site) -> Done | None:
    if _is_rotating(site, key) or _rotations(site, key) > step.rotations_before:
        return Done(notes=("the answer was lost; the rotation was found",))
    return None


def _is_rotating(site: Site, key: str) -> bool:
    """Of a key with imported material KMS need not tell."""
    try:
        return bool(site.kms("GetKeyRotationStatus", {"KeyId": key}).get("OnDemandRotationStartDate"))
    except KmsError as error:
        if error.code in codes.UNSUPPORTED:
            return False
        raise


def _rotations(site: Site, key: str) -> int:
    return sum(
        entry.get("RotationType") == "ON_DEMAND"
        for entry in entries(site.kms, "ListKeyRotations", {"KeyId": key}, "Rotations")
    )
