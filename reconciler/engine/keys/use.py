"""Using a key for cryptography: whether it may be, and its material. Shared by all operations that do.

Source: the service model, InvalidKeyUsageException.
"""

from __future__ import annotations

from reconciler.engine.call import Call
from reconciler.engine.crypto.keyring import Secret
from reconciler.engine.crypto.specs import SPECS
from reconciler.engine.errors import invalid_key_usage
from reconciler.engine.store.records import Key
from reconciler.kit.errors import KmsctlError


def check_use(key: Key, operation: str, usage: str, algorithm: str) -> None:
    """See that `key` is for `usage`, which `operation` needs, and has `algorithm`.

    Raises:
        KmsError: InvalidKeyUsageException.
    """
    if key.usage != usage:
        raise invalid_key_usage(f"{key.arn} key usage is {key.usage} which is not valid for {operation}.")
    if algorithm not in SPECS[key.spec].algorithms[usage]:
        raise invalid_key_usage(f"Algorithm {algorithm} is incompatible with key spec {key.spec}.")


def current_secret(call: Call, key: Key) -> tuple[str, Secret]:
    """The id of the current material of `key`, which is in a state in which it has some, and the material.

    Raises:
        KmsctlError: it is not in the store.
    """
    secret = find_secret(call, key, key.material_id) if key.material_id else None
    if secret is None or key.material_id is None:
        raise KmsctlError(
            f"the material of {key.arn} is missing from the local KMS's store",
            why="the store is damaged or was altered",
            fix="restore a copy of the data folder",
        )
    return key.material_id, secret


def find_secret(call: Call, key: Key, material_id: str) -> Secret | None:
    """One material of `key`, or None."""
    secret = call.keyring.cached(key, material_id)
    if secret is None:
        material = call.store.keys.material(key, material_id)
        secret = call.keyring.open(key, material) if material else None
    return secret
