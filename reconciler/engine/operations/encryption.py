"""Encrypt, Decrypt, ReEncrypt.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html, API_Decrypt.html, API_ReEncrypt.html
"""

from __future__ import annotations

from reconciler.engine.authz.authorise import admit
from reconciler.engine.call import KEY_OR_ALIAS, Access, Call, KeyParameter, Operation, Rest, Result
from reconciler.engine.crypto import ciphertext
from reconciler.engine.crypto.specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT
from reconciler.engine.errors import dry_run, invalid
from reconciler.engine.keys.ciphering import (
    check_cipher,
    check_size,
    incorrect_key,
    invalid_ciphertext,
    opener,
    refuse_recipient,
    sealer,
)
from reconciler.engine.keys.state import check_state
from reconciler.engine.store.records import Key
from reconciler.kit.errors import KmsError

_SOURCE_AND_DESTINATION = (KeyParameter("SourceKeyId", aliases=True), KeyParameter("DestinationKeyId", aliases=True))


def _encrypt(call: Call) -> Rest:
    key, plaintext = call.key, call.get("Plaintext")
    algorithm, context = call.get("EncryptionAlgorithm", SYMMETRIC_DEFAULT), call.get("EncryptionContext", {})
    check_cipher(key, call.name, algorithm, context)
    check_size(key, algorithm, plaintext)
    if call.get("DryRun"):
        raise dry_run()
    seal = sealer(call, key, algorithm, context)
    call.used(key)
    return lambda: {"CiphertextBlob": seal(plaintext), "KeyId": key.arn, "EncryptionAlgorithm": algorithm}


def _decrypt(call: Call) -> Rest:
    refuse_recipient(call)
    algorithm, context = call.get("EncryptionAlgorithm", SYMMETRIC_DEFAULT), call.get("EncryptionContext", {})
    key = _source(call, "KeyId", algorithm)
    check_cipher(key, call.name, algorithm, context)
    if _ignores_ciphertext(call):
        raise dry_run()
    unseal = opener(call, key, call.get("CiphertextBlob"), algorithm, context)
    call.used(key)

    def rest() -> Result:
        opened = unseal()
        if call.get("DryRun"):
            raise dry_run()
        result = {"KeyId": key.arn, "Plaintext": opened.plaintext, "EncryptionAlgorithm": algorithm}
        return result | ({"KeyMaterialId": opened.material_id} if opened.material_id else {})

    return rest


def _re_encrypt(call: Call) -> Rest:
    source_algorithm = call.get("SourceEncryptionAlgorithm", SYMMETRIC_DEFAULT)
    algorithm = call.get("DestinationEncryptionAlgorithm", SYMMETRIC_DEFAULT)
    source_context = call.get("SourceEncryptionContext", {})
    context = call.get("DestinationEncryptionContext", {})
    source, key = _source(call, "SourceKeyId", source_algorithm), call.keys["DestinationKeyId"]
    check_cipher(source, "ReEncryptFrom", source_algorithm, source_context)
    check_cipher(key, "ReEncryptTo", algorithm, context)
    if _ignores_ciphertext(call):
        raise dry_run()
    unseal = opener(call, source, call.get("CiphertextBlob"), source_algorithm, source_context)
    seal = sealer(call, key, algorithm, context)
    call.used(source)
    call.used(key)

    def rest() -> Result:
        opened = unseal()
        check_size(key, algorithm, opened.plaintext)
        if call.get("DryRun"):
            raise dry_run()
        result = {
            "CiphertextBlob": seal(opened.plaintext),
            "SourceKeyId": source.arn,
            "KeyId": key.arn,
            "SourceEncryptionAlgorithm": source_algorithm,
            "DestinationEncryptionAlgorithm": algorithm,
        }
        if opened.material_id:
            result["SourceKeyMaterialId"] = opened.material_id
        if algorithm == SYMMETRIC_DEFAULT and key.material_id:
            result["DestinationKeyMaterialId"] = key.material_id
        return result

    return rest


def _ignores_ciphertext(call: Call) -> bool:
    """Whether a dry run asks about permissions alone, with a ciphertext that is not looked into, or none."""
    return bool(call.get("DryRun")) and "IGNORE_CIPHERTEXT" in call.get("DryRunModifiers", ())


def _source(call: Call, parameter: str, algorithm: str) -> Key:
    """The key to decrypt with: the one that `parameter` names, or the one that a symmetric ciphertext names.

    Raises:
        KmsError: ValidationException when nothing names it; AccessDeniedException when it is not to be had;
            InvalidCiphertextException, IncorrectKeyException; DisabledException, KMSInvalidStateException.
    """
    named, blob = call.keys.get(parameter), call.get("CiphertextBlob")
    if blob is None and not _ignores_ciphertext(call):
        raise invalid("CiphertextBlob is required unless DryRun is set with the modifier IGNORE_CIPHERTEXT.")
    if named is not None:
        if named.usage != ENCRYPT_DECRYPT and algorithm == SYMMETRIC_DEFAULT and blob and ciphertext.parse(blob):
            raise incorrect_key()  # AWS says this, and not that the key has another usage, when the ciphertext is good
        return named
    if blob is None or algorithm != SYMMETRIC_DEFAULT:
        raise invalid(f"{parameter} is required to decrypt with an asymmetric KMS key or without a ciphertext.")
    parsed = ciphertext.parse(blob)
    if parsed is None:
        raise invalid_ciphertext()
    key = call.store.keys.find(parsed.account, call.caller.region, parsed.key_id)
    if key is None:
        raise _out_of_reach()
    try:
        admit(call, key, "", parameter)
    except KmsError:
        raise _out_of_reach() from None
    call.keys[parameter] = key
    check_state(call.name, key)
    return key


def _out_of_reach() -> KmsError:
    return KmsError(
        "AccessDeniedException",
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or "
        "you are not allowed to access.",
    )


OPERATIONS = (
    Operation("Encrypt", _encrypt, Access.USE, KEY_OR_ALIAS),
    Operation("Decrypt", _decrypt, Access.USE, KEY_OR_ALIAS),
    Operation("ReEncrypt", _re_encrypt, Access.USE, _SOURCE_AND_DESTINATION),
)
