"""RetireGrant, RevokeGrant.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grant-manage.html#grant-delete
"""

from __future__ import annotations

import re
from typing import Any, Final

from reconciler.engine.authz.retirement import admit_to_retire
from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.crypto.keyring import GrantReference
from reconciler.engine.errors import ACCESS_DENIED, dry_run, invalid, not_found
from reconciler.engine.keys.reference import resolve
from reconciler.engine.store.records import Key
from reconciler.kit.errors import KmsError

_GRANT_ID: Final = re.compile(r"[0-9a-f]{64}")


def _retire_grant(call: Call) -> dict[str, Any]:
    reference = _reference(call)
    key = _resolved(call, reference.key_arn)
    admit_to_retire(call, key, call.store.grants.find(key, reference.grant_id))
    call.additional = {"grantId": reference.grant_id}
    return _delete(call, key, reference.grant_id)


def _resolved(call: Call, key_arn: str) -> Key:
    """The key; the record is about one of another account whether it is there or not."""
    try:
        return resolve(call, key_arn, aliases=False)
    except KmsError as error:
        if error.code == ACCESS_DENIED:
            call.involve(key_arn)
        raise


def _reference(call: Call) -> GrantReference:
    """Which grant: by its token, or by its key and its id.

    The API reference asks for the key's ARN; AWS takes the key id of a key of the caller's account as well.
    """
    token, key_id, grant_id = call.get("GrantToken"), call.get("KeyId"), call.get("GrantId")
    if token is not None:
        if key_id is not None or grant_id is not None:
            raise invalid("You must specify either GrantToken, or KeyId and GrantId, but not both.")
        named = call.keyring.read_grant_token(token)
        if named is None:
            raise KmsError("InvalidGrantTokenException", "The provided grant token is invalid.")
        return named
    if key_id is None or grant_id is None:
        raise invalid("You must specify either GrantToken, or KeyId and GrantId.")
    return GrantReference(key_id, grant_id)


def _revoke_grant(call: Call) -> dict[str, Any]:
    return _delete(call, call.key, call.get("GrantId"))


def _delete(call: Call, key: Key, grant_id: str) -> dict[str, Any]:
    if not _GRANT_ID.fullmatch(grant_id):
        raise KmsError("InvalidGrantIdException", f"Invalid grant id {grant_id}")
    grant = call.store.grants.find(key, grant_id)
    if grant is None:
        raise not_found(f"Grant {grant_id} on {key.arn} is not found.")
    if call.get("DryRun"):
        raise dry_run()
    call.store.grants.delete(grant)
    return {}


OPERATIONS = (
    Operation("RetireGrant", _retire_grant, Access.WRITE, keys=()),
    Operation("RevokeGrant", _revoke_grant, Access.WRITE),
)
