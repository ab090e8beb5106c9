"""GetPublicKey."""

from __future__ import annotations

from typing import Any

from reconciler.engine.call import KEY_OR_ALIAS, Access, Call, Operation
from reconciler.engine.crypto.specs import ALGORITHM_FIELDS
from reconciler.engine.errors import unsupported
from reconciler.engine.keys.metadata import algorithms


def _get_public_key(call: Call) -> dict[str, Any]:
    key = call.key
    material = call.store.keys.material(key, key.material_id) if key.material_id else None
    if material is None or material.public is None:
        raise unsupported(f"{key.arn} key spec is {key.spec} which is not valid for GetPublicKey.")
    call.keyring.open(key, material)  # the public part rests in the clear: it is given out only with its own pair
    return {
        "KeyId": key.arn,
        "PublicKey": material.public,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "KeyUsage": key.usage,
        ALGORITHM_FIELDS[key.usage]: algorithms(key),
    }


OPERATIONS = (Operation("GetPublicKey", _get_public_key, Access.READ, KEY_OR_ALIAS),)
