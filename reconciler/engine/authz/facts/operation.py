"""Condition keys about the parameters of one operation: algorithms, encryption context, periods, Regions.

Where AWS says that a condition works with the parameter's default, too, the default is the value; where it says that
the condition is about the parameter's presence, an absent parameter is an absent key.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from reconciler.engine.authz.request import Request, Values, folded
from reconciler.engine.crypto import ciphertext

_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_SIGNING: Final = frozenset({"kms:Sign", "kms:Verify"})
_ALGORITHM: Final = {
    "kms:Encrypt": "EncryptionAlgorithm",
    "kms:Decrypt": "EncryptionAlgorithm",
    "kms:ReEncryptFrom": "SourceEncryptionAlgorithm",
    "kms:ReEncryptTo": "DestinationEncryptionAlgorithm",
}
"""The parameter that names the algorithm."""
_DATA_KEYS: Final = "kms:GenerateDataKey"
"""Actions that begin so always encrypt with a symmetric key."""


def _parameter(name: str, *actions: str, default: Any = None) -> Callable[[Request], Values]:
    """A condition key that is the parameter `name` of requests for one of `actions`."""

    def values(request: Request) -> Values:
        value = request.call.get(name, default) if request.action in actions else None
        return () if value is None else (_text(value),)

    return values


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return str(value.timestamp())
        case _:
            return str(value)


def _encryption_algorithm(request: Request) -> Values:
    parameter = _ALGORITHM.get(request.action)
    if parameter is not None:
        return (request.call.get(parameter, _SYMMETRIC),)
    return (_SYMMETRIC,) if request.action.startswith(_DATA_KEYS) else ()


def _context_keys(request: Request) -> Values:
    return tuple(request.encryption_context or ())


def _context(request: Request) -> Mapping[str, Values]:
    """The pairs by their keys, whose case does not count here: several pairs can have one."""
    return folded((request.encryption_context or {}).items())


def _same_key(request: Request) -> Values:
    """Whether ReEncrypt encrypts under the key that the ciphertext is encrypted under."""
    call = request.call
    target = call.keys.get("DestinationKeyId")
    if call.name != "ReEncrypt" or target is None:
        return ()
    source = call.keys.get("SourceKeyId")
    if source is not None:
        return ("true" if source.n == target.n else "false",)
    parsed = ciphertext.parse(call.get("CiphertextBlob") or b"")
    same = parsed is not None and (parsed.account, parsed.key_id) == (target.account, target.key_id)
    return ("true" if same else "false",)


FACTS: Final[Mapping[str, Callable[[Request], Values]]] = {
    "kms:bypasspolicylockoutsafetycheck": _parameter(
        "BypassPolicyLockoutSafetyCheck", "kms:CreateKey", "kms:PutKeyPolicy", "kms:ReplicateKey"
    ),
    "kms:datakeypairspec": _parameter(
        "KeyPairSpec", "kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext"
    ),
    "kms:encapsulationalgorithm": _parameter("EncapsulationAlgorithm", "kms:Encapsulate", "kms:Decapsulate"),
    "kms:encryptionalgorithm": _encryption_algorithm,
    "kms:encryptioncontextkeys": _context_keys,
    "kms:expirationmodel": _parameter("ExpirationModel", "kms:ImportKeyMaterial"),
    "kms:keyagreementalgorithm": _parameter("KeyAgreementAlgorithm", "kms:DeriveSharedSecret"),
    "kms:macalgorithm": _parameter("MacAlgorithm", "kms:GenerateMac", "kms:VerifyMac"),
    "kms:messagetype": _parameter("MessageType", *_SIGNING, default="RAW"),
    "kms:policyname": _parameter("PolicyName", "kms:GetKeyPolicy", "kms:PutKeyPolicy", default="default"),
    "kms:primaryregion": _parameter("PrimaryRegion", "kms:UpdatePrimaryRegion"),
    "kms:reencryptonsamekey": _same_key,
    "kms:replicaregion": _parameter("ReplicaRegion", "kms:ReplicateKey"),
    "kms:rotationperiodindays": _parameter("RotationPeriodInDays", "kms:EnableKeyRotation", default=365),
    "kms:schedulekeydeletionpendingwindowindays": _parameter(
        "PendingWindowInDays", "kms:ScheduleKeyDeletion", default=30
    ),
    "kms:signingalgorithm": _parameter("SigningAlgorithm", *_SIGNING),
    "kms:validto": _parameter("ValidTo", "kms:ImportKeyMaterial"),
    "kms:wrappingalgorithm": _parameter("WrappingAlgorithm", "kms:GetParametersForImport"),
    "kms:wrappingkeyspec": _parameter("WrappingKeySpec", "kms:GetParametersForImport"),
}
FAMILIES: Final[Mapping[str, Callable[[Request], Mapping[str, Values]]]] = {"kms:encryptioncontext:": _context}
