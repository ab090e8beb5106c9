"""Sign, Verify.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html and API_Verify.html
"""

from __future__ import annotations

from typing import Any, Final

from reconciler.engine.call import KEY_OR_ALIAS, Access, Call, Operation, Rest
from reconciler.engine.crypto.signing import EXTERNAL_MU, RAW, SCHEMES, Scheme
from reconciler.engine.errors import dry_run, invalid
from reconciler.engine.keys.use import check_use, current_secret
from reconciler.kit.errors import KmsError

SIGN_VERIFY: Final = "SIGN_VERIFY"


def _sign(call: Call) -> Rest:
    key, algorithm = call.key, call.get("SigningAlgorithm")
    check_use(key, call.name, SIGN_VERIFY, algorithm)
    scheme, message, message_type = SCHEMES[algorithm], call.get("Message"), call.get("MessageType", RAW)
    _check_message(call, scheme, message_type)
    if call.get("DryRun"):
        raise dry_run()
    pair = current_secret(call, key)[1].pair()
    call.used(key)

    def rest() -> dict[str, Any]:
        signature = scheme.sign(pair, message, message_type)
        return {"KeyId": key.arn, "Signature": signature, "SigningAlgorithm": algorithm}

    return rest


def _verify(call: Call) -> Rest:
    key, algorithm = call.key, call.get("SigningAlgorithm")
    check_use(key, call.name, SIGN_VERIFY, algorithm)
    scheme, message, message_type = SCHEMES[algorithm], call.get("Message"), call.get("MessageType", RAW)
    _check_message(call, scheme, message_type)
    pair = current_secret(call, key)[1].pair()
    call.used(key)

    def rest() -> dict[str, Any]:
        if not scheme.verify(pair, call.get("Signature"), message, message_type):
            raise KmsError("KMSInvalidSignatureException", "")  # AWS says no more
        if call.get("DryRun"):
            raise dry_run()
        return {"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": algorithm}

    return rest


def _check_message(call: Call, scheme: Scheme, message_type: str) -> None:
    """See that the scheme takes messages of this type, and of this length.

    Raises:
        KmsError: ValidationException.
    """
    algorithm, lengths = call.get("SigningAlgorithm"), scheme.lengths
    if message_type not in lengths:
        misfit = f"algorithm {algorithm}" if algorithm.startswith("ED25519") else f"key spec {call.key.spec}"
        raise invalid(f"Message type {message_type} is incompatible with {misfit}.")
    if lengths[message_type] not in {None, len(call.get("Message"))}:
        kind = "External Mu" if message_type == EXTERNAL_MU else "Digest"
        raise invalid(f"{kind} is invalid length for algorithm {algorithm}.")


OPERATIONS = (
    Operation("Sign", _sign, Access.USE, KEY_OR_ALIAS),
    Operation("Verify", _verify, Access.USE, KEY_OR_ALIAS),
)
