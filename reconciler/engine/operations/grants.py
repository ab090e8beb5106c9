"""CreateGrant, ListGrants, ListRetirableGrants.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html and API_CreateGrant.html
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.caller import calls_for_itself
from reconciler.engine.crypto.keyring import GrantReference
from reconciler.engine.errors import access_denied, dry_run, invalid, invalid_arn
from reconciler.engine.instants import to_datetime
from reconciler.engine.keys.grant_rules import check_grant
from reconciler.engine.paging import paged
from reconciler.engine.quotas.resources import refuse_more_grants
from reconciler.engine.store.records import Grant, Key
from reconciler.kit.arn import Arn, root_arn
from reconciler.kit.canonical import digest

_KEPT: Final = (
    "Name",
    "GranteePrincipal",
    "RetiringPrincipal",
    "GranteeServicePrincipal",
    "RetiringServicePrincipal",
    "Operations",
    "Constraints",
)


def _create_grant(call: Call) -> dict[str, Any]:
    key = call.key
    check_grant(key, call.get)
    body = {name: call.get(name) for name in _KEPT if call.get(name) is not None}
    body["Operations"] = sorted(set(body["Operations"]))
    if call.get("DryRun"):
        raise dry_run()
    named = digest(body) if "Name" in body else None
    existing = call.store.grants.same(key, named) if named else None
    grant_id = existing.grant_id if existing else _add(call, key, named, body)
    token = call.keyring.grant_token(GrantReference(key.arn, grant_id))
    return {"GrantToken": token, "GrantId": grant_id}


def _add(call: Call, key: Key, named: str | None, body: dict[str, Any]) -> str:
    refuse_more_grants(call, key)
    grant_id = secrets.token_hex(32)
    issuer = root_arn(call.caller.account, call.caller.partition)
    call.store.grants.insert(key, grant_id, named, body | {"IssuingAccount": issuer}, call.now)
    return grant_id


def _list_grants(call: Call) -> dict[str, Any]:
    grantees = [call.get(name) for name in ("GranteePrincipal", "GranteeServicePrincipal") if call.get(name)]
    if len(grantees) > 1:
        raise invalid("You can specify GranteePrincipal or GranteeServicePrincipal, but not both.")
    if call.get("GranteeServicePrincipal"):
        _only_for_service(call, call.get("GranteeServicePrincipal"))
    filters = {"grantee": grantees[0]} if grantees else {}
    if call.get("GrantId") is not None:
        filters["grant_id"] = call.get("GrantId")
    found, page = paged(
        call,
        lambda after, limit: call.store.grants.page(call.key, filters, after, limit),
        lambda grant: grant.n,
        start=0,
    )
    return {"Grants": [_entry(call.key, grant) for grant in found], **page}


def _list_retirable_grants(call: Call) -> dict[str, Any]:
    principal = _retiring_principal(call)
    region = call.caller.region
    found, page = paged(
        call,
        lambda after, limit: call.store.grants.retirable(principal, region, after, limit),
        lambda grant: grant.n,
        start=0,
    )
    return {"Grants": [_entry(call.store.keys.by_number(grant.key), grant) for grant in found], **page}


def _only_for_service(call: Call, service: str) -> None:
    """Filters by service principal are for that service, when it calls for itself.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
    """
    if not (calls_for_itself(call.caller) and call.caller.principal == service):
        raise access_denied(call.caller.principal, call.name, service)


def _retiring_principal(call: Call) -> str:
    service, principal = call.get("RetiringServicePrincipal"), call.get("RetiringPrincipal")
    if (service is None) == (principal is None):
        raise invalid("You must specify either RetiringPrincipal or RetiringServicePrincipal.")
    if service is not None:
        _only_for_service(call, service)
        return str(service)
    arn = Arn.parse(principal)
    if arn is None:
        raise invalid_arn(principal)
    if arn.account != call.caller.account:
        raise access_denied(call.caller.principal, call.name, principal)
    return str(principal)


def _entry(key: Key, grant: Grant) -> dict[str, Any]:
    """A grant as listings tell it; the name of one that has none is empty, as in AWS's answers."""
    entry = {"KeyId": key.arn, "GrantId": grant.grant_id, "Name": "", "CreationDate": to_datetime(grant.created)}
    return entry | grant.body


OPERATIONS = (
    Operation("CreateGrant", _create_grant, Access.WRITE),
    Operation("ListGrants", _list_grants, Access.READ),
    Operation("ListRetirableGrants", _list_retirable_grants, Access.READ, keys=()),
)
