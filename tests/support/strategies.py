"""Hypothesis strategies for what manifests declare and what a KMS holds: small worlds, and nasty ones.

Names, aliases, grants and keys come from small pools, so that declared and real things meet: in sync, changed, taken
by others, left over, made twice. Whatever is drawn could come out of `manifest.desire` and `kms.observe`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from reconciler.kit.absent import ABSENT
from reconciler.kit.arn import key_arn
from reconciler.kit.diagnostics import Position
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AdoptAlias,
    AdoptKeyId,
    AdoptTags,
    AutomaticRotation,
    Deletion,
    DesiredAlias,
    DesiredGrant,
    DesiredKey,
    DesiredState,
    ExternalKey,
    ExternalPrimary,
    GrantConstraints,
    GrantTerms,
    Ignore,
    KeyReference,
    ManagedKey,
    ManualRotation,
    NoRotation,
    OnDemandRotation,
)
from reconciler.model.identifiers import RUN_TARGET, AliasName, Days, GrantId, KeyArn, KeyId, TargetName
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin, rotates_by_itself, rotates_on_demand
from reconciler.model.observed import (
    Account,
    ObservedAlias,
    ObservedGrant,
    ObservedKey,
    ObservedRotation,
    ObservedState,
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
from reconciler.model.stores import DesiredStore
from reconciler.model.usage import LastUse, NeverUsed, UsageUnknown, UsedAt
from tests.support.custody import found_materials, found_stores, in_store, kept_in, with_material
from tests.support.related import as_replica, external_replica, related, replica_owners, with_replicas

STACK = "default"
ACCOUNT_ID = "111122223333"
READ_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TARGETS = (RUN_TARGET, TargetName("eu"))
ACCOUNTS = {
    RUN_TARGET: Account(ACCOUNT_ID, "us-east-1", "aws", f"arn:aws:iam::{ACCOUNT_ID}:root"),
    TARGETS[1]: Account(ACCOUNT_ID, "eu-west-1", "aws", f"arn:aws:iam::{ACCOUNT_ID}:root"),
}

NAMES = ("a", "b", "c")
"""Of keys; a, b and c are declared at times, d never."""
ALIASES = tuple(AliasName(f"alias/{name}") for name in ("a", "b", "c", "x/y_z"))
GRANTS = ("g", "h", "i.j")
HOSTILE = (
    "",
    "plain",
    "\x1b[31mred\x1b[0m",
    "<script>&amp;",
    "a|b`c`",
    "\u202egnp.exe",
    "ä€𝄞",
    "x" * 250,
    "$type",
    "{}",
)

THEIR_KEY = KeyId("mrk-theirs")
"""The id of a multi-Region key that nobody declares."""
EXTERNAL_ALIAS = AliasName("alias/external")
"""Points to the first key of nobody's, and is never declared."""


def policy(*statements: Mapping[str, Any], **elements: Any) -> str:
    """The text of a key policy."""
    return json.dumps({"Version": "2012-10-17", **elements, "Statement": statements})


def allow(sid: str, principal: Any, *actions: str) -> dict[str, Any]:
    """A statement of a key policy."""
    return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}


_ROOT = allow("Root", {"AWS": ACCOUNT_ID}, "kms:*")
_ROLE = {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:role/app"}
POLICIES = (
    policy(_ROOT),
    policy(_ROOT, allow("Use", _ROLE, "kms:Decrypt", "kms:Encrypt")),
    policy(allow("Public", "*", "kms:Decrypt"), _ROOT),
    policy(_ROOT, allow("Partner", {"AWS": "444455556666"}, "kms:Decrypt")),
)
"""Policies that manifests declare."""
LIVE_POLICIES = (
    *POLICIES,
    policy({**_ROOT, "Sid": "EnableIAM", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}}, Id="other-words"),
    policy(allow("Use", _ROLE, "kms:Encrypt", "kms:Decrypt"), _ROOT),
    '{"Statement": "no policy"}',
    "not JSON",
)
"""What KMS may answer: the same in other words, and what nobody can read."""


