"""GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html
"""

from __future__ import annotations

from typing import Any

from reconciler.engine.call import KEY_OR_ALIAS, Access, Call, Operation, Rest
from reconciler.engine.crypto.material import generate_secret
from reconciler.engine.crypto.specs import SPECS, SYMMETRIC_DEFAULT
from reconciler.engine.errors import dry_run, unsupported
from reconciler.engine.keys.ciphering import check_cipher, refuse_recipient, sealer


def _with_plaintext(call: Call) -> Rest:
    refuse_recipient(call)
    return _data_key_pair(call, plain=True)


def _without_plaintext(call: Call) -> Rest:
    return _data_key_pair(call, plain=False)


def _data_key_pair(call: Call, *, plain: bool) -> Rest:
    key, context, spec = call.key, call.get("EncryptionContext", {}), SPECS[call.get("KeyPairSpec")]
    check_cipher(key, call.name, SYMMETRIC_DEFAULT, context)
    if key.origin not in {"AWS_KMS", "EXTERNAL"}:
        raise unsupported(f"{key.arn} origin is {key.origin} which is not valid for this operation.")
    if not spec.available:
        raise unsupported(f"KeyPairSpec {spec.name} is not supported in this Region.")
    if call.get("DryRun"):
        raise dry_run()
    seal = sealer(call, key, SYMMETRIC_DEFAULT, context)
    call.used(key)

    def rest() -> dict[str, Any]:
        private, public = generate_secret(spec)
        result = {
            "PrivateKeyCiphertextBlob": seal(private),
            "PublicKey": public,
            "KeyId": key.arn,
            "KeyPairSpec": spec.name,
            "KeyMaterialId": key.material_id,
        }
        return result | ({"PrivateKeyPlaintext": private} if plain else {})

    return rest


OPERATIONS = (
    Operation("GenerateDataKeyPair", _with_plaintext, Access.USE, KEY_OR_ALIAS),
    Operation("GenerateDataKeyPairWithoutPlaintext", _without_plaintext, Access.USE, KEY_OR_ALIAS),
)
