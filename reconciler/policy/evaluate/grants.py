"""Which grants allow a request, and who may retire one.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html and
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from reconciler.policy.evaluate.decision import Outcome
from reconciler.policy.evaluate.inputs import Facts, GrantFacts
from reconciler.policy.evaluate.requester import Naming, Requester, canonical
from reconciler.policy.principals import ANYONE, Principal, PrincipalKind, is_account_id

GRANTABLE = frozenset({
    "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo", "Sign",
    "Verify", "GetPublicKey", "CreateGrant", "RetireGrant", "DescribeKey", "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext", "GenerateMac", "VerifyMac", "DeriveSharedSecret", "Encapsulate",
    "Decapsulate",
})  # fmt: skip
"""The operations that a grant can allow: `GrantOperation` of the KMS service model."""

CARRY_CONTEXT = frozenset({
    "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
    "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
})  # fmt: skip
"""The operations whose requests have an encryption context, to which alone its constraints apply."""

_PREFIX = "kms:"
_GRANTABLE = {f"{_PREFIX}{operation}".lower(): operation for operation in GRANTABLE}


def operation_of(action: str) -> str | None:
    """The grant operation that the IAM action is, None when grants cannot allow it."""
    return _GRANTABLE.get(action.lower())


def grant_applies(
    grant: GrantFacts, requester: Requester, operation: str, facts: Facts, context: Mapping[str, str]
) -> Naming | Outcome:
    """How `grant`, if it lets `requester` do `operation`, includes it; otherwise why it does not."""
    if operation not in grant.operations:
        return Outcome.OTHER_ACTION
    naming = named_by(grant.grantee, requester)
    if naming is Naming.NONE:
        return Outcome.OTHER_PRINCIPAL
    return naming if _within_constraints(grant, operation, facts, context) else Outcome.CONDITION_FAILED


def may_retire(grant: GrantFacts, requester: Requester, *, key_account: str, retiring: str | None = None) -> bool:
    """Whether the grant itself lets `requester` retire it: without a policy, and in any account.

    `retiring` is the retiring principal, an ARN or a service's name. The grantee may where RetireGrant is among the
    operations, constraints or not, and the root user of the account that owns the key always. Others need
    `kms:RetireGrant` by policy (https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html).
    """
    if retiring is not None and named_by(retiring, requester) > Naming.ACCOUNT:
        return True
    if "RetireGrant" in grant.operations and named_by(grant.grantee, requester) > Naming.ACCOUNT:
        return True
    account = Principal(PrincipalKind.AWS, key_account)
    return requester.names.get(account, Naming.NONE) is Naming.DIRECT


@lru_cache(maxsize=4096)
def _principal(name: str) -> Principal:
    """A grant's principal in canonical form."""
    if name.startswith("arn:") or is_account_id(name):
        return canonical(Principal(PrincipalKind.AWS, name))
    return Principal(PrincipalKind.SERVICE, name)


def named_by(name: str, requester: Requester) -> Naming:
    """How a grant's principal `name` includes `requester`. Nobody is meant by `*`, which no grant can have."""
    return Naming.NONE if name == ANYONE else requester.names.get(_principal(name), Naming.NONE)


def _within_constraints(grant: GrantFacts, operation: str, facts: Facts, context: Mapping[str, str]) -> bool:
    if (
        grant.source_arn is not None
        and operation != "RetireGrant"
        and facts.get("aws:sourcearn") != (grant.source_arn,)
    ):
        return False
    if operation not in CARRY_CONTEXT:
        return True
    if grant.context_equals is not None and _folded(context) != _folded(grant.context_equals):
        return False
    return grant.context_subset is None or _folded(grant.context_subset) <= _folded(context)


def _folded(context: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """The pairs of an encryption context, as constraints compare them: the case of keys does not count."""
    return frozenset((key.lower(), value) for key, value in context.items())
