"""GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html, API_ImportKeyMaterial.html,
API_DeleteImportedKeyMaterial.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.engine.call import Access, Call, Operation, Rest
from reconciler.engine.crypto import foreign, wrapping
from reconciler.engine.crypto.keyring import ImportParameters
from reconciler.engine.crypto.material import Material
from reconciler.engine.crypto.specs import SPECS
from reconciler.engine.errors import invalid, invalid_state, not_found, unsupported
from reconciler.engine.instants import DAY, to_datetime, to_microseconds
from reconciler.engine.keys.imported import EXTERNAL, Terms, associate, put, remove
from reconciler.engine.keys.metadata import is_symmetric_encryption
from reconciler.engine.keys.regions import is_replica
from reconciler.engine.keys.state import DYING, wrong_state
from reconciler.engine.store.records import Key
from reconciler.kit.errors import KmsError

PARAMETERS_VALID: Final = DAY
"""How long a wrapping key and its token are good."""
LONGEST_VALIDITY: Final = 365 * DAY
"""The latest expiry of imported material, from its import."""
EXPIRES: Final = "KEY_MATERIAL_EXPIRES"
NEW: Final = "NEW_KEY_MATERIAL"
EXISTING: Final = "EXISTING_KEY_MATERIAL"


@dataclass(frozen=True, slots=True)
class _Offer:
    """What an import brings."""

    key_arn: str
    """The key that the token is for."""
    secret: bytes = field(repr=False)
    public: bytes | None


def _get_parameters_for_import(call: Call) -> Rest:
    key, algorithm, wrapping_spec = call.key, call.get("WrappingAlgorithm"), call.get("WrappingKeySpec")
    _must_take_material(key)
    if not wrapping.fits(SPECS[key.spec], algorithm, wrapping_spec):
        raise unsupported(
            f"The wrapping algorithm {algorithm} with the wrapping key spec {wrapping_spec} is not supported for key "
            f"material of the key spec {key.spec}."
        )

    def make() -> dict[str, Any]:
        private, public = wrapping.generate(wrapping_spec)
        valid_to = call.now + PARAMETERS_VALID
        token = call.keyring.import_token(ImportParameters(key.arn, key.spec, algorithm, valid_to, private))
        return {
            "KeyId": key.arn,
            "ImportToken": token,
            "PublicKey": public,
            "ParametersValidTo": to_datetime(valid_to),
        }

    return make


def _unwrap(call: Call) -> _Offer | KmsError:
    """Open the token and the material; what is wrong with them is told once it is clear that the caller may know."""
    parameters = call.keyring.read_import_token(call.get("ImportToken"))
    if parameters is None:
        return _invalid_token()
    if parameters.valid_to <= call.now:
        return KmsError("ExpiredImportTokenException", "The import token has expired.")
    given = wrapping.unwrap(parameters.private, parameters.algorithm, call.get("EncryptedKeyMaterial"))
    if given is None:
        return KmsError("InvalidCiphertextException", "")
    found = foreign.read(SPECS[parameters.spec], given)
    if found is None:
        return _incorrect(f"The key material is not valid for the key spec {parameters.spec}.")
    return _Offer(parameters.key_arn, *found)


def _import_key_material(call: Call) -> dict[str, Any]:
    key, offer = call.key, call.prepared
    _must_take_material(key)
    terms = _terms(call)
    _check_options(call, key)
    if isinstance(offer, KmsError):
        raise offer
    if offer.key_arn != key.arn:
        raise _invalid_token()
    material = Material(call.keyring.imported_id(key, offer.secret), offer.secret, offer.public)
    if _is_new(call, key, material.material_id):
        associate(call.store, key, material.material_id, call.now)
    put(call.store, key, call.keyring.seal(key, material), terms)
    return _answer(key, material.material_id)


def _delete_imported_key_material(call: Call) -> dict[str, Any]:
    key = call.key
    _must_be_external(key)
    wanted = call.get("KeyMaterialId")
    if wanted is not None and not is_symmetric_encryption(key):
        raise unsupported(f"KeyMaterialId is not supported for the key spec {key.spec}.")
    material_id = wanted or key.material_id
    material = call.store.keys.materials.known(key, material_id) if material_id else None
    if wanted is not None and material is None:
        raise not_found(f"{key.arn} has no key material {wanted}.")
    if material is None:
        return {"KeyId": key.arn}
    remove(call.store, call.keyring, key, material)
    return _answer(key, material.material_id)


def _is_new(call: Call, key: Key, material_id: str) -> bool:
    """Whether the material is new to `key`, and may be.

    Raises:
        KmsError: IncorrectKeyMaterialException, KMSInvalidStateException, UnsupportedOperationException.
    """
    known = call.store.keys.materials.known(key, material_id)
    if _import_type(call, key) == EXISTING:
        if known is None or call.get("KeyMaterialId", material_id) != material_id:
            raise _incorrect(f"The key material is not the one that {key.arn} expects.")
        return False
    if is_replica(key):
        raise unsupported(f"New key material is imported into the primary key of {key.arn} first.")
    if known is not None:
        raise _incorrect(f"The key material is already associated with {key.arn}.")
    pending = call.store.keys.materials.pending(key)
    if pending is not None:
        raise invalid_state(
            f"New key material (id: {material_id}) cannot be imported into KMS key {key.arn}, because another key "
            f"material (id: {pending.material_id}) is pending rotation."
        )
    return True


def _import_type(call: Call, key: Key) -> str:
    default = NEW if key.material_id is None and not is_replica(key) else EXISTING
    asked: str = call.get("ImportType", default)
    return asked


def _check_options(call: Call, key: Key) -> None:
    """See that what only symmetric encryption keys have is asked of them alone.

    Raises:
        KmsError: UnsupportedOperationException, ValidationException.
    """
    for name in ("ImportType", "KeyMaterialId", "KeyMaterialDescription"):
        if call.get(name) is not None and not is_symmetric_encryption(key):
            raise unsupported(f"{name} is not supported for the key spec {key.spec}.")
    if _import_type(call, key) == NEW and call.get("KeyMaterialId") is not None:
        raise invalid(f"KeyMaterialId cannot be specified with the ImportType {NEW}.")


def _terms(call: Call) -> Terms:
    """How long the material is to stay.

    Raises:
        KmsError: ValidationException.
    """
    expires, until = call.get("ExpirationModel", EXPIRES) == EXPIRES, call.get("ValidTo")
    if expires and until is None:
        raise invalid(f"A validTo date must be set if the ExpirationModel is {EXPIRES}")
    if not expires and until is not None:
        raise invalid(f"ValidTo is only valid when ExpirationModel is {EXPIRES}.")
    valid_to = None if until is None else to_microseconds(until)
    if valid_to is not None and not call.now < valid_to <= call.now + LONGEST_VALIDITY:
        raise invalid("ValidTo must be in the future, and at most 365 days from now.")
    return Terms(valid_to, call.get("KeyMaterialDescription"))


def _answer(key: Key, material_id: str) -> dict[str, Any]:
    return {"KeyId": key.arn} | ({"KeyMaterialId": material_id} if is_symmetric_encryption(key) else {})


def _must_take_material(key: Key) -> None:
    """See that material is imported into such keys, and then that `key` does not await deletion, in AWS's order."""
    _must_be_external(key)
    if key.state in DYING:
        raise wrong_state(key)


def _must_be_external(key: Key) -> None:
    if key.origin != EXTERNAL:
        raise unsupported(f"{key.arn} origin is {key.origin} which is not valid for this operation.")


def _invalid_token() -> KmsError:
    return KmsError("InvalidImportTokenException", "The import token is not valid, or belongs to another KMS key.")


def _incorrect(message: str) -> KmsError:
    return KmsError("IncorrectKeyMaterialException", message)


OPERATIONS = (
    Operation("GetParametersForImport", _get_parameters_for_import, Access.READ),
    Operation("ImportKeyMaterial", _import_key_material, Access.WRITE, prepare=_unwrap),
    Operation("DeleteImportedKeyMaterial", _delete_imported_key_material, Access.WRITE),
)
