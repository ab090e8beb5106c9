"""What `kms.observe` calls, now and once the plan is applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from reconciler.kit.arn import Arn
from reconciler.kms.retirable import principals_for, worth_sweeping
from reconciler.model.desired import AdoptAlias, AdoptKeyId, AdoptReplica, AdoptTags, DesiredKey
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.keyspec import Origin
from reconciler.model.material import has_several_materials
from reconciler.model.observed import Account, ObservedKey, ObservedState
from reconciler.model.ownership import GRANTS_TAG, NAME_TAG, most_grants
from reconciler.model.scope import Scope, Wanted
from reconciler.plan.changes import Plan
from reconciler.plan.permissions.needs import ANYTHING, Need, Resource
from reconciler.plan.permissions.place import Place
from reconciler.plan.risk.usage import keys_asked_for


def reading(place: Place, scope: Scope, declared: tuple[DesiredKey, ...]) -> Iterator[Need]:
    """To read `scope`, of which `declared` are the keys."""
    yield from (Need(action, ANYTHING) for action in ("kms:ListAliases", "tag:GetResources"))
    if scope.everything:
        yield from (Need("kms:ListKeys", ANYTHING), Need("kms:DescribeKey", place.every))
    if scope.stores:
        yield Need("kms:DescribeCustomKeyStores", ANYTHING)
    if any(retiring_lists(place.account, scope)):
        yield Need("kms:ListRetirableGrants", ANYTHING)
    yield from (Need(f"kms:{action}", place.ours) for action in _of_ours(place, scope, declared))
    for reference, wanted in scope.external.items():
        yield from _of_named(place, reference, wanted)
    for name in scope.aliases & place.aliases.keys():
        yield from _looked_at(place.key(place.aliases[name]))
    yield from _adopted_by_tags(place, scope)


def asking_for_usage(plan: Plan, observed: ObservedState, places: Mapping[TargetName, Place]) -> Iterator[Need]:
    """To know when the keys were last used that `plan` takes from somebody."""
    for change in plan.changes:
        target = change.address.target
        for key in keys_asked_for(change, observed.targets[target], plan.stack):
            yield Need("kms:GetKeyLastUsage", places[target].key(key.key_id))


def retiring_lists(account: Account, scope: Scope) -> dict[str, int]:
    """The principals whose lists of retirable grants are read instead of a list a key, once all grants are there."""
    if scope.every_grant:
        return {}
    candidates = {}
    for name, wanted in scope.keys.items():
        principals = principals_for(wanted, {GRANTS_TAG: str(len(wanted.grants))}, account)
        if principals:
            candidates[KeyId(name)] = principals
    return worth_sweeping(candidates)


def _of_ours(place: Place, scope: Scope, declared: tuple[DesiredKey, ...]) -> Iterator[str]:
    """Actions on the stack's keys: those that are there, and those that the plan makes."""
    seen = tuple(key for key in place.keys.values() if place.owns(key.key_id))
    declared = tuple(key for key in declared if not _is_found(place, key))
    if not (seen or declared):
        return
    yield "DescribeKey"
    if not {key.address.name for key in declared} <= {key.tags[NAME_TAG] for key in seen}:
        yield "ListResourceTags"  # of keys that the tagging index does not list yet
    wanted = [scope.keys[key.address.name] for key in declared]
    if any(one.policy for one in wanted):
        yield "GetKeyPolicy"
    if any(one.rotation for one in wanted) or any(map(_was_counted, seen)):
        yield "GetKeyRotationStatus"
    if any(map(_lists_materials, declared)) or any(map(_was_counted, seen)):
        yield "ListKeyRotations"
    listed = any(one.grants or one.every_grant for one in wanted)
    if scope.every_grant or listed or any(most_grants(key.tags) for key in seen):
        yield "ListGrants"


def _is_found(place: Place, key: DesiredKey) -> bool:
    """Whether a key that is to be adopted is there: it is read by its ARN, now and when it has the stack's tags."""
    match key.adopt:
        case AdoptKeyId(reference) | AdoptAlias(reference):
            found = place.named(reference)
            return found is not None and found.ours is None
        case AdoptTags(tags):
            return any(_has(place, one, tags) for one in place.keys.values())
        case AdoptReplica() | None:
            return False
        case _:
            assert_never(key.adopt)


def _has(place: Place, key: ObservedKey, tags: Mapping[str, str]) -> bool:
    return bool(tags) and not place.owns(key.key_id) and tags.items() <= key.tags.items()


def _lists_materials(key: DesiredKey) -> bool:
    return key.material is not None and has_several_materials(key.key_spec)


def _was_counted(key: ObservedKey) -> bool:
    """Whether its rotations on demand were counted, of which its tag does not tell."""
    return key.rotation is not None and key.rotation.on_demand_rotations is not None and key.materials is None


def _of_named(place: Place, reference: str, wanted: Wanted) -> Iterator[Need]:
    """A key that manifests name from outside the stack, or that they adopt."""
    key = place.named(reference)
    if key is None:
        return
    if _is_elsewhere(place, key):
        yield Need("kms:DescribeKey", key)
    else:
        yield from _looked_at(key)
        yield from (Need(f"kms:{action}", key) for action in _facets(place, key, wanted))
    if wanted.grants or wanted.every_grant:
        yield Need("kms:ListGrants", key)


def _looked_at(key: Resource) -> Iterator[Need]:
    """The tags of the stack's own keys are known from the tagging index."""
    yield Need("kms:DescribeKey", key)
    if key.ours is None:
        yield Need("kms:ListResourceTags", key)


def _facets(place: Place, key: Resource, wanted: Wanted) -> Iterator[str]:
    seen = place.keys.get(KeyId(key.arn.rpartition("/")[2]))
    counted = seen is not None and _was_counted(seen)
    if wanted.policy:
        yield "GetKeyPolicy"
    if counted or wanted.rotation:
        yield "GetKeyRotationStatus"
    if counted or (wanted.material and seen is not None and seen.origin is Origin.EXTERNAL):
        yield "ListKeyRotations"


def _is_elsewhere(place: Place, key: Resource) -> bool:
    arn = Arn.parse(key.arn)
    return arn is not None and not place.has(arn)


def _adopted_by_tags(place: Place, scope: Scope) -> Iterator[Need]:
    """Keys that are to be found by their tags; those of the stack are found already."""
    for name, tags in scope.adopt_tags.items():
        for key in place.keys.values():
            if _has(place, key, tags):
                found = place.key(key.key_id)
                yield from _looked_at(found)
                yield from (Need(f"kms:{action}", found) for action in _facets(place, found, scope.keys[name]))
