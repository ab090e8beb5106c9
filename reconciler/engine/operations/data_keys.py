"""GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from reconciler.engine.call import KEY_OR_ALIAS, Access, Call, Operation
from reconciler.engine.crypto.specs import SYMMETRIC_DEFAULT
from reconciler.engine.custom_stores.keys import check_random_source
from reconciler.engine.errors import dry_run, invalid
from reconciler.engine.keys.ciphering import check_cipher, refuse_recipient, sealer

_SIZES: Final = {"AES_128": 16, "AES_256": 32}
"""Bytes of a data key by its spec."""


def _generate_data_key(call: Call) -> dict[str, Any]:
    refuse_recipient(call)
    plaintext, result = _data_key(call)
    return result | {"Plaintext": plaintext}


def _generate_data_key_without_plaintext(call: Call) -> dict[str, Any]:
    return _data_key(call)[1]


def _generate_random(call: Call) -> dict[str, Any]:
    refuse_recipient(call)
    store, size = call.get("CustomKeyStoreId"), call.get("NumberOfBytes")
    if store is not None:
        check_random_source(call, store)
    if size is None:
        raise invalid("NumberOfBytes is required.")
    return {"Plaintext": secrets.token_bytes(size)}


def _data_key(call: Call) -> tuple[bytes, dict[str, Any]]:
    spec, size = call.get("KeySpec"), call.get("NumberOfBytes")
    if (spec is None) == (size is None):
        raise invalid("Please specify either number of bytes or key spec.")
    key, context = call.key, call.get("EncryptionContext", {})
    check_cipher(key, call.name, SYMMETRIC_DEFAULT, context)
    if call.get("DryRun"):
        raise dry_run()
    plaintext = secrets.token_bytes(size or _SIZES[spec])
    blob = sealer(call, key, SYMMETRIC_DEFAULT, context)(plaintext)
    call.used(key)
    return plaintext, {"CiphertextBlob": blob, "KeyId": key.arn, "KeyMaterialId": key.material_id}


OPERATIONS = (
    Operation("GenerateDataKey", _generate_data_key, Access.USE, KEY_OR_ALIAS),
    Operation(
        "GenerateDataKeyWithoutPlaintext",
        _generate_data_key_without_plaintext,
        Access.USE,
        KEY_OR_ALIAS,
    ),
    Operation("GenerateRandom", _generate_random, Access.READ, keys=()),
)
