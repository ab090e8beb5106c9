"""What a grant may say.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html and
https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from reconciler.engine.crypto.specs import ENCRYPT_DECRYPT
from reconciler.engine.errors import invalid, invalid_arn
from reconciler.engine.keys.metadata import is_symmetric_encryption
from reconciler.engine.store.records import Key
from reconciler.kit.arn import Arn

_ANY_KEY: Final = frozenset({"CreateGrant", "DescribeKey", "RetireGrant"})
_DATA_KEYS: Final = frozenset(
    {
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
    }
)
_BY_USAGE: Final = {
    "ENCRYPT_DECRYPT": frozenset({"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"}),
    "SIGN_VERIFY": frozenset({"Sign", "Verify"}),
    "GENERATE_VERIFY_MAC": frozenset({"GenerateMac", "VerifyMac"}),
    "KEY_AGREEMENT": frozenset({"DeriveSharedSecret"}),
    "ENCAPSULATE_DECAPSULATE": frozenset({"Encapsulate", "Decapsulate"}),
}
_CONTEXTS: Final = ("EncryptionContextEquals", "EncryptionContextSubset")
_MOST_PAIRS: Final = 8
_LONGEST_VALUE: Final = 384
"""Pairs of a constraint, and characters of each one's value."""


def grantable(key: Key) -> frozenset[str]:
    """The operations that a grant on `key` may allow."""
    allowed = _ANY_KEY | _BY_USAGE[key.usage]
    if is_symmetric_encryption(key):
        return allowed | _DATA_KEYS
    return allowed if key.usage == "GENERATE_VERIFY_MAC" else allowed | {"GetPublicKey"}


def check_grant(key: Key, get: Callable[[str], Any]) -> None:
    """See that the parameters of CreateGrant, by `get`, make a grant on `key`.

    Raises:
        KmsError: ValidationException or InvalidArnException.
    """
    _check_principals(get)
    _check_operations(key, get("Operations"))
    _check_constraints(key, get("Constraints") or {})


def _check_principals(get: Callable[[str], Any]) -> None:
    service = get("GranteeServicePrincipal")
    if (get("GranteePrincipal") is None) == (service is None):
        raise invalid("You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.")
    retiring = [name for name in ("RetiringPrincipal", "RetiringServicePrincipal") if get(name) is not None]
    if len(retiring) > 1:
        raise invalid("You can specify RetiringPrincipal or RetiringServicePrincipal, but not both.")
    if service is not None and not (get("Constraints") or {}).get("SourceArn"):
        raise invalid("You must specify a SourceArn grant constraint with GranteeServicePrincipal.")
    if service is not None and not retiring:
        raise invalid("You must specify RetiringPrincipal or RetiringServicePrincipal with GranteeServicePrincipal.")
    for name in ("GranteePrincipal", "RetiringPrincipal"):
        principal = get(name)
        if principal is not None and not _is_principal(principal):
            raise invalid_arn(principal)


def _is_principal(text: str) -> bool:
    arn = Arn.parse(text)
    return (
        arn is not None
        and arn.service in {"iam", "sts"}
        and not arn.region
        and len(arn.account) == 12
        and arn.account.isdecimal()
    )


def _check_operations(key: Key, operations: list[str]) -> None:
    if not operations:
        raise invalid("A grant must allow at least one operation.")
    wrong = sorted(set(operations) - grantable(key))
    if wrong:
        raise invalid(
            f"Grant operations {', '.join(wrong)} are not supported on a KMS key with key spec {key.spec} and key "
            f"usage {key.usage}."
        )


def _check_constraints(key: Key, constraints: dict[str, Any]) -> None:
    contexts = [name for name in _CONTEXTS if constraints.get(name) is not None]
    if len(contexts) > 1:
        raise invalid("A grant can have EncryptionContextEquals or EncryptionContextSubset, but not both.")
    if contexts and not (is_symmetric_encryption(key) and key.usage == ENCRYPT_DECRYPT):
        raise invalid(f"{contexts[0]} is only supported on symmetric encryption KMS keys; {key.arn} is {key.spec}.")
    for name in contexts:
        if len(constraints[name]) > _MOST_PAIRS:
            raise invalid(f"{name} can include up to {_MOST_PAIRS} encryption context pairs.")
        if any(len(value) > _LONGEST_VALUE for value in constraints[name].values()):
            raise invalid(f"An encryption context value in {name} cannot exceed {_LONGEST_VALUE} characters.")
