"""DeriveSharedSecret.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html
"""

from __future__ import annotations

from typing import Any, Final, cast

from cryptography.hazmat.primitives.asymmetric import ec

from reconciler.engine.call import KEY_OR_ALIAS, Access, Call, Operation, Rest
from reconciler.engine.crypto.agreement import agree, peer_key
from reconciler.engine.errors import dry_run, invalid
from reconciler.engine.keys.ciphering import refuse_recipient
from reconciler.engine.keys.use import check_use, current_secret

KEY_AGREEMENT: Final = "KEY_AGREEMENT"


def _derive_shared_secret(call: Call) -> Rest:
    refuse_recipient(call)
    key, algorithm = call.key, call.get("KeyAgreementAlgorithm")
    check_use(key, call.name, KEY_AGREEMENT, algorithm)
    pair = cast(ec.EllipticCurvePrivateKey, current_secret(call, key)[1].pair())
    call.used(key)

    def rest() -> dict[str, Any]:
        peer = peer_key(call.get("PublicKey"), pair.curve)
        if peer is None:
            raise invalid("")  # AWS does not say that the public key is none, or on another curve
        if call.get("DryRun"):
            raise dry_run()
        secret = agree(pair, peer)
        return {
            "KeyId": key.arn,
            "SharedSecret": secret,
            "KeyAgreementAlgorithm": algorithm,
            "KeyOrigin": key.origin,
        }

    return rest


OPERATIONS = (Operation("DeriveSharedSecret", _derive_shared_secret, Access.USE, KEY_OR_ALIAS),)
