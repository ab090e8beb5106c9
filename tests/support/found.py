"""Hypothesis strategies for what a KMS holds. Whatever is drawn could come out of `kms.observe`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

from hypothesis import strategies as st

from reconciler.kit.arn import key_arn
from reconciler.model.desired import DesiredGrant, DesiredKey, DesiredState
from reconciler.model.identifiers import RUN_TARGET, AliasName, Days, GrantId, KeyArn, KeyId, TargetName
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin, rotates_by_itself, rotates_on_demand
from reconciler.model.observed import (
    Account,
    ObservedAlias,
    ObservedGrant,
    ObservedKey,
    ObservedRotation,
    ObservedTarget,
)
from reconciler.model.ownership import (
    DELETION_TAG,
    GRANTS_TAG,
    OPERATION_TAG,
    ROTATION_TAG,
    GrantName,
    Ownership,
    RotationMark,
    deletion_mark,
)
from reconciler.model.usage import LastUse, NeverUsed, UsageUnknown, UsedAt
from tests.support.custody import found_materials, found_stores, kept_in
from tests.support.declared import deletions, shapes, tags, terms
from tests.support.pools import (
    ACCOUNTS,
    ALIASES,
    EXTERNAL_ALIAS,
    GRANTS,
    HOSTILE,
    LIVE_POLICIES,
    NAMES,
    READ_AT,
    STACK,
    Shape,
    key_id,
)

_uses: st.SearchStrategy[LastUse | None] = st.sampled_from(
    (
        None,
        NeverUsed(),
        UsageUnknown("there is no record"),
        UsedAt(READ_AT - timedelta(days=1)),
        UsedAt(READ_AT - timedelta(days=300)),
    )
)
_marks = st.sampled_from(
    (None, RotationMark(0, 0), RotationMark(1, 0), RotationMark(1, 1), RotationMark(1, 1, 2), RotationMark(2, 1, 3))
)
_deletion_marks = st.one_of(st.builds(deletion_mark, deletions), st.just("damaged"))


@st.composite
def own_tags(draw: st.DrawFn, owner: Ownership, like: DesiredKey | None) -> dict[str, str]:
    """Tags of ownership, as applies past and present, crashes and people have left them."""
    own = owner.tags()
    if draw(st.booleans()):
        own[DELETION_TAG] = draw(_deletion_marks)
    mark = draw(_marks) if like is not None and like.serial is not None else None
    if mark is not None:
        own[ROTATION_TAG] = str(mark)
    own |= draw(st.sampled_from(({}, {GRANTS_TAG: "1"}, {GRANTS_TAG: "9"}, {GRANTS_TAG: "?"}, {OPERATION_TAG: "o"})))
    return own


@st.composite
def observed_grants(draw: st.DrawFn, key: KeyId, declared: tuple[DesiredGrant, ...]) -> tuple[ObservedGrant, ...]:
    """Grants on a key: as declared, changed, of another stack, of a service; made twice at times."""
    found = []
    for number in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(GRANTS))
        wish = next((grant for grant in declared if grant.address.name == name), None)
        drawn = wish.terms if wish and draw(st.booleans()) else draw(terms)
        digest = wish.terms.digest() if wish and draw(st.booleans()) else drawn.digest()
        stack = draw(st.sampled_from((STACK, STACK, STACK, "other")))
        called = draw(st.sampled_from((str(GrantName.naming(stack, name, digest)),) * 4 + ("", "rds-grant")))
        found.append(ObservedGrant(GrantId(f"grant-{key}-{number}"), key, called, drawn))
    return tuple(found)


_owned_states = st.sampled_from((KeyState.ENABLED, KeyState.ENABLED, KeyState.DISABLED, KeyState.PENDING_DELETION))
_other_states = st.sampled_from((*(KeyState.ENABLED,) * 8, KeyState.DISABLED, KeyState.PENDING_DELETION))


@st.composite
def observed_keys(
    draw: st.DrawFn, key: KeyId, account: Account, owner: Ownership | None, like: DesiredKey | None
) -> ObservedKey:
    """A key as it may be found: often as its manifest `like` has it, to the fields that no call can change."""
    shape = draw(shapes)
    if like is not None and draw(st.integers(0, 9)):
        shape = Shape(like.key_spec, like.key_usage, like.origin, like.multi_region)
    state = draw(_owned_states if owner else _other_states)
    if shape.origin is Origin.EXTERNAL and state is KeyState.DISABLED:
        state = draw(st.sampled_from((KeyState.DISABLED, KeyState.PENDING_IMPORT)))
    pending = state is KeyState.PENDING_DELETION
    without = state is KeyState.PENDING_IMPORT or (shape.origin is Origin.EXTERNAL and pending and draw(st.booleans()))
    created = READ_AT - timedelta(days=draw(st.sampled_from((0, 1, 100, 400))))
    found = ObservedKey(
        key,
        KeyArn(key_arn(account.region, account.account_id, key)),
        shape.spec,
        shape.usage,
        shape.origin,
        state,
        created,
        description=draw(st.sampled_from(HOSTILE)),
        multi_region=shape.multi_region,
        material=not without,
        deletion_date=READ_AT + timedelta(days=7) if pending else None,
        tags={**draw(tags), **(draw(own_tags(owner, like)) if owner else {})},
        policy=draw(st.sampled_from(LIVE_POLICIES)),
        rotation=None if pending else draw(_rotations(shape)),
        last_use=draw(_uses),
    )
    return draw(found_materials(found, like))


@st.composite
def _rotation(draw: st.DrawFn, shape: Shape) -> ObservedRotation | None:
    if not rotates_on_demand(shape.spec, shape.origin):
        return None
    enabled = rotates_by_itself(shape.spec, shape.origin) and draw(st.booleans())
    period = draw(st.sampled_from((Days(90), Days(365)))) if enabled else None
    return ObservedRotation(enabled, period, draw(st.integers(0, 2)))


_rotations = cache(_rotation)


@st.composite
def observed_targets(draw: st.DrawFn, target: TargetName, desired: DesiredState) -> ObservedTarget:
    """One account and Region: keys of several generations and twins, orphans, other stacks' keys and nobody's."""
    account = ACCOUNTS[target]
    declared = {key.address.name: key for key in desired.keys if key.address.target == target}
    primaries = [name for name, key in declared.items() if key.primary is None]
    keys: dict[KeyId, ObservedKey] = {}
    grants = tuple(grant for grant in desired.grants if grant.address.target == target)
    stores = draw(found_stores(tuple(store for store in desired.stores if store.address.target == target)))

    def add(found: KeyId, owner: Ownership | None) -> None:
        like = declared.get(owner.name if owner else "")
        key = draw(kept_in(draw(observed_keys(found, account, owner, like)), like, stores))
        keys[found] = replace(key, grants=draw(st.one_of(st.just(None), observed_grants(found, grants))))

    for number in range(draw(st.integers(0, 4 if target == RUN_TARGET else 2))):
        name = draw(st.sampled_from((*primaries, *primaries, *NAMES, "d")))
        add(key_id(number, target), Ownership(STACK, name, draw(st.integers(1, 3))))
    add(KeyId("k-nobody-0"), None)
    keys[KeyId("k-nobody-0")] = replace(keys[KeyId("k-nobody-0")], multi_region=False)
    keys[KeyId("k-other-0")] = _of_another_stack(account)
    aliases = {EXTERNAL_ALIAS: ObservedAlias(EXTERNAL_ALIAS, KeyId("k-nobody-0"))}
    for alias in (*ALIASES, AliasName("alias/undeclared")):
        points_to = draw(st.sampled_from((None, *keys, KeyId("k-unread"))))
        if points_to is not None:
            aliases[alias] = ObservedAlias(alias, points_to)
    return ObservedTarget(account, READ_AT, keys, aliases, stores)


def _of_another_stack(account: Account) -> ObservedKey:
    key, owner = KeyId("k-other-0"), Ownership("other", "a", 1)
    arn = KeyArn(key_arn(account.region, account.account_id, key))
    fixed = (KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin.AWS_KMS)
    return ObservedKey(key, arn, *fixed, KeyState.ENABLED, READ_AT, tags=owner.tags())
