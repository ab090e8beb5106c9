"""Grants: who gets them, and what they may permit.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html and
https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.checks.keys import KeyFacts
from reconciler.manifest.documents import Document, Message
from reconciler.model.keyspec import KeySpec, KeyUsage

_ALWAYS: Final = frozenset({"CreateGrant", "DescribeKey", "RetireGrant"})
_SYMMETRIC: Final = frozenset(
    {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
    }
)
_BY_USAGE: Final = {
    KeyUsage.ENCRYPT_DECRYPT: frozenset({"Decrypt", "Encrypt", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo"}),
    KeyUsage.SIGN_VERIFY: frozenset({"GetPublicKey", "Sign", "Verify"}),
    KeyUsage.GENERATE_VERIFY_MAC: frozenset({"GenerateMac", "VerifyMac"}),
    KeyUsage.KEY_AGREEMENT: frozenset({"DeriveSharedSecret", "GetPublicKey"}),
    KeyUsage.ENCAPSULATE_DECAPSULATE: frozenset({"Decapsulate", "Encapsulate", "GetPublicKey"}),
}
_CONTEXTS: Final = ("encryptionContextEquals", "encryptionContextSubset")


def check_grant(document: Document) -> Iterator[Diagnostic]:
    """Everything wrong with a Grant that shows without knowing its key."""
    spec = document.spec
    grantees = [name for name in ("granteePrincipal", "granteeServicePrincipal") if name in spec]
    if not grantees:
        message = Message(
            "missing-field",
            "the grant has no grantee",
            "it permits something to one principal or one service",
            "add `granteePrincipal:` or `granteeServicePrincipal:`",
        )
        yield document.fault(("spec",), message, of_key=True)
    yield from _check_pair(document, ("granteePrincipal", "granteeServicePrincipal"))
    yield from _check_pair(document, ("retiringPrincipal", "retiringServicePrincipal"))
    if "granteeServicePrincipal" in spec:
        yield from _check_service(document)


def check_grant_on_key(document: Document, facts: KeyFacts) -> Iterator[Diagnostic]:
    """What a Grant asks for that its key cannot do."""
    if facts.key_usage is None:
        return
    possible = _ALWAYS | _operations(facts.key_spec, facts.key_usage)
    for index, operation in enumerate(document.spec["operations"]):
        if operation not in possible:
            yield document.fault(
                ("spec", "operations", index),
                Message(
                    "grant-operation-not-possible",
                    f"a key of {facts.key_spec} for {facts.key_usage} cannot {operation}",
                    f"possible: {', '.join(sorted(possible))}",
                    "remove the operation, or grant on another key",
                ),
            )
    for name in _CONTEXTS:
        if facts.key_spec is not KeySpec.SYMMETRIC_DEFAULT and document.spec.get("constraints", {}).get(name):
            yield document.fault(
                ("spec", "constraints", name),
                Message(
                    "encryption-context-not-possible",
                    f"a grant on a key of {facts.key_spec} cannot be constrained by encryption context",
                    "only operations with symmetric encryption keys have an encryption context",
                    f"remove `{name}`; `sourceArn` is possible for every key",
                ),
                of_key=True,
            )


def _operations(key_spec: KeySpec, key_usage: KeyUsage) -> frozenset[str]:
    return _SYMMETRIC if key_spec is KeySpec.SYMMETRIC_DEFAULT else _BY_USAGE[key_usage]


def _check_pair(document: Document, names: tuple[str, str]) -> Iterator[Diagnostic]:
    first, second = names
    if first in document.spec and second in document.spec:
        message = Message(
            "conflicting-fields",
            f"`spec` has `{first}` and `{second}`",
            "a grant has one of them at most",
            "keep one of them, and write a second grant if both are needed",
        )
        yield document.fault(("spec", second), message, of_key=True)


def _check_service(document: Document) -> Iterator[Diagnostic]:
    spec = document.spec
    lacking = []
    if "sourceArn" not in spec.get("constraints", {}):
        lacking.append("`constraints.sourceArn`")
    if "retiringPrincipal" not in spec and "retiringServicePrincipal" not in spec:
        lacking.append("`retiringPrincipal` or `retiringServicePrincipal`")
    if lacking:
        yield document.fault(
            ("spec", "granteeServicePrincipal"),
            Message(
                "service-grant-incomplete",
                f"a grant to a service lacks {' and '.join(lacking)}",
                "KMS asks for both, so that the service cannot be made to use the key for somebody else",
                f"add {' and '.join(lacking)}",
            ),
            of_key=True,
        )
