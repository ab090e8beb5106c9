"""Steps in AWS's words: the one place where names inside become names on the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from reconciler.model.desired import GrantConstraints, GrantTerms
from reconciler.model.ownership import OPERATION_TAG
from reconciler.plan.steps import (
    CancelDeletion,
    CreateAlias,
    CreateGrant,
    CreateKey,
    DeleteAlias,
    DisableKey,
    DisableRotation,
    EnableKey,
    EnableRotation,
    KeyHandle,
    PutKeyPolicy,
    ReplicateKey,
    RevokeGrant,
    RotateOnDemand,
    ScheduleDeletion,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateDescription,
    UpdatePrimary,
)

DEFAULT_POLICY = "default"
"""The only policy name that KMS knows."""

StateStep = EnableKey | DisableKey | ScheduleDeletion | CancelDeletion
FieldStep = UpdateDescription | PutKeyPolicy | TagKey | UntagKey
RotationStep = EnableRotation | DisableRotation | RotateOnDemand
AliasStep = CreateAlias | UpdateAlias | DeleteAlias
GrantStep = CreateGrant | RevokeGrant

Resolve = Callable[[KeyHandle], str]
"""A key handle to the id or ARN of its key."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call."""

    operation: str
    parameters: Mapping[str, Any]


def request(step: StateStep | FieldStep | RotationStep | AliasStep | GrantStep, resolve: Resolve) -> Request:
    """The call that makes `step`. `CreateKey` has `creation` instead, since its attempt needs a name."""
    match step:
        case EnableKey() | DisableKey() | ScheduleDeletion() | CancelDeletion():
            return _state(step, resolve(step.key))
        case UpdateDescription() | PutKeyPolicy() | TagKey() | UntagKey():
            return _field(step, resolve(step.key))
        case EnableRotation() | DisableRotation() | RotateOnDemand():
            return _rotation(step, resolve(step.key))
        case CreateAlias() | UpdateAlias() | DeleteAlias():
            return _alias(step, resolve)
        case CreateGrant() | RevokeGrant():
            return _grant(step, resolve(step.key))
        case _:
            assert_never(step)


def creation(step: CreateKey, attempt: str, store_id: str | None = None) -> Request:
    """The call that creates a key whose tags, set in the same instant, name the attempt."""
    parameters: dict[str, Any] = {
        "KeySpec": str(step.key_spec),
        "KeyUsage": str(step.key_usage),
        "Origin": str(step.origin),
        "MultiRegion": step.multi_region,
        "Description": step.description,
        "Tags": _tags({**step.tags, **step.owner.tags(), OPERATION_TAG: attempt}),
    }
    if step.policy is not None:
        parameters["Policy"] = step.policy
    custody = {"CustomKeyStoreId": store_id, "XksKeyId": step.xks_key_id}
    return Request("CreateKey", parameters | {name: value for name, value in custody.items() if value is not None})


def replication(step: ReplicateKey, primary: str, attempt: str) -> Request:
    """The call that makes a replica of `primary`, made where that is."""
    parameters = {
        "KeyId": primary,
        "ReplicaRegion": step.region,
        "Description": step.description,
        "Tags": _tags({**step.tags, **step.owner.tags(), OPERATION_TAG: attempt}),
    }
    if step.policy is not None:
        parameters["Policy"] = step.policy
    return Request("ReplicateKey", parameters)


def primary_update(step: UpdatePrimary, key: str) -> Request:
    """The call that makes the key in another Region the primary, made where the primary is."""
    return Request("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": step.region})


def _state(step: StateStep, key: str) -> Request:
    match step:
        case EnableKey():
            return Request("EnableKey", {"KeyId": key})
        case DisableKey():
            return Request("DisableKey", {"KeyId": key})
        case ScheduleDeletion():
            return Request("ScheduleKeyDeletion", {"KeyId": key, "PendingWindowInDays": step.window})
        case CancelDeletion():
            return Request("CancelKeyDeletion", {"KeyId": key})
        case _:
            assert_never(step)


def _field(step: FieldStep, key: str) -> Request:
    match step:
        case UpdateDescription():
            return Request("UpdateKeyDescription", {"KeyId": key, "Description": step.description})
        case PutKeyPolicy():
            return Request("PutKeyPolicy", {"KeyId": key, "PolicyName": DEFAULT_POLICY, "Policy": step.policy})
        case TagKey():
            return Request("TagResource", {"KeyId": key, "Tags": _tags(step.tags)})
        case UntagKey():
            return Request("UntagResource", {"KeyId": key, "TagKeys": list(step.tag_keys)})
        case _:
            assert_never(step)


def _rotation(step: RotationStep, key: str) -> Request:
    match step:
        case EnableRotation():
            return Request("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": step.period})
        case DisableRotation():
            return Request("DisableKeyRotation", {"KeyId": key})
        case RotateOnDemand():
            return Request("RotateKeyOnDemand", {"KeyId": key})
        case _:
            assert_never(step)


def _alias(step: AliasStep, resolve: Resolve) -> Request:
    match step:
        case CreateAlias():
            return Request("CreateAlias", {"AliasName": step.alias, "TargetKeyId": resolve(step.key)})
        case UpdateAlias():
            return Request("UpdateAlias", {"AliasName": step.alias, "TargetKeyId": resolve(step.key)})
        case DeleteAlias():
            return Request("DeleteAlias", {"AliasName": step.alias})
        case _:
            assert_never(step)


def _grant(step: GrantStep, key: str) -> Request:
    match step:
        case CreateGrant():
            return Request("CreateGrant", {"KeyId": key, "Name": step.name, **grant_terms(step.terms)})
        case RevokeGrant():
            return Request("RevokeGrant", {"KeyId": key, "GrantId": step.grant_id})
        case _:
            assert_never(step)


def grant_terms(terms: GrantTerms) -> dict[str, Any]:
    """What a grant says but its name, as parameters of CreateGrant."""
    given = {
        "GranteePrincipal": terms.grantee_principal,
        "GranteeServicePrincipal": terms.grantee_service,
        "RetiringPrincipal": terms.retiring_principal,
        "RetiringServicePrincipal": terms.retiring_service,
        "Constraints": _constraints(terms.constraints),
    }
    return {"Operations": sorted(terms.operations)} | {name: value for name, value in given.items() if value}


def _constraints(constraints: GrantConstraints) -> dict[str, Any]:
    given = {
        "EncryptionContextEquals": dict(constraints.encryption_context_equals),
        "EncryptionContextSubset": dict(constraints.encryption_context_subset),
        "SourceArn": constraints.source_arn,
    }
    return {name: value for name, value in given.items() if value}


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in sorted(tags.items())]