@dataclass(frozen=True)
class Shape:
    """What is fixed at creation."""

    spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT
    usage: KeyUsage = KeyUsage.ENCRYPT_DECRYPT
    origin: Origin = Origin.AWS_KMS
    multi_region: bool = False


SHAPES = (
    Shape(),
    Shape(),
    Shape(origin=Origin.EXTERNAL),
    Shape(multi_region=True),
    Shape(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY),
    Shape(KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC),
    Shape(KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC, Origin.EXTERNAL),
)
shapes = st.sampled_from(SHAPES)

_contexts = st.dictionaries(st.sampled_from(("tenant", "Größe", "$map")), st.sampled_from(HOSTILE[1:]), max_size=2)


def terms_of(role: str, *, operations: frozenset[str] = frozenset({"Decrypt"}), **constraints: Any) -> GrantTerms:
    """Terms of a grant for a role."""
    grantee = f"arn:aws:iam::{ACCOUNT_ID}:role/{role}"
    return GrantTerms(grantee, None, None, None, operations, GrantConstraints(**constraints))


terms = st.builds(
    terms_of,
    st.sampled_from(("one", "two")),
    operations=st.sampled_from((frozenset({"DescribeKey"}), frozenset({"DescribeKey", "CreateGrant"}))),
)
symmetric_terms = st.builds(
    terms_of,
    st.sampled_from(("one", "two")),
    operations=st.just(frozenset({"Decrypt", "Encrypt"})),
    encryption_context_equals=_contexts,
)

deletions = st.sampled_from(
    (
        Deletion(),
        Deletion("Schedule", Days(7)),
        Deletion("Schedule"),
        Deletion("Schedule", Days(30), protect=True),
        Deletion(protect=True),
    )
)
TAG_VALUES = ("", "plain", "_.:/=+-@ ", "äß字", "x" * 250)
"""Nasty within what KMS lets a tag be."""
tags = st.dictionaries(st.sampled_from(("team", "env", "cost center")), st.sampled_from(TAG_VALUES), max_size=3)
ignores = st.builds(
    Ignore,
    st.sampled_from(((), (), ("env",), ("*",), ("c?st*", "team"))),
    st.one_of(
        st.just(frozenset()),
        st.frozensets(st.sampled_from(("description", "enabled", "policy", "rotation", "tags")), max_size=2),
    ),
)
_manual = st.builds(ManualRotation, st.sampled_from((Days(90), Days(365))), st.sampled_from((None, 0, 0, 1, 2)))
_on_demand = st.builds(OnDemandRotation, st.sampled_from((1, 2, 3, 3)))


def rotations(shape: Shape) -> st.SearchStrategy[Any]:
    """Every mode of rotation that a key of `shape` can have."""
    choices: list[st.SearchStrategy[Any]] = [st.just(ABSENT), _manual, _manual, st.just(NoRotation("it is a test"))]
    if rotates_by_itself(shape.spec, shape.origin):
        choices.append(st.builds(AutomaticRotation, st.sampled_from((Days(90), Days(365)))))
        choices.append(st.just(NoRotation("it is a test")))
    if rotates_on_demand(shape.spec, shape.origin):
        choices += [_on_demand, _on_demand]
    return st.one_of(choices)


def position(name: str) -> Position:
    """Where a manifest declares `name`."""
    return Position("keys.yaml", 1 + len(name), 1)


adoptions = st.sampled_from(
    (*(None,) * 12, AdoptKeyId("k-nobody-0"), AdoptAlias(EXTERNAL_ALIAS), AdoptTags({"env": "plain"}))
)


