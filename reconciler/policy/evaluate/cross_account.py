"""Which operations work on a key of another account.

Source: "Cross-account use" of every operation in https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html,
as of botocore 1.44 (2026-11).
"""

from __future__ import annotations

ACROSS_ACCOUNTS = frozenset({
    "CreateGrant", "Decapsulate", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encapsulate", "Encrypt",
    "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext",
    "GenerateMac", "GetKeyRotationStatus", "GetPublicKey", "ListGrants", "ReEncryptFrom", "ReEncryptTo", "RetireGrant",
    "RevokeGrant", "Sign", "Verify", "VerifyMac",
})  # fmt: skip
"""As IAM names them: ReEncrypt is two."""

_ACTIONS = frozenset(f"kms:{operation}".lower() for operation in ACROSS_ACCOUNTS)


def works_across_accounts(action: str) -> bool:
    """Whether an IAM action on a key, e.g. `kms:Decrypt`, can be allowed to other accounts; other services' all can."""
    lowered = action.lower()
    return lowered in _ACTIONS or not lowered.startswith("kms:")
