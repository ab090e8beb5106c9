"""The actions on a key, and which of them a key of some kind can be asked.

Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html (actions
whose resource is a key, as of 2026-11) and, for what goes with which key,
https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from reconciler.policy.patterns import covers_action
from reconciler.policy.permissions import KeyTraits

PREFIX: Final = "kms:"
_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"

_ALWAYS: Final = (
    "CancelKeyDeletion", "CreateAlias", "CreateGrant", "DeleteAlias", "DescribeKey", "DisableKey", "EnableKey",
    "GetKeyLastUsage", "GetKeyPolicy", "GetKeyRotationStatus", "ListGrants", "ListKeyPolicies", "ListKeyRotations",
    "ListResourceTags", "PutKeyPolicy", "RetireGrant", "RevokeGrant", "ScheduleKeyDeletion", "TagResource",
    "UntagResource", "UpdateAlias", "UpdateKeyDescription",
)  # fmt: skip
_OF_SYMMETRIC: Final = (
    "DisableKeyRotation", "EnableKeyRotation", "GenerateDataKey", "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "RotateKeyOnDemand",
)  # fmt: skip
_OF_IMPORTED: Final = ("DeleteImportedKeyMaterial", "GetParametersForImport", "ImportKeyMaterial")
_OF_MULTI_REGION: Final = ("ReplicateKey", "SynchronizeMultiRegionKey", "UpdatePrimaryRegion")
_PUBLIC_KEY: Final = "GetPublicKey"
_BY_USAGE: Final = {
    "ENCRYPT_DECRYPT": ("Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"),
    "SIGN_VERIFY": ("Sign", "Verify"),
    "GENERATE_VERIFY_MAC": ("GenerateMac", "VerifyMac"),
    "KEY_AGREEMENT": ("DeriveSharedSecret",),
    "ENCAPSULATE_DECAPSULATE": ("Decapsulate", "Encapsulate"),
}

KEY_ACTIONS: Final = tuple(
    sorted(
        PREFIX + name
        for name in (
            *_ALWAYS, *_OF_SYMMETRIC, *_OF_IMPORTED, *_OF_MULTI_REGION, _PUBLIC_KEY,
            *(name for names in _BY_USAGE.values() for name in names),
        )
    )
)  # fmt: skip
"""Every action on some key, sorted, with its prefix."""


@lru_cache(maxsize=64)
def actions_on(key: KeyTraits) -> tuple[str, ...]:
    """Every action that a key of these traits can be asked, sorted, with its prefix."""
    symmetric = key.spec == _SYMMETRIC
    names = {*_ALWAYS, *_BY_USAGE.get(key.usage, ())}
    if symmetric:
        names.update(_OF_SYMMETRIC)
    elif not key.spec.startswith("HMAC"):
        names.add(_PUBLIC_KEY)
    if key.origin == "EXTERNAL":
        names.update(_OF_IMPORTED)
    if key.multi_region:
        names.update(_OF_MULTI_REGION)
    return tuple(sorted(PREFIX + name for name in names))


def cryptographic(key: KeyTraits) -> frozenset[str]:
    """The actions that use the key, with their prefix: what a key is for."""
    names = {*_BY_USAGE.get(key.usage, ()), *(name for name in _OF_SYMMETRIC if name.startswith("GenerateDataKey"))}
    return frozenset(PREFIX + name for name in names) & frozenset(actions_on(key))


def matching(pattern: str, actions: tuple[str, ...] = KEY_ACTIONS) -> tuple[str, ...]:
    """Those of `actions` that `pattern` names, as IAM reads it: `*` and `?`, upper or lower case, `kms:` or not."""
    whole = pattern if pattern.lower().startswith(PREFIX) else PREFIX + pattern
    return tuple(action for action in actions if covers_action((whole,), action))