@st.composite
def desired_keys(draw: st.DrawFn, name: str, target: TargetName) -> DesiredKey:
    """A `Key` manifest."""
    shape = draw(shapes)
    key = DesiredKey(
        Address(Kind.KEY, name, target),
        position(name),
        key_spec=shape.spec,
        key_usage=shape.usage,
        origin=shape.origin,
        multi_region=shape.multi_region,
        description=draw(st.one_of(st.just(ABSENT), st.sampled_from(HOSTILE))),
        enabled=draw(st.sampled_from((True, True, False, ABSENT))),
        policy=draw(st.one_of(st.just(ABSENT), st.sampled_from(POLICIES))),
        rotation=draw(rotations(shape)),
        tags=draw(st.one_of(st.just(ABSENT), tags)),
        deletion=draw(deletions),
        adopt=draw(adoptions),
        ignore=draw(ignores),
        replacement=draw(st.sampled_from(("Forbid", "NewKey", "NewKey"))),
    )
    return draw(with_material(key))


def key_id(number: int, target: TargetName = RUN_TARGET) -> KeyId:
    """An id that sorts by its number, and that no key of another target has."""
    return KeyId(f"k-{target or 'key'}-{number}")


@st.composite
def references(draw: st.DrawFn, declared: tuple[DesiredKey, ...], target: TargetName) -> KeyReference:
    """A declared key, or one from outside the stack, which may not be there."""
    outside = [
        ExternalKey("k-nobody-0"),
        ExternalKey(EXTERNAL_ALIAS),
        ExternalKey(key_arn(ACCOUNTS[target].region, ACCOUNT_ID, "k-nobody-0")),
    ]
    inside = [ManagedKey(key.address) for key in declared]
    return draw(st.sampled_from(inside if inside and draw(st.integers(0, 5)) else outside))


@st.composite
def desired_states(draw: st.DrawFn, targets: tuple[TargetName, ...] = TARGETS) -> DesiredState:
    """All that one stack declares."""
    keys: list[DesiredKey] = []
    aliases: list[DesiredAlias] = []
    grants: list[DesiredGrant] = []
    stores: list[DesiredStore] = []
    for target in targets:
        names = NAMES if target == RUN_TARGET else NAMES[:1]
        declared = tuple(draw(desired_keys(name, target)) for name in names if draw(st.booleans()))
        store, declared = draw(in_store(declared, target))
        stores += store
        by_address = {key.address: key for key in declared}
        accounts = {name: ACCOUNTS[name] for name in targets}
        for key in declared:
            keys += draw(with_replicas(key, draw(desired_keys(key.address.name, target)), accounts))
        for name in ALIASES:
            if draw(st.booleans()):
                address = Address(Kind.ALIAS, name.removeprefix("alias/"), target)
                aliases.append(DesiredAlias(address, position(name), name, draw(references(declared, target))))
        for name in GRANTS:
            if draw(st.booleans()):
                key = draw(references(declared, target))
                of = by_address.get(key.address) if isinstance(key, ManagedKey) else None
                symmetric = of is not None and of.key_spec is KeySpec.SYMMETRIC_DEFAULT
                drawn = draw(symmetric_terms if symmetric else terms)
                grants.append(DesiredGrant(Address(Kind.GRANT, name, target), position(name), key, drawn))
    return DesiredState(STACK, tuple(keys), tuple(aliases), tuple(grants), tuple(stores))


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


@st.composite
def own_tags(draw: st.DrawFn, owner: Ownership, like: DesiredKey | None) -> dict[str, str]:
    """Tags of ownership, as applies past and present, crashes and people have left them."""
    own = owner.tags()
    if draw(st.booleans()):
        own[DELETION_TAG] = draw(st.one_of(st.builds(deletion_mark, deletions), st.just("damaged")))
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
        rotation=None if pending else draw(_rotation(shape)),
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


@st.composite
def worlds(draw: st.DrawFn, targets: tuple[TargetName, ...] = TARGETS) -> tuple[DesiredState, ObservedState]:
    """What is declared, and what is there; a target may hold leftovers of a stack that declares nothing on it."""
    desired = draw(desired_states(targets[: draw(st.integers(1, len(targets)))]))
    found = {name: draw(observed_targets(name, desired)) for name in targets}
    if len(targets) > 1 and not draw(st.integers(0, 5)):
        desired, found = draw(_with_external_primary(desired, found))
    for key in desired.keys:
        if isinstance(key.primary, ManagedKey):
            found[key.primary.address.target] = draw(_with_primary(key.primary.address, desired, found))
            found[key.address.target] = draw(_replicated(key, key.primary.address, found))
    return desired, ObservedState(draw(related(found)))


