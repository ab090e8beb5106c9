"""KC4xx: material that gets old, or was weak from the beginning.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.kit.absent import ABSENT
from reconciler.lint.finding import Hit
from reconciler.lint.registry import Family
from reconciler.lint.subject import Subject
from reconciler.model.desired import AutomaticRotation, ManualRotation, NoRotation, OnDemandRotation
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, rotates_by_itself, rotates_on_demand

_PATH: Final = ("spec", "rotation")
_YEAR: Final = 365
_MOST: Final = 25
"""On-demand rotations of a key in all its life: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html."""
_FEW: Final = 5
_ENDING: Final = (KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION)


def _rotates_by_itself(subject: Subject) -> bool:
    """Whether KMS could; of a replica, its primary is asked, and of what is about to go, nobody."""
    if subject.replica or subject.state in _ENDING:
        return False
    return rotates_by_itself(subject.key_spec, subject.origin)


def rotation_off(subject: Subject) -> Iterator[Hit]:
    """It is off for a key for which KMS could do it. HMAC, asymmetric, imported and store keys are another check's."""
    if not _rotates_by_itself(subject):
        return
    if subject.rotation is ABSENT:
        yield Hit("the key is not rotated automatically", _PATH)
    elif isinstance(subject.rotation, NoRotation):
        yield Hit("the key is not rotated", _PATH, excused=subject.rotation.reason)


def on_demand_only(subject: Subject) -> Iterator[Hit]:
    """It is rotated when somebody asks for it, and frameworks look at automatic rotation alone."""
    if _rotates_by_itself(subject) and isinstance(subject.rotation, OnDemandRotation):
        yield Hit("the key is rotated on demand, and not declared to be rotated automatically", _PATH)


def rotation_not_possible(subject: Subject) -> Iterator[Hit]:
    """KMS rotates no keys of this kind."""
    kind = f"of {subject.key_spec} and origin {subject.origin}"
    match subject.rotation:
        case AutomaticRotation() if not rotates_by_itself(subject.key_spec, subject.origin):
            yield Hit(f"KMS does not rotate keys {kind}", _PATH)
        case OnDemandRotation() if not rotates_on_demand(subject.key_spec, subject.origin):
            yield Hit(f"KMS does not rotate keys {kind} on demand", _PATH)
        case _:
            pass


def long_period(subject: Subject) -> Iterator[Hit]:
    """Most frameworks ask for a year."""
    match subject.rotation:
        case AutomaticRotation(period) if period > _YEAR:
            yield Hit(f"the key is rotated every {period} days", (*_PATH, "automatic", "periodDays"))
        case ManualRotation(every) if every > _YEAR:
            yield Hit(f"the key is replaced every {every} days", (*_PATH, "manual", "everyDays"))
        case _:
            pass


def no_rotation_plan(subject: Subject) -> Iterator[Hit]:
    """A key that KMS cannot rotate, and nobody says how it is replaced."""
    if subject.replica or subject.state in _ENDING or rotates_by_itself(subject.key_spec, subject.origin):
        return
    what = f"KMS does not rotate keys of {subject.key_spec} and origin {subject.origin}, and nobody else does"
    if subject.rotation is ABSENT and subject.material is None:
        yield Hit(what, _PATH)
    elif isinstance(subject.rotation, NoRotation):
        yield Hit(what, _PATH, excused=subject.rotation.reason)


def rotations_running_out(subject: Subject) -> Iterator[Hit]:
    """A key can be rotated on demand 25 times."""
    done = subject.on_demand_rotations
    if done is not None and _MOST - done <= _FEW:
        yield Hit(f"the key was rotated on demand {done} times of {_MOST}", _PATH)


def short_rsa(subject: Subject) -> Iterator[Hit]:
    """2,048 bits are the least that there is."""
    if subject.key_spec is KeySpec.RSA_2048 and subject.key_usage is KeyUsage.ENCRYPT_DECRYPT:
        yield Hit("the key encrypts with RSA of 2,048 bits", ("spec", "keySpec"))


def material_expires(subject: Subject) -> Iterator[Hit]:
    """What it encrypted cannot be read until the same material is imported again."""
    if subject.material is not None and subject.material.valid_to is not None:
        what = f"the imported material expires at {subject.material.valid_to.isoformat()}"
        yield Hit(what, ("spec", "importedMaterial", "validTo"))


PROBES: Family = {
    "KC401": rotation_off,
    "KC402": rotation_not_possible,
    "KC403": long_period,
    "KC404": short_rsa,
    "KC405": no_rotation_plan,
    "KC406": rotations_running_out,
    "KC407": material_expires,
    "KC408": on_demand_only,
}
