"""Who may retire a grant, held against one call; the rule is `policy.evaluate.retirement`'s."""

from __future__ import annotations

from typing import Final

from reconciler.engine.authz.authorise import admit_to
from reconciler.engine.authz.denials import refusal
from reconciler.engine.authz.facts import facts_of
from reconciler.engine.authz.grants import grant_facts
from reconciler.engine.authz.request import Request
from reconciler.engine.call import Call
from reconciler.engine.store.records import Grant, Key
from reconciler.policy.evaluate import decide_retirement

_ACTION: Final = "kms:RetireGrant"


def admit_to_retire(call: Call, key: Key, grant: Grant | None) -> None:
    """Let the caller retire `grant` on `key`; None is a grant that is not there.

    Raises:
        KmsError: AccessDeniedException.
    """
    if grant is None:
        admit_to(call, _ACTION, key, key.arn)
        return
    authority, caller = call.authority, call.caller
    prepared = authority.prepared(caller, _ACTION, key)
    request = Request(call, authority.identities(), _ACTION, key, key.arn)
    call.decision = decide_retirement(
        prepared,
        grant_facts(grant),
        retiring=grant.retiring,
        key_account=key.account,
        facts=facts_of(request, prepared.needs),
    )
    call.involve(key.arn)
    if not call.decision.allowed:
        raise refusal(caller, _ACTION, key.arn, call.decision, foreign=key.account != caller.account)
