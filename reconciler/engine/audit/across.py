"""What is done with a key of another account is on record in both accounts; what is denied, in the caller's alone.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html and, for the ids of the two
events, https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import NAMESPACE_OID, uuid5

from reconciler.engine.audit.record import entry_of
from reconciler.engine.call import Call
from reconciler.engine.errors import ACCESS_DENIED
from reconciler.engine.ids import random_uuid
from reconciler.engine.store.segments import Entry
from reconciler.kit.arn import Arn
from reconciler.kit.errors import KmsError


def entries_of(call: Call, error: KmsError | None) -> list[Entry]:
    """What is kept of `call`, which ended well or with `error`: for its caller, then for the owners of its keys."""
    own = f":{call.caller.account}:"
    for arn in call.resources:
        if own not in arn:
            break
    else:
        return [entry_of(call, error)]
    if error is not None and error.code == ACCESS_DENIED:
        return [entry_of(call, error)]
    call.request_id = call.request_id or random_uuid()
    entry = entry_of(call, error)
    return [entry, *(_seen_by(owner, call, entry) for owner in sorted(accounts_of(call.resources)) if owner not in own)]


def _seen_by(owner: str, call: Call, entry: Entry) -> Entry:
    return entry._replace(who=replace(call.caller, account=owner), used=())


def accounts_of(resources: Iterable[str]) -> set[str]:
    """The accounts in these ARNs."""
    return {arn.account for text in resources if (arn := Arn.parse(text))}


def shared_id(principal: str | None, resources: Iterable[str], request_id: str, error: str | None) -> str | None:
    """CloudTrail's sharedEventID: one for the events of all accounts about the same request; None when it is alone."""
    caller = Arn.parse(principal or "")
    if caller is None or error == ACCESS_DENIED or accounts_of(resources) <= {caller.account}:
        return None
    return str(uuid5(NAMESPACE_OID, request_id))
