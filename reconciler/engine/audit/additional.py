"""What CloudTrail's events say beyond the request and the response of a call.

Sources, all of https://docs.aws.amazon.com/kms/latest/developerguide/: ct-encrypt.html, ct-decrypt.html,
ct-reencrypt.html, ct-generatedatakey.html, ct-generatedatakeypair.html (the material that served), ct-decrypt.html
(custom key stores), ct-retire-grant.html, and logging-using-cloudtrail.html (the key of a mutation).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from orjson import dumps

from reconciler.engine.call import Access, Call
from reconciler.engine.crypto.specs import SYMMETRIC_DEFAULT
from reconciler.engine.errors import ACCESS_DENIED
from reconciler.engine.store.records import Custody
from reconciler.kit.errors import KmsError

_NAMING_ONE: Final = frozenset(
    {
        "Decrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
    }
)
"""Operations whose response names the material that served, if it is symmetric."""
_REMEMBERED: Final = 4_096
"""Materials whose JSON is kept: every call has one."""
_TELL_THEIR_KEY: Final = frozenset(
    {
        "CreateAlias",
        "CreateGrant",
        "DeleteAlias",
        "DisableKey",
        "EnableKey",
        "EnableKeyRotation",
        "ImportKeyMaterial",
        "UntagResource",
        "UpdateAlias",
    }
)
"""Mutations whose events have the key's ARN among what they answered, though the operations do not answer it: those
whose page says so."""


def additional_data(call: Call, error: KmsError | None) -> bytes | None:
    """JSON of CloudTrail's additionalEventData of `call`, which ended well or with `error`; None when there is none."""
    if call.operation.access is not Access.USE:
        return dumps(call.additional) if call.additional else None
    for key in call.keys.values():
        if key.custody is not None:
            return _custom_stores(call, error)
    return None if error is not None else _materials(call)


def affected_key(call: Call) -> str | None:
    """The ARN that the event of a mutation has as `responseElements.keyId`, whatever was answered."""
    if call.name not in _TELL_THEIR_KEY:
        return None
    key = call.keys.get("KeyId") or call.keys.get("TargetKeyId")
    return key.arn if key else next((arn for arn in call.resources if ":key/" in arn), None)


def _materials(call: Call) -> bytes | None:
    """The symmetric material that served a cryptographic operation."""
    name = call.name
    if name == "Encrypt":  # its response does not say
        key = call.keys["KeyId"]
        return _material(key.material_id) if key.spec == SYMMETRIC_DEFAULT and key.material_id else None
    if name in _NAMING_ONE:
        served = call.result.get("KeyMaterialId")
        return _material(served) if served else None
    return _both_materials(call.result) if name == "ReEncrypt" else None


@lru_cache(_REMEMBERED)
def _material(material_id: str) -> bytes:
    return dumps({"keyMaterialId": material_id})


def _both_materials(result: Mapping[str, Any]) -> bytes | None:
    """Those of ReEncrypt, as far as they are symmetric."""
    named = (("source", result.get("SourceKeyMaterialId")), ("destination", result.get("DestinationKeyMaterialId")))
    found = {f"{which}KeyMaterialId": material_id for which, material_id in named if material_id}
    return dumps(found) if found else None


def _custom_stores(call: Call, error: KmsError | None) -> bytes | None:
    """The custom key store of the key, of the last one if two have one; only of keys that the caller may use."""
    if error is not None and error.code == ACCESS_DENIED:
        return None
    found: dict[str, str] = {}
    for key in call.keys.values():
        if key.custody is not None and key.arn in call.resources:
            found |= _custody(call, key.custody)
    return dumps(found) if found else None


def _custody(call: Call, custody: Custody) -> dict[str, str]:
    with call.store.reading():
        custom = call.store.custom_stores.find(custody.store)
    if custom is None:  # it was deleted since the call was done with it
        return {}
    external = {"xksKeyId": custody.xks_key_id} if custody.xks_key_id else {}
    return {"customKeyStoreId": custom.store_id, **external}