@st.composite
def _with_external_primary(
    draw: st.DrawFn, desired: DesiredState, found: dict[TargetName, ObservedTarget]
) -> tuple[DesiredState, dict[TargetName, ObservedTarget]]:
    """A replica on the second target, of a key on the run's that nobody declares; what is said of it may be wrong."""
    here, there = found[RUN_TARGET], found[TARGETS[1]]
    theirs = replace(draw(observed_keys(THEIR_KEY, here.account, None, None)), multi_region=True, materials=None)
    nature = replace(theirs, key_spec=theirs.key_spec if draw(st.integers(0, 5)) else KeySpec.RSA_2048)
    like = draw(desired_keys("theirs", TARGETS[1]))
    wish = external_replica(like, nature, ExternalPrimary(RUN_TARGET, theirs.arn))
    keys = {}
    if draw(st.booleans()):
        drawn = draw(observed_keys(THEIR_KEY, there.account, draw(replica_owners(wish, STACK)), wish))
        keys[THEIR_KEY] = as_replica(drawn, theirs, there.account)
    return replace(desired, keys=(*desired.keys, wish)), {
        **found,
        RUN_TARGET: replace(here, keys={**here.keys, THEIR_KEY: theirs}),
        TARGETS[1]: replace(there, keys={**there.keys, **keys}),
    }


@st.composite
def _with_primary(
    draw: st.DrawFn, primary: Address, desired: DesiredState, found: dict[TargetName, ObservedTarget]
) -> ObservedTarget:
    """The primary's target, mostly with a key of its name that can have replicas."""
    there, like = found[primary.target], next(key for key in desired.keys if key.address == primary)
    key = KeyId(f"mrk-{primary.target}-{primary.name}")
    if key in there.keys or not draw(st.integers(0, 3)):
        return there
    owner = Ownership(STACK, primary.name, draw(st.integers(1, 3)))
    return replace(there, keys={**there.keys, key: draw(observed_keys(key, there.account, owner, like))})


@st.composite
def _replicated(
    draw: st.DrawFn, replica: DesiredKey, primary: Address, found: dict[TargetName, ObservedTarget]
) -> ObservedTarget:
    """The replica's target with replicas of some of the keys that have had its primary's name."""
    there, keys = found[replica.address.target], {}
    for key in found[primary.target].keys.values():
        owner = Ownership.of(key.tags)
        if key.multi_region and owner and (owner.stack, owner.name) == (STACK, primary.name) and draw(st.booleans()):
            whose = draw(replica_owners(replica, STACK))
            drawn = draw(observed_keys(key.key_id, there.account, whose, replica))
            keys[key.key_id] = as_replica(drawn, key, there.account)
    return replace(there, keys={**there.keys, **keys})


def _of_another_stack(account: Account) -> ObservedKey:
    key, owner = KeyId("k-other-0"), Ownership("other", "a", 1)
    arn = KeyArn(key_arn(account.region, account.account_id, key))
    fixed = (KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin.AWS_KMS)
    return ObservedKey(key, arn, *fixed, KeyState.ENABLED, READ_AT, tags=owner.tags())


def reread(after: ObservedState, before: ObservedState) -> ObservedState:
    """`after` as a new reading would have it: keys that the stack has let go of since `before` are not looked at."""
    return ObservedState({name: _reread(target, before.targets[name]) for name, target in after.targets.items()})


def _reread(after: ObservedTarget, before: ObservedTarget) -> ObservedTarget:
    keys = {key.key_id: key for key in after.keys.values() if _is_ours(key) or not _is_ours(before.keys[key.key_id])}
    return replace(after, keys=keys)


def _is_ours(key: ObservedKey) -> bool:
    owner = Ownership.of(key.tags)
    return owner is not None and owner.stack == STACK
