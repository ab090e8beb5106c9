"""What carrying out each step takes, what recovering a lost answer takes among it.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html (which resources each
action is checked against: an alias operation is checked against the alias and against its key), and
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html (what of a request can be asked for).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from reconciler.kit.arn import Arn
from reconciler.model.desired import MAX_WINDOW, GrantTerms
from reconciler.model.identifiers import AliasName, Days
from reconciler.model.material import AwaitedMaterial, NewMaterial
from reconciler.model.observed import Account
from reconciler.model.stores import Backing, CloudHsm
from reconciler.plan.permissions.needs import ANYTHING, Condition, Need, Resource, literal
from reconciler.plan.permissions.place import Place
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
)

_NO_BYPASS: Condition = (("BoolIfExists", "kms:BypassPolicyLockoutSafetyCheck", ("false",)),)
"""kmsctl never asks KMS to let it lock itself out."""


def step_needs(places: tuple[Place, ...], step: Step) -> Iterator[Need]:
    """Of a step that is made in the first of `places`, and concerns the others."""
    place = places[0]
    match step:
        case CreateCustomKeyStore() | UpdateCustomKeyStore() | ConnectCustomKeyStore() | DisconnectCustomKeyStore():
            yield from _store_needs(place.account, step)
        case CreateKey(multi_region=multi_region):
            yield from creation_needs(place, multi_region=multi_region)
        case ReplicateKey(primary=primary):
            yield from replication_needs(places[1], _key(place, primary))
        case UpdatePrimary(key, region=region):
            yield from primary_needs(tuple((one, _key(one, key)) for one in places), region)
        case CreateAlias() | UpdateAlias() | DeleteAlias():
            yield from _alias_needs(place, step)
        case ImportMaterial(key, which=which):
            yield from import_needs(_key(place, key), looks=isinstance(which, NewMaterial | AwaitedMaterial))
        case RotateOnDemand(key):
            yield from rotation_needs(_key(place, key))
        case CreateGrant(key, terms=terms):
            yield grant_need(_key(place, key), terms)
        case ScheduleDeletion(key, window):
            yield deletion_need(_key(place, key), window)
        case PutKeyPolicy(key):
            yield policy_need(_key(place, key))
        case (
            UpdateDescription()
            | EnableKey()
            | DisableKey()
            | TagKey()
            | UntagKey()
            | EnableRotation()
            | DisableRotation()
            | CancelDeletion()
            | RevokeGrant()
        ):
            yield Need(f"kms:{_ACTIONS[type(step)]}", _key(place, step.key))
        case _:
            assert_never(step)


_ACTIONS: Mapping[type[Step], str] = {
    UpdateDescription: "UpdateKeyDescription",
    EnableKey: "EnableKey",
    DisableKey: "DisableKey",
    TagKey: "TagResource",
    UntagKey: "UntagResource",
    EnableRotation: "EnableKeyRotation",
    DisableRotation: "DisableKeyRotation",
    CancelDeletion: "CancelKeyDeletion",
    RevokeGrant: "RevokeGrant",
}


def creation_needs(place: Place, *, multi_region: bool) -> Iterator[Need]:
    """To create a key, to find it again when the answer is lost, and to give it up when another apply was first.

    Sources: https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html (no key can be named to whom a
    tag is given while it is created) and
    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-auth-slr.html (the service-linked role).
    """
    yield Need("kms:CreateKey", ANYTHING, (*_NO_BYPASS, *place.tag))
    yield Need("kms:TagResource", place.every, place.tag)
    yield Need("kms:ListKeys", ANYTHING)
    yield from _on(place.ours, "DescribeKey", "ListResourceTags", "ListGrants")
    yield deletion_need(place.ours, Days(MAX_WINDOW))
    if multi_region:
        yield _service_linked_role(place.account, "mrk.kms.amazonaws.com", _MULTI_REGION_ROLE)


def replication_needs(place: Place, primary: Resource) -> Iterator[Need]:
    """`place` is the replica's: to make it there with its tags, and to find it again when the answer is lost.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html (required permissions).
    """
    yield Need("kms:ReplicateKey", primary, (("StringEquals", "kms:ReplicaRegion", (place.account.region,)),))
    yield Need("kms:CreateKey", ANYTHING)
    yield Need("kms:TagResource", place.every, place.tag)
    yield from _on(place.ours, "DescribeKey", "ListResourceTags")


def primary_needs(keys: tuple[tuple[Place, Resource], ...], region: str) -> Iterator[Need]:
    """To make the related key in `region` the primary, which is asked of the old one and of the new one."""
    when: Condition = (("StringEquals", "kms:PrimaryRegion", (region,)),)
    for _, key in keys:
        yield Need("kms:UpdatePrimaryRegion", key, when)
        yield Need("kms:DescribeKey", key)


def import_needs(key: Resource, *, looks: bool) -> Iterator[Need]:
    """To import material; what is new to the key is looked for when the answer is lost."""
    yield from _on(key, "GetParametersForImport", "ImportKeyMaterial", *(("ListKeyRotations",) if looks else ()))


def rotation_needs(key: Resource) -> Iterator[Need]:
    """To rotate once: the two reads find the rotation again when the answer is lost."""
    yield from _on(key, "RotateKeyOnDemand", "ListKeyRotations", "GetKeyRotationStatus")


def grant_need(key: Resource, terms: GrantTerms) -> Need:
    """To make this grant and no other."""
    grantees = (
        ("kms:GranteePrincipal", terms.grantee_principal),
        ("kms:GranteeServicePrincipal", terms.grantee_service),
    )
    named: Condition = tuple(("StringEquals", name, (literal(who),)) for name, who in grantees if who)
    operations = tuple(sorted(terms.operations))
    return Need("kms:CreateGrant", key, (("ForAllValues:StringEquals", "kms:GrantOperations", operations), *named))


def deletion_need(key: Resource, window: Days) -> Need:
    """To schedule the deletion of `key`, for no earlier day."""
    condition = ("NumericGreaterThanEquals", "kms:ScheduleKeyDeletionPendingWindowInDays", (str(window),))
    return Need("kms:ScheduleKeyDeletion", key, (condition,))


def policy_need(key: Resource) -> Need:
    """To change the key policy of `key`."""
    return Need("kms:PutKeyPolicy", key, _NO_BYPASS)


def alias_needs(place: Place, operation: str, alias: AliasName, keys: Iterable[Resource]) -> Iterator[Need]:
    """To `CreateAlias`, `UpdateAlias` or `DeleteAlias`; `keys` are those that it points to and will point to."""
    yield from (Need(f"kms:{operation}", one) for one in (place.alias(alias), *keys))


def store_needs(account: Account, operation: str, backing: Backing | None) -> Iterator[Need]:
    """What stands behind a store is looked at with the caller's rights.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/authorize-key-store.html
    """
    yield from _on(ANYTHING, operation, "DescribeCustomKeyStores")
    if isinstance(backing, CloudHsm):
        yield Need("cloudhsm:DescribeClusters", ANYTHING)
        if operation == CreateCustomKeyStore.__name__:
            yield _service_linked_role(account, "cks.kms.amazonaws.com", _STORE_ROLE)


_STORE_ROLE = "AWSServiceRoleForKeyManagementServiceCustomKeyStores"
_MULTI_REGION_ROLE = "AWSServiceRoleForKeyManagementServiceMultiRegionKeys"


def _service_linked_role(account: Account, service: str, name: str) -> Need:
    role = Arn(account.partition, "iam", "", account.account_id, f"role/aws-service-role/{service}/{name}")
    return Need("iam:CreateServiceLinkedRole", Resource(str(role)))


def _store_needs(
    account: Account,
    step: CreateCustomKeyStore | UpdateCustomKeyStore | ConnectCustomKeyStore | DisconnectCustomKeyStore,
) -> Iterator[Need]:
    """The operations are named as their steps."""
    backing = step.backing if isinstance(step, CreateCustomKeyStore | UpdateCustomKeyStore) else None
    yield from store_needs(account, type(step).__name__, backing)


def _alias_needs(place: Place, step: CreateAlias | UpdateAlias | DeleteAlias) -> Iterator[Need]:
    """The operations are named as their steps."""
    keys = [] if isinstance(step, DeleteAlias) else [_key(place, step.key)]
    if not isinstance(step, CreateAlias):
        left = place.aliases.get(step.alias)
        keys.append(place.key(left) if left else place.behind((step.alias,)))
    yield from alias_needs(place, type(step).__name__, step.alias, keys)


def _on(resource: Resource, *actions: str) -> Iterator[Need]:
    yield from (Need(f"kms:{action}", resource) for action in actions)


def _key(place: Place, handle: KeyHandle) -> Resource:
    match handle:
        case ExistingKey(key):
            return place.key(key)
        case PlannedKey():
            return place.ours
        case _:
            assert_never(handle)
