"""An import: the material is read, wrapped for KMS at once, and forgotten.

The wrapping key and its token are asked for when the material is about to be sent, since both expire after a day. The
same material may be imported any number of times, so a lost answer is followed by the same import; but as *new*
material it can be imported once, so then KMS is asked first what it has.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, assert_never

from reconciler.apply.material.forms import material_in
from reconciler.apply.material.wrap import wrap
from reconciler.apply.recover import recovering
from reconciler.apply.site import Done, Site, key_materials
from reconciler.apply.wait import LOST_ANSWER, Pause, Pausing, until
from reconciler.apply.wire import Request
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kms import codes
from reconciler.model.material import AwaitedMaterial, FirstMaterial, KnownMaterial, NewMaterial
from reconciler.plan.steps import ImportMaterial

WRAPPING_KEY: Final = "RSA_4096"
"""The longest: what AWS asks for where it is practical."""

_CALLS: Final = 3
_PAUSE: Final = 2.0
_INCORRECT: Final = "IncorrectKeyMaterialException"
_SPREADS: Final = "KMS tells the replica of the new material of its primary"


def import_material(step: ImportMaterial, site: Site) -> Pausing[Done]:
    """Carry out the import.

    Raises:
        KmsctlError: the material is not there, of the wrong form, or not the one that the key expects.
        KmsError: KMS refused for another reason.
    """
    key = site.resolve(step.key)
    match step.which:
        case FirstMaterial() | KnownMaterial():
            return (yield from _again_and_again(step, key, site))
        case AwaitedMaterial():
            which = yield from _awaited(key, site)
            return (yield from _again_and_again(replace(step, which=which), key, site))
        case NewMaterial():
            return (yield from recovering(lambda: _new(step, key, site), lambda: _found(key, site), site))
        case _:
            assert_never(step.which)


def _new(step: ImportMaterial, key: str, site: Site) -> Pausing[Done]:
    """What another apply has imported as new is imported again: KMS sees whether both mean the same."""
    try:
        return _import(step, key, site)
    except KmsError as error:
        if error.code not in (_INCORRECT, codes.INVALID_STATE):
            raise
        pending = key_materials(site, key).pending
        if pending is None and error.code == _INCORRECT:
            raise _not_the_one(step, error) from error
        if pending is None:
            raise
    return (yield from _again_and_again(replace(step, which=KnownMaterial(pending.material_id)), key, site))


def _awaited(key: str, site: Site) -> Pausing[KnownMaterial]:
    """What the primary has been given, which a replica is told within seconds."""
    yield from until(lambda: key_materials(site, key).pending is not None, site.clock, _SPREADS)
    pending = key_materials(site, key).pending
    if pending is None:
        raise KmsctlError(
            f"key {key} does not know of new material",
            why="its primary was given some, and KMS has not told its replica",
            fix="plan again: the plan goes on where this apply ended",
        )
    return KnownMaterial(pending.material_id)


def _again_and_again(step: ImportMaterial, key: str, site: Site) -> Pausing[Done]:
    left = _CALLS
    while True:
        left -= 1
        try:
            return _import(step, key, site)
        except AmbiguousOutcome:
            if not left or (yield Pause(_PAUSE, LOST_ANSWER)):
                raise
        except KmsError as error:
            if error.code != _INCORRECT:
                raise
            raise _not_the_one(step, error) from error


def _import(step: ImportMaterial, key: str, site: Site) -> Done:
    secret = site.secrets(step.source)
    material = material_in(secret.content, step.source, step.key_spec)
    offer = {"KeyId": key, "WrappingAlgorithm": str(step.wrapping), "WrappingKeySpec": WRAPPING_KEY}
    given = site.kms("GetParametersForImport", offer)
    wrapped = wrap(material, given["PublicKey"], step.wrapping)
    site.send(_request(step, key, given["ImportToken"], wrapped))
    return Done(notes=(secret.note,) if secret.note else ())


def _request(step: ImportMaterial, key: str, token: bytes, wrapped: bytes) -> Request:
    expires = step.valid_to is not None
    parameters: dict[str, Any] = {
        "KeyId": key,
        "ImportToken": token,
        "EncryptedKeyMaterial": wrapped,
        "ExpirationModel": "KEY_MATERIAL_EXPIRES" if expires else "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
    given = {
        "ValidTo": step.valid_to,
        "KeyMaterialDescription": step.description,
        "ImportType": "NEW_KEY_MATERIAL" if isinstance(step.which, NewMaterial) else None,
        "KeyMaterialId": step.which.material_id if isinstance(step.which, KnownMaterial) else None,
    }
    return Request(
        "ImportKeyMaterial", parameters | {name: value for name, value in given.items() if value is not None}
    )


def _not_the_one(step: ImportMaterial, error: KmsError) -> KmsctlError:
    if isinstance(step.which, NewMaterial):
        return KmsctlError(
            f"the {step.source} holds material that the key has already",
            why=str(error),
            fix="put the new material there, or take the serial back",
        )
    return KmsctlError(
        f"the {step.source} does not hold the material that the key expects",
        why=str(error),
        fix="put back what was imported first; to rotate a symmetric key to new material, raise "
        "`importedMaterial.serial`; material that awaits rotation and is not wanted can be deleted by hand",
    )


def _found(key: str, site: Site) -> Done | None:
    if key_materials(site, key).pending is None:
        return None
    return Done(notes=("the answer was lost; the new material was found",))
