"""Who may retire a grant: who the grant itself says, the key's account, and whom IAM delegates it to.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html and API_RetireGrant.html
"""

from __future__ import annotations

from typing import Final

from reconciler.engine.authz.authorise import admit_without_key
from reconciler.engine.authz.grants import grant_facts
from reconciler.engine.call import Call
from reconciler.engine.errors import access_denied
from reconciler.engine.store.records import Grant, Key
from reconciler.kit.arn import root_arn
from reconciler.policy.evaluate import Requester, may_retire

_ACTION: Final = "kms:RetireGrant"


def admit_to_retire(call: Call, key: Key, grant: Grant | None) -> None:
    """Let the caller retire `grant` on `key`; None is a grant that is not there.

    Raises:
        KmsError: AccessDeniedException.
    """
    caller = call.caller
    requester = Requester.of(caller.principal)
    if grant is not None and may_retire(
        grant_facts(grant), requester, key_account=key.account, retiring=grant.retiring
    ):
        call.involve(key.arn)
        return
    own = key.account == caller.account
    call.involve(key.arn)
    if own or (grant is not None and grant.retiring == root_arn(caller.account, caller.partition)):
        admit_without_key(call, _ACTION, key.arn)
        return
    raise access_denied(caller.principal, "RetireGrant", key.arn)
