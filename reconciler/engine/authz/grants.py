"""The grants that count for a request: on its key, for its caller, known by now or presented by token.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html, on eventual consistency and grant tokens, and
https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-creategrant
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.engine.authz.request import Request
from reconciler.engine.store.records import Grant, Key
from reconciler.kit.arn import Arn, root_arn
from reconciler.policy.evaluate import GrantFacts, narrows

_CREATE: Final = "kms:CreateGrant"


def grants_for(request: Request, key: Key) -> Iterator[GrantFacts]:
    """The grants on `key` that may help the caller, oldest first; the store is asked when the first is."""
    call = request.call
    known_since = call.now - call.authority.consistency_delay
    found = call.store.grants.of_grantees(key, grantee_names(request))
    presented = _presented(request, key) if any(grant.created > known_since for grant in found) else frozenset()
    for grant in found:
        if grant.created <= known_since or grant.grant_id in presented:
            facts = grant_facts(grant)
            if request.action != _CREATE or narrows(_grant_asked_for(request), facts):
                yield facts


def grantee_names(request: Request) -> tuple[str, ...]:
    """Every way in which a grant can name the caller as its grantee."""
    principal = request.call.caller.principal
    arn = Arn.parse(principal)
    if arn is None:
        return (principal,)
    names = [principal, root_arn(arn.account, arn.partition), arn.account]
    if arn.resource.startswith("assumed-role/"):
        role = request.identities.role_of(arn)
        names += [str(Arn(arn.partition, "iam", "", arn.account, f"role/{arn.resource.split('/')[1]}"))]
        names += [role.arn] if role else []
    return tuple(dict.fromkeys(names))


def grant_facts(grant: Grant) -> GrantFacts:
    """What `grant` says, as far as it decides."""
    return _facts(grant.grant_id, grant.grantee, grant.body)


def _grant_asked_for(request: Request) -> GrantFacts:
    """The grant that CreateGrant is to create."""
    return _facts("", "", request.call.parameters or {})


def _facts(grant_id: str, grantee: str, body: Mapping[str, Any]) -> GrantFacts:
    """A grant's facts from its parameters, by AWS's names."""
    constraints = body.get("Constraints") or {}
    return GrantFacts(
        grant_id=grant_id,
        grantee=grantee,
        operations=frozenset(body["Operations"]),
        context_equals=constraints.get("EncryptionContextEquals"),
        context_subset=constraints.get("EncryptionContextSubset"),
        source_arn=constraints.get("SourceArn"),
    )


def _presented(request: Request, key: Key) -> frozenset[str]:
    """The ids of grants on `key` whose tokens came with the request."""
    call = request.call
    references = (call.keyring.read_grant_token(token) for token in call.get("GrantTokens") or ())
    return frozenset(one.grant_id for one in references if one is not None and one.key_arn == key.arn)
