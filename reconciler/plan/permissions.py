"""The IAM policy that reading for a plan, and carrying it out, needs: no action more.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html (which resources each
action is checked against: an alias operation is checked against the alias and against its key).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, assert_never

from reconciler.kit.arn import Arn, alias_arn, key_arn
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.material import AwaitedMaterial, NewMaterial
from reconciler.model.observed import Account
from reconciler.model.scope import Scope
from reconciler.model.stores import CloudHsm
from reconciler.plan.changes import Plan
from reconciler.plan.risk.assess import asks_for_usage
from reconciler.plan.steps import (
    CancelDeletion,
    ConnectCustomKeyStore,
    CreateAlias,
    CreateCustomKeyStore,
    CreateGrant,
    CreateKey,
    DeleteAlias,
    DisableKey,
    DisableRotation,
    DisconnectCustomKeyStore,
    EnableKey,
    EnableRotation,
    ExistingKey,
    ImportMaterial,
    KeyHandle,
    PlannedKey,
    PutKeyPolicy,
    ReplicateKey,
    RevokeGrant,
    RotateOnDemand,
    ScheduleDeletion,
    Step,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateCustomKeyStore,
    UpdateDescription,
    UpdatePrimary,
    targets_of,
)

_Need = tuple[str, str]
"""An action and a resource."""


def permissions(plan: Plan, scopes: Mapping[TargetName, Scope]) -> dict[str, Any]:
    """An IAM policy document, JSON-shaped, that allows making `plan` again and applying it."""
    needs = {need for target, scope in scopes.items() for need in _reading(plan.accounts[target], scope)}
    for change, step in plan.steps():
        places = tuple(plan.accounts[target] for target in targets_of(step, change.address.target))
        needs |= set(_step_needs(places, step))
    for change in plan.changes:
        if any(True for _ in asks_for_usage(change)):
            needs |= {
                ("kms:GetKeyLastUsage", _any_key(plan.accounts[change.address.target])),
                ("cloudtrail:LookupEvents", "*"),
            }
    return {"Version": "2012-10-17", "Statement": _statements(needs)}


def _statements(needs: set[_Need]) -> list[dict[str, Any]]:
    resources: defaultdict[str, set[str]] = defaultdict(set)
    for action, resource in needs:
        resources[action].add(resource)
    actions: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for action, named in resources.items():
        actions[tuple(sorted(named))].append(action)
    return [
        {"Effect": "Allow", "Action": sorted(together), "Resource": list(named)}
        for named, together in sorted(actions.items())
    ]


def _reading(account: Account, scope: Scope) -> Iterator[_Need]:
    """What `kms.observe` calls for `scope`."""
    key = _any_key(account)
    yield from (("kms:ListAliases", "*"), ("tag:GetResources", "*"), ("kms:DescribeKey", key))
    wanted = (*scope.keys.values(), *scope.external.values())
    if any(one.policy for one in wanted):
        yield "kms:GetKeyPolicy", key
    if any(one.rotation or one.serial is not None for one in wanted):
        yield "kms:GetKeyRotationStatus", key
    if any(one.serial is not None or one.material for one in wanted):
        yield "kms:ListKeyRotations", key
    if wanted or scope.everything:
        yield "kms:ListResourceTags", key  # of keys named from outside, and of those that the tagging index lacks yet
    if scope.everything:
        yield "kms:ListKeys", "*"
    if scope.stores:
        yield "kms:DescribeCustomKeyStores", "*"
    yield "kms:ListGrants", key  # of every key that has, or had, a grant of ours, declared or not
    if any(principal for one in wanted for principal in one.grants.values()):
        yield "kms:ListRetirableGrants", "*"
    yield from _reading_elsewhere(account, scope)


def _reading_elsewhere(account: Account, scope: Scope) -> Iterator[_Need]:
    """Of keys of other accounts, which manifests name by ARN."""
    for reference, wanted in scope.external.items():
        arn = Arn.parse(reference)
        if arn and (arn.account, arn.region) != (account.account_id, account.region):
            resource = "key/*" if arn.resource.startswith("alias/") else arn.resource
            key = str(replace(arn, resource=resource))
            yield "kms:DescribeKey", key
            if wanted.grants:
                yield "kms:ListGrants", key


def _step_needs(places: tuple[Account, ...], step: Step) -> Iterator[_Need]:
    """Of a step that is made in the first of `places`, and concerns the others."""
    account = places[0]
    match step:
        case CreateCustomKeyStore() | UpdateCustomKeyStore() | ConnectCustomKeyStore() | DisconnectCustomKeyStore():
            yield from _store_needs(account, step)
        case CreateKey(multi_region=multi_region):
            yield from _creation_needs(account, multi_region=multi_region)
        case ReplicateKey(primary=primary):
            yield "kms:ReplicateKey", _key(account, primary)
            yield from _replication_needs(places[1])
        case UpdatePrimary(key):
            for place in places:
                yield from (("kms:UpdatePrimaryRegion", _key(place, key)), ("kms:DescribeKey", _key(place, key)))
        case CreateAlias() | UpdateAlias() | DeleteAlias():
            yield from _alias_needs(account, step)
        case ImportMaterial(key, which=which):
            looks = isinstance(which, NewMaterial | AwaitedMaterial)
            needed = ("GetParametersForImport", "ImportKeyMaterial", *(("ListKeyRotations",) if looks else ()))
            yield from ((f"kms:{action}", _key(account, key)) for action in needed)
        case RotateOnDemand(key):
            # The two reads find the rotation again when the answer is lost.
            for action in ("RotateKeyOnDemand", "ListKeyRotations", "GetKeyRotationStatus"):
                yield f"kms:{action}", _key(account, key)
        case (
            UpdateDescription()
            | EnableKey()
            | DisableKey()
            | PutKeyPolicy()
            | TagKey()
            | UntagKey()
            | EnableRotation()
            | DisableRotation()
            | ScheduleDeletion()
            | CancelDeletion()
            | CreateGrant()
            | RevokeGrant()
        ):
            yield f"kms:{_ACTIONS[type(step)]}", _key(account, step.key)
        case _:
            assert_never(step)


def _alias_needs(account: Account, step: CreateAlias | UpdateAlias | DeleteAlias) -> Iterator[_Need]:
    action = f"kms:{type(step).__name__}"
    yield action, _alias(account, step.alias)
    yield action, _any_key(account) if isinstance(step, DeleteAlias) else _key(account, step.key)
    if isinstance(step, UpdateAlias):
        yield action, _any_key(account)  # the key that the alias leaves is checked too


def _store_needs(account: Account, step: Step) -> Iterator[_Need]:
    """The operations are named as their steps; what stands behind a store is looked at with the caller's rights.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/authorize-key-store.html
    """
    yield from ((f"kms:{type(step).__name__}", "*"), ("kms:DescribeCustomKeyStores", "*"))
    if isinstance(step, CreateCustomKeyStore | UpdateCustomKeyStore) and isinstance(step.backing, CloudHsm):
        yield "cloudhsm:DescribeClusters", "*"
    if isinstance(step, CreateCustomKeyStore) and isinstance(step.backing, CloudHsm):
        role = f"role/aws-service-role/cks.kms.amazonaws.com/{_STORE_ROLE}"
        yield "iam:CreateServiceLinkedRole", str(Arn(account.partition, "iam", "", account.account_id, role))


def _creation_needs(account: Account, *, multi_region: bool) -> Iterator[_Need]:
    """To create a key, to find it again when the answer is lost, and to give it up when another apply was first.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-auth.html (the service-linked role).
    """
    yield from (("kms:CreateKey", "*"), ("kms:ListKeys", "*"))
    for action in ("TagResource", "ListResourceTags", "ListGrants", "ScheduleKeyDeletion"):
        yield f"kms:{action}", _any_key(account)
    if multi_region:
        role = f"role/aws-service-role/mrk.kms.amazonaws.com/{_MULTI_REGION_ROLE}"
        yield "iam:CreateServiceLinkedRole", str(Arn(account.partition, "iam", "", account.account_id, role))


def _replication_needs(account: Account) -> Iterator[_Need]:
    """In the replica's Region: to make it with its tags, and to find it again when the answer is lost.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html (required permissions).
    """
    yield "kms:CreateKey", "*"
    for action in ("TagResource", "DescribeKey", "ListResourceTags"):
        yield f"kms:{action}", _any_key(account)


_STORE_ROLE = "AWSServiceRoleForKeyManagementServiceCustomKeyStores"
_MULTI_REGION_ROLE = "AWSServiceRoleForKeyManagementServiceMultiRegionKeys"

_ACTIONS: Mapping[type[Step], str] = {
    UpdateDescription: "UpdateKeyDescription",
    EnableKey: "EnableKey",
    DisableKey: "DisableKey",
    PutKeyPolicy: "PutKeyPolicy",
    TagKey: "TagResource",
    UntagKey: "UntagResource",
    EnableRotation: "EnableKeyRotation",
    DisableRotation: "DisableKeyRotation",
    ScheduleDeletion: "ScheduleKeyDeletion",
    CancelDeletion: "CancelKeyDeletion",
    CreateGrant: "CreateGrant",
    RevokeGrant: "RevokeGrant",
}


def _key(account: Account, handle: KeyHandle) -> str:
    match handle:
        case ExistingKey(key):
            return key if key.startswith("arn:") else _own(account, KeyId(key))
        case PlannedKey():
            return _any_key(account)
        case _:
            assert_never(handle)


def _any_key(account: Account) -> str:
    return _own(account, KeyId("*"))


def _own(account: Account, key_id: KeyId) -> str:
    return key_arn(account.region, account.account_id, key_id, account.partition)


def _alias(account: Account, alias: str) -> str:
    return alias_arn(account.region, account.account_id, alias, account.partition)
