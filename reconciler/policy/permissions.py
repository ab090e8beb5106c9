"""What each role on a key needs to be allowed, and no more.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html (the console's statements for each
type of key) and https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.kit.printable import printable
from reconciler.policy.faults import FaultList, nearest


@dataclass(frozen=True, slots=True)
class KeyTraits:
    """What a policy must know of its key, in AWS's spelling."""

    usage: str
    spec: str
    origin: str = "AWS_KMS"
    multi_region: bool = False


READ_ACTIONS = ("kms:Describe*", "kms:Get*", "kms:List*")
"""To look at a key and at what is about it."""

GRANT_ACTIONS = ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant")
"""To let AWS services attach a key to their resources."""

_ADMINISTRATION = (
    "kms:CreateAlias", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*",
    "kms:Disable*", "kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
)  # fmt: skip
"""The console's list, but `kms:CreateAlias` for its `kms:Create*`: that has `kms:CreateGrant` in it, with which an
administrator could let itself use the key."""

_SYMMETRIC = "SYMMETRIC_DEFAULT"
_ROTATED_ON_DEMAND = ("AWS_KMS", "EXTERNAL")
"""Keys in custom key stores are not (https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-on-demand.html)."""
_USE = {
    "ENCRYPT_DECRYPT": ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GetPublicKey", "kms:ReEncrypt*"),
    "SIGN_VERIFY": ("kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"),
    "GENERATE_VERIFY_MAC": ("kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"),
    "KEY_AGREEMENT": ("kms:DeriveSharedSecret", "kms:DescribeKey", "kms:GetPublicKey"),
    "ENCAPSULATE_DECAPSULATE": ("kms:Decapsulate", "kms:DescribeKey", "kms:Encapsulate", "kms:GetPublicKey"),
}
_USE_SYMMETRIC = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")


def is_for_services(key: KeyTraits) -> bool:
    """Whether AWS services can use `key` for their resources: they use symmetric encryption keys alone.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/service-integration.html
    """
    return key.usage == "ENCRYPT_DECRYPT" and key.spec == _SYMMETRIC


def use_actions(key: KeyTraits, faults: FaultList) -> tuple[str, ...]:
    """What users of `key` are allowed; a usage that KMS does not have is a fault at `("keyUsage",)`."""
    if key.usage not in _USE:
        what = f"{printable(key.usage, limit=80)} is no key usage"
        faults.add(("keyUsage",), what, nearest(key.usage, _USE))
        return ()
    if is_for_services(key):
        return _USE_SYMMETRIC
    return _USE[key.usage]


def administration_actions(key: KeyTraits) -> tuple[str, ...]:
    """What administrators of `key` are allowed: everything but to use it."""
    actions: tuple[str, ...] = _ADMINISTRATION
    if key.spec == _SYMMETRIC and key.origin in _ROTATED_ON_DEMAND:
        actions += ("kms:RotateKeyOnDemand",)
    if key.origin == "EXTERNAL":
        actions += ("kms:ImportKeyMaterial",)
    if key.multi_region:
        actions += ("kms:ReplicateKey",)
    return actions
