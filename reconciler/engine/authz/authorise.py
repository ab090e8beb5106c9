"""The stage of the pipeline: the keys that a call names are found, and the caller is let in or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from reconciler.engine.authz.actions import Permission, Resource, action_for, permissions_of
from reconciler.engine.authz.denials import refusal
from reconciler.engine.authz.facts import facts_of
from reconciler.engine.authz.grants import grants_for
from reconciler.engine.authz.request import Request
from reconciler.engine.call import Call
from reconciler.engine.caller import calls_for_itself
from reconciler.engine.errors import ACCESS_DENIED, access_denied
from reconciler.engine.keys.reference import resolve
from reconciler.engine.store.records import Key
from reconciler.kit.arn import alias_arn, key_arn, partition_of
from reconciler.kit.errors import KmsError
from reconciler.policy.evaluate import Decision, Prepared

_ANY = "*"
_CREATE_KEY = "kms:CreateKey"
_SOURCE_ARN = "aws:sourcearn"


def authorise(call: Call) -> None:
    """Resolve the keys that the call names, and let the caller in or not.

    Raises:
        KmsError: NotFoundException, InvalidArnException, AccessDeniedException, InvalidGrantTokenException.
    """
    operation, given = call.operation, call.parameters or {}
    if "GrantTokens" in given:
        _check_tokens(call, given["GrantTokens"])
    hidden = _resolve(call, given)
    for permission in permissions_of(operation):
        if hidden:
            _refuse_hidden(call, permission, hidden)
        _admit_by(call, permission, given)


def _resolve(call: Call, given: Mapping[str, Any]) -> list[str]:
    """Find the keys that the call names; the parameters that name what another account does not have.

    Those are refused when permission for them is asked, as what it has is: not before, for that would tell them apart.
    """
    hidden: list[str] = []
    for parameter in call.operation.keys:
        reference = given.get(parameter.name)
        if reference is not None:
            try:
                call.keys[parameter.name] = resolve(call, reference, aliases=parameter.aliases)
            except KmsError as error:
                if error.code != ACCESS_DENIED:
                    raise
                hidden.append(parameter.name)
    return hidden


def _refuse_hidden(call: Call, permission: Permission, hidden: Iterable[str]) -> None:
    """Refuse what another account does not have in the words of what it has."""
    for parameter in hidden:
        if permission.resource is Resource.ACCOUNT or (
            permission.resource is Resource.KEY and permission.parameter == parameter
        ):
            reference = call.get(parameter)
            call.involve(reference)
            raise access_denied(call.caller.principal, permission.action.partition(":")[2], reference)


def admit(call: Call, key: Key, named: str, parameter: str = "KeyId") -> None:
    """Let the caller use `key`, which it called `named`, and note that the call is about it.

    Where the call found the key by other means, `named` is empty, and `parameter` would have named it.

    Whoever is refused learns no more of another account than it said itself, not even from its own audit record.

    Raises:
        KmsError: AccessDeniedException.
    """
    admit_to(call, action_for(call.operation, parameter), key, named)


def admit_to(call: Call, action: str, key: Key, named: str) -> None:
    """As `admit`, for `action`, e.g. `kms:Decrypt`."""
    authority, caller = call.authority, call.caller
    prepared = authority.prepared(caller, action, key)
    decision = prepared.settled
    if decision is None:
        decision = _decide(prepared, Request(call, authority.identities(), action, key, named), key)
    call.decision = decision
    own = key.account == caller.account
    if decision.allowed:
        call.involve(key.arn)
        return
    if own or named:
        call.involve(key.arn if own else named)
    raise refusal(caller, action, key.arn if own else named, decision, foreign=not own)


def admit_without_key(call: Call, action: str, resource: str = _ANY, region: str = "") -> None:
    """Let the caller do what is about no key of its own policy: IAM alone decides.

    Raises:
        KmsError: AccessDeniedException.
    """
    authority, caller = call.authority, call.caller
    prepared = authority.prepared_without_key(caller, action, resource)
    decision = prepared.settled
    if decision is None:
        request = Request(call, authority.identities(), action, region=region)
        decision = prepared.decide(facts_of(request, prepared.needs))
    call.decision = decision
    if not decision.allowed:
        raise refusal(caller, action, resource, decision, foreign=False)


def _decide(prepared: Prepared, request: Request, key: Key) -> Decision:
    facts = facts_of(request, prepared.needs | {_SOURCE_ARN})
    return prepared.decide(facts, grants_for(request, key), request.encryption_context or {})


def _check_tokens(call: Call, tokens: Iterable[str]) -> None:
    for token in tokens:
        if call.keyring.read_grant_token(token) is None:
            raise KmsError("InvalidGrantTokenException", "The provided grant token is invalid.")


def _admit_by(call: Call, permission: Permission, given: Mapping[str, Any]) -> None:
    """Let the caller in as far as `permission` is about this call."""
    action, parameter = permission.action, permission.parameter
    if permission.resource is Resource.KEY:
        key = call.keys.get(parameter)
        if key is not None:
            admit_to(call, action, key, given[parameter])
    elif not parameter or given.get(parameter):
        match permission.resource:
            case Resource.ACCOUNT:
                _refuse_foreign_key(call)
                admit_without_key(call, action)
            case Resource.ALIAS | Resource.TARGET_OF_ALIAS:
                _admit_by_alias(call, permission)
            case Resource.NEW_KEY | Resource.NEW_REPLICA | Resource.REPLICA:
                _admit_to_related(call, permission)
            case Resource.RETIRING_PRINCIPAL:
                if not calls_for_itself(call.caller):  # services ask for their own grants
                    admit_without_key(call, action, given.get("RetiringPrincipal") or _ANY)
            case _:
                assert_never(permission.resource)


def _admit_by_alias(call: Call, permission: Permission) -> None:
    caller, name = call.caller, call.get("AliasName")
    if permission.resource is Resource.ALIAS:
        admit_without_key(call, permission.action, alias_arn(caller.region, caller.account, name, caller.partition))
        return
    alias = call.store.aliases.find(caller.account, caller.region, name)
    if alias is not None:  # the operation says that there is none
        admit_to(call, permission.action, call.store.keys.by_number(alias.key), alias.key_id)


def _admit_to_related(call: Call, permission: Permission) -> None:
    """Keys that are made, and the one in another Region."""
    caller, action = call.caller, permission.action
    if permission.resource is Resource.REPLICA:
        replica = call.store.keys.find(caller.account, call.get("PrimaryRegion"), call.key.key_id)
        if replica is not None:  # the operation says that there is none
            admit_to(call, action, replica, replica.arn)
        return
    region = call.get("ReplicaRegion") if permission.resource is Resource.NEW_REPLICA else caller.region
    admit_without_key(call, action, _ANY if action == _CREATE_KEY else _some_key(call, region), region)


def _refuse_foreign_key(call: Call) -> None:
    """What IAM alone decides does not work with keys of other accounts."""
    for parameter, key in call.keys.items():
        if key.account != call.caller.account:
            call.involve(call.get(parameter))
            raise access_denied(call.caller.principal, call.name, call.get(parameter))
        call.involve(key.arn)


def _some_key(call: Call, region: str) -> str:
    """The ARN of a key that has no id yet: patterns that mean every key cover it."""
    return key_arn(region, call.caller.account, _ANY, partition_of(region))
