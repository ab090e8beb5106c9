"""The key policy lockout safety check, and the check that a key policy's principals exist.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key and the
parameters `Policy` and `BypassPolicyLockoutSafetyCheck` of CreateKey, PutKeyPolicy and ReplicateKey.
"""

from __future__ import annotations

from typing import Final

from reconciler.engine.authz.facts import facts_of
from reconciler.engine.authz.request import Request
from reconciler.engine.call import Call
from reconciler.engine.identities import Identities
from reconciler.kit.arn import Arn, key_arn
from reconciler.kit.errors import KmsError
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import Requester, locks_out
from reconciler.policy.principals import Principal, PrincipalKind, is_unique_id

_ACTION: Final = "kms:PutKeyPolicy"
_CODE: Final = "MalformedPolicyDocumentException"


def check(call: Call, policy_text: str) -> None:
    """See that the caller can change the policy again once it is `policy_text`, and that its principals exist.

    Raises:
        KmsError: MalformedPolicyDocumentException.
    """
    document = call.authority.document(policy_text)
    if not isinstance(document, PolicyDocument):
        raise KmsError(_CODE, f"The policy cannot be read: {document.why}")
    check_principals(call.authority.identities(), document)
    if not call.get("BypassPolicyLockoutSafetyCheck") and _locks_out(call, document):
        raise KmsError(_CODE, "The new key policy will not allow you to update the key policy in the future.")


def _locks_out(call: Call, document: PolicyDocument) -> bool:
    """Whether the caller could not put another policy; conditions are held against this call."""
    caller, key = call.caller, call.keys.get("KeyId")
    request = Request(call, call.authority.identities(), _ACTION, key)
    reason = locks_out(
        document,
        Requester.of(caller.principal),
        key_arn=key.arn if key else key_arn(caller.region, caller.account, "*", caller.partition),
        key_account=caller.account,
        facts_of=lambda needs: facts_of(request, needs),
    )
    return reason is not None


def check_principals(identities: Identities, document: PolicyDocument) -> None:
    """See that the users and roles that the policy names exist, as far as their accounts are known.

    Raises:
        KmsError: MalformedPolicyDocumentException.
    """
    named = (one for statement in document.statements for one in (*statement.principals, *statement.not_principals))
    if not all(_exists(identities, principal) for principal in named):
        raise KmsError(_CODE, "Policy contains a statement with one or more invalid principals.")


def _exists(identities: Identities, principal: Principal) -> bool:
    if principal.kind is not PrincipalKind.AWS:
        return True
    arn = Arn.parse(principal.name)
    if arn is None:
        return not is_unique_id(principal.name)
    if arn.account not in identities.accounts or identities.accounts[arn.account].partial:
        return True
    match arn.resource.partition("/")[0]:
        case "user":
            return identities.user(arn) is not None
        case "role" | "assumed-role":
            return identities.role_of(arn) is not None
        case _:
            return True
