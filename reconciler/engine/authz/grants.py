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
from reconciler.policy.evaluate import GrantFacts

_CREATE: Final = "kms:CreateGrant"
_EQUALS: Final = "EncryptionContextEquals"
_SUBSET: Final = "EncryptionContextSubset"


def grants_for(request: Request, key: Key) -> Iterator[GrantFacts]:
    """The grants on `key` that may help the caller, oldest first; the store is asked when the first is."""
    call = request.call
    known_since = call.now - call.authority.consistency_delay
    found = call.store.grants.of_grantees(key, grantee_names(request))
    presented = _presented(request, key) if any(grant.created > known_since for grant in found) else frozenset()
    for grant in found:
        known = grant.created <= known_since or grant.grant_id in presented
        if known and (request.action != _CREATE or allows_child(grant.body, call.parameters or {})):
            yield grant_facts(grant)


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
    constraints = grant.body.get("Constraints") or {}
    return GrantFacts(
        grant_id=grant.grant_id,
        grantee=grant.grantee,
        operations=frozenset(grant.body["Operations"]),
        context_equals=constraints.get(_EQUALS),
        context_subset=constraints.get(_SUBSET),
        source_arn=constraints.get("SourceArn"),
    )


def allows_child(parent: Mapping[str, Any], child: Mapping[str, Any]) -> bool:
    """Whether who may create grants by the grant `parent` may create `child`.

    It has no more operations and no looser constraints. Both have AWS's names, as CreateGrant's parameters.
    """
    if not set(child["Operations"]) <= set(parent["Operations"]):
        return False
    ours, theirs = parent.get("Constraints") or {}, child.get("Constraints") or {}
    if ours.get("SourceArn") not in (None, theirs.get("SourceArn")):
        return False
    if ours.get(_EQUALS):
        return _pairs(theirs.get(_EQUALS)) == _pairs(ours[_EQUALS])
    return _pairs(ours.get(_SUBSET)) <= (_pairs(theirs.get(_EQUALS)) or _pairs(theirs.get(_SUBSET)))


def _pairs(context: Mapping[str, str] | None) -> frozenset[tuple[str, str]]:
    """The pairs of a constraint, whose keys do not count their case."""
    return frozenset((key.lower(), value) for key, value in (context or {}).items())


def _presented(request: Request, key: Key) -> frozenset[str]:
    """The ids of grants on `key` whose tokens came with the request."""
    call = request.call
    references = (call.keyring.read_grant_token(token) for token in call.get("GrantTokens") or ())
    return frozenset(one.grant_id for one in references if one is not None and one.key_arn == key.arn)
