"""Which grants allow a request, and which grants may be made by one.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html and
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from reconciler.policy.evaluate.decision import Outcome
from reconciler.policy.evaluate.inputs import Facts, GrantFacts
from reconciler.policy.evaluate.requester import Naming, Requester, canonical
from reconciler.policy.principals import Principal, PrincipalKind, is_account_id

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
    grant: GrantFacts, requester: Requester, operation: str | None, facts: Facts, context: Mapping[str, str]
) -> Naming | Outcome:
    """How `grant`, if it lets `requester` do `operation`, includes it; otherwise why it does not."""
    if operation is None or operation not in grant.operations:
        return Outcome.OTHER_ACTION
    naming = named_by(grant.grantee, requester)
    if naming is Naming.NONE:
        return Outcome.OTHER_PRINCIPAL
    return naming if _within_constraints(grant, operation, facts, context) else Outcome.CONDITION_FAILED


def narrows(child: GrantFacts, parent: GrantFacts) -> bool:
    """Whether a grantee who may only CreateGrant by the grant `parent` may create `child`.

    It allows no operation that the parent does not, under the same constraints or stricter ones
    (https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-creategrant).
    """
    if not child.operations <= parent.operations or parent.source_arn not in (None, child.source_arn):
        return False
    if parent.context_equals is not None:
        return child.context_equals is not None and _is_same(child.context_equals, parent.context_equals)
    if parent.context_subset is None:
        return True
    asked = [context for context in (child.context_equals, child.context_subset) if context is not None]
    return any(_includes(context, parent.context_subset) for context in asked)


@lru_cache(maxsize=4096)
def _principal(name: str) -> Principal:
    """A grant's principal in canonical form."""
    if name.startswith("arn:") or is_account_id(name):
        return canonical(Principal(PrincipalKind.AWS, name))
    return Principal(PrincipalKind.SERVICE, name)


def named_by(name: str, requester: Requester) -> Naming:
    """How a grant's principal `name` includes `requester`. Nobody is meant by `*`, which no grant can have."""
    return requester.names.get(_principal(name), Naming.NONE)


def _within_constraints(grant: GrantFacts, operation: str, facts: Facts, context: Mapping[str, str]) -> bool:
    if (
        grant.source_arn is not None
        and operation != "RetireGrant"
        and facts.get("aws:sourcearn") != (grant.source_arn,)
    ):
        return False
    if operation not in CARRY_CONTEXT:
        return True
    if grant.context_equals is not None and not _is_same(context, grant.context_equals):
        return False
    return grant.context_subset is None or _includes(context, grant.context_subset)


def _is_same(context: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return len(context) == len(other) and _folded(context) == _folded(other)


def _includes(context: Mapping[str, str], part: Mapping[str, str]) -> bool:
    return _folded(part) <= _folded(context)


def _folded(context: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """The pairs of an encryption context, as constraints compare them: the case of keys does not count."""
    return frozenset((key.lower(), value) for key, value in context.items())
