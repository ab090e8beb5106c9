"""KC1xx: values of conditions that no request has.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html and the enums of botocore's service
model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from reconciler.kit.printable import printable
from reconciler.lint.families.conditions import tests
from reconciler.lint.finding import Hit
from reconciler.lint.reference import condition_key
from reconciler.lint.registry import Family
from reconciler.lint.subject import Subject
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.policy.conditions import split_operator
from reconciler.policy.evaluate.operators import RULES
from reconciler.policy.evaluate.text import Unreadable
from reconciler.policy.faults import nearest
from reconciler.policy.patterns import is_literal, matches
from reconciler.policy.principals import is_account_id

_EXACT: Final = frozenset({"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"})
_STRINGS: Final = _EXACT | {"StringLike", "StringNotLike"}
_VIA: Final = re.compile(r"[a-z0-9-]+\.(?P<region>[a-z]{2}(-[a-z]+)+-[0-9]+)\.amazonaws\.com(\.cn)?")
_ENUMS: Final = {
    "kms:KeySpec": frozenset(KeySpec),
    "kms:CustomerMasterKeySpec": frozenset(KeySpec),
    "kms:KeyUsage": frozenset(KeyUsage),
    "kms:CustomerMasterKeyUsage": frozenset(KeyUsage),
    "kms:KeyOrigin": frozenset(Origin),
    "kms:EncryptionAlgorithm": frozenset({"SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"}),
    "kms:ExpirationModel": frozenset({"KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"}),
    "kms:GrantConstraintType": frozenset({"EncryptionContextEquals", "EncryptionContextSubset", "SourceArn"}),
    "kms:MacAlgorithm": frozenset({"HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"}),
    "kms:MessageType": frozenset({"RAW", "DIGEST", "EXTERNAL_MU"}),
    "kms:MultiRegionKeyType": frozenset({"PRIMARY", "REPLICA"}),
    "kms:WrappingKeySpec": frozenset({"RSA_2048", "RSA_3072", "RSA_4096", "SM2"}),
    "kms:GrantOperations": frozenset({
        "CreateGrant", "Decapsulate", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encapsulate", "Encrypt",
        "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo", "RetireGrant",
        "Sign", "Verify", "VerifyMac",
    }),
}  # fmt: skip
"""Values that there are, of keys that have but a few."""


def unreadable_value(subject: Subject) -> Iterator[Hit]:
    """A value that the operator cannot read matches nothing."""
    for one, condition, path in tests(subject):
        base = split_operator(condition.operator)[1]
        rule = RULES.get(base)
        bad = [value for value in condition.values if rule is not None and _unreadable(rule.make, value)]
        if base == "Null":
            bad = [value for value in condition.values if value.lower() not in ("true", "false")]
        if bad:
            yield Hit(f"{one.name} compares with {printable(bad[0], limit=80)}, which {base} cannot read", path)


def _unreadable(make: Callable[[str, bool], object], value: str) -> bool:
    if "${" in value:
        return False
    try:
        make(value, False)  # noqa: FBT003  the shape of Make
    except Unreadable:
        return True
    return False


def wildcard_taken_literally(subject: Subject) -> Iterator[Hit]:
    """`StringEquals` knows no wildcards: `*` is an asterisk."""
    for one, condition, path in tests(subject):
        set_operator, base, if_exists = split_operator(condition.operator)
        wild = [value for value in condition.values if "*" in value or "?" in value]
        if base in _EXACT and wild:
            like = base.replace("IgnoreCase", "").replace("Equals", "Like")
            fix = f"write {set_operator}{like}{'IfExists' if if_exists else ''}"
            yield Hit(
                f"{one.name} compares with {printable(wild[0], limit=80)} by {base}, which knows no wildcards",
                path,
                fix,
            )


def value_unknown(subject: Subject) -> Iterator[Hit]:
    """The condition key never has this value."""
    for one, condition, path in tests(subject):
        known, base = condition_key(condition.key), split_operator(condition.operator)[1]
        if known is None or base not in _STRINGS:
            continue
        for value in condition.values:
            fault = None if "${" in value else _fault(known, value, subject)
            if fault is not None:
                yield Hit(f"{one.name} tests {known} for {printable(value, limit=80)}, {fault[0]}", path, fault[1])


def _fault(key: str, value: str, subject: Subject) -> tuple[str, str] | None:
    """What is wrong with the value, and what to do."""
    if key in _ENUMS:
        if any(matches(value.lower(), known.lower()) for known in _ENUMS[key]):
            return None
        fix = nearest(value, _ENUMS[key])
        return "which it never is", fix
    if key == "kms:ViaService":
        return _via_fault(value, subject)
    if key in ("kms:CallerAccount", "aws:PrincipalAccount", "aws:SourceAccount") and is_literal(value):
        return None if is_account_id(value) else ("which is no account id", "write its twelve digits")
    return None


def _via_fault(value: str, subject: Subject) -> tuple[str, str] | None:
    if not is_literal(value):
        return None
    match = _VIA.fullmatch(value)
    if match is None:
        region = subject.region or "us-east-1"
        return "which names no service in a Region", f"write the service and the Region, e.g. s3.{region}.amazonaws.com"
    if subject.region is not None and match["region"] != subject.region:
        return (
            f"which is not in the key's Region, {subject.region}",
            f"write {subject.region}: a service uses keys of its own Region",
        )
    return None


PROBES: Family = {
    "KC117": unreadable_value,
    "KC118": wildcard_taken_literally,
    "KC119": value_unknown,
}
