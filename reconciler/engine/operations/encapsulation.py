"""Encapsulate, Decapsulate.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html and API_Decapsulate.html
"""

from __future__ import annotations

from typing import Any, Final, cast

from reconciler.engine.call import KEY_OR_ALIAS, Access, Call, Operation, Rest
from reconciler.engine.crypto.agreement import CAPSULE_BYTES, MlKem
from reconciler.engine.crypto.specs import SPECS
from reconciler.engine.errors import dry_run
from reconciler.engine.keys.ciphering import invalid_ciphertext
from reconciler.engine.keys.use import check_use, current_secret

ENCAPSULATE_DECAPSULATE: Final = "ENCAPSULATE_DECAPSULATE"


def _encapsulate(call: Call) -> Rest:
    pair, answer = _ready(call)
    if call.get("DryRun"):
        raise dry_run()

    def rest() -> dict[str, Any]:
        secret, capsule = pair.public_key().encapsulate()
        return answer | {"SharedSecret": secret, "SharedSecretCiphertextBlob": capsule}

    return rest


def _decapsulate(call: Call) -> Rest:
    """An altered or foreign capsule gives another secret, not an error: implicit rejection, FIPS 203 §6.3."""
    pair, answer = _ready(call)
    capsule = call.get("SharedSecretCiphertextBlob")
    if len(capsule) != CAPSULE_BYTES[SPECS[call.key.spec].size]:
        raise invalid_ciphertext()
    if call.get("DryRun"):
        raise dry_run()
    return lambda: answer | {"SharedSecret": pair.decapsulate(capsule)}


def _ready(call: Call) -> tuple[MlKem, dict[str, Any]]:
    key, algorithm = call.key, call.get("EncapsulationAlgorithm")
    check_use(key, call.name, ENCAPSULATE_DECAPSULATE, algorithm)
    pair = cast(MlKem, current_secret(call, key)[1].pair())
    call.used(key)
    return pair, {"KeyId": key.arn, "EncapsulationAlgorithm": algorithm}


OPERATIONS = (
    Operation("Encapsulate", _encapsulate, Access.USE, KEY_OR_ALIAS),
    Operation("Decapsulate", _decapsulate, Access.USE, KEY_OR_ALIAS),
)
