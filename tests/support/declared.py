"""Hypothesis strategies for what manifests declare. Whatever is drawn could come out of `manifest.desire`."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from reconciler.kit.absent import ABSENT
from reconciler.kit.arn import key_arn
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
    Ignore,
    KeyReference,
    ManagedKey,
    ManualRotation,
    NoRotation,
    OnDemandRotation,
)
from reconciler.model.identifiers import RUN_TARGET, Days, TargetName
from reconciler.model.keyspec import KeySpec, rotates_by_itself, rotates_on_demand
from reconciler.model.stores import DesiredStore
from tests.support.custody import in_store, with_material
from tests.support.pools import (
    ACCOUNT_ID,
    ACCOUNTS,
    ALIASES,
    EXTERNAL_ALIAS,
    GRANTS,
    HOSTILE,
    NAMES,
    POLICIES,
    SHAPES,
    STACK,
    TAG_VALUES,
    TARGETS,
    Shape,
    position,
    terms_of,
)
from tests.support.related import with_replicas

shapes = st.sampled_from(SHAPES)

_contexts = st.dictionaries(st.sampled_from(("tenant", "Größe", "$map")), st.sampled_from(HOSTILE[1:]), max_size=2)


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


@cache
def rotations(shape: Shape) -> st.SearchStrategy[Any]:
    """Every mode of rotation that a key of `shape` can have."""
    choices: list[st.SearchStrategy[Any]] = [st.just(ABSENT), _manual, _manual, st.just(NoRotation("it is a test"))]
    if rotates_by_itself(shape.spec, shape.origin):
        choices.append(st.builds(AutomaticRotation, st.sampled_from((Days(90), Days(365)))))
        choices.append(st.just(NoRotation("it is a test")))
    if rotates_on_demand(shape.spec, shape.origin):
        choices += [_on_demand, _on_demand]
    return st.one_of(choices)


_descriptions = st.one_of(st.just(ABSENT), st.sampled_from(HOSTILE))
_policies = st.one_of(st.just(ABSENT), st.sampled_from(POLICIES))
_tags = st.one_of(st.just(ABSENT), tags)
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
        description=draw(_descriptions),
        enabled=draw(st.sampled_from((True, True, False, ABSENT))),
        policy=draw(_policies),
        rotation=draw(rotations(shape)),
        tags=draw(_tags),
        deletion=draw(deletions),
        adopt=draw(adoptions),
        ignore=draw(ignores),
        replacement=draw(st.sampled_from(("Forbid", "NewKey", "NewKey"))),
    )
    return draw(with_material(key))


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
