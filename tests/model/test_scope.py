"""What a reading has to cover."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AdoptAlias,
    AdoptKeyId,
    AdoptTags,
    AutomaticRotation,
    DesiredState,
    Ignore,
    ManagedKey,
    ManualRotation,
    NoRotation,
    OnDemandRotation,
)
from reconciler.model.identifiers import RUN_TARGET, AliasName, Days, TargetName
from reconciler.model.scope import Scope, Wanted, scope_of
from tests.plan.build import DB, IMPORTED, RSA, declares, wants, wants_alias, wants_grant
from tests.support.pools import POLICIES, STACK, terms_of


def scope(*resources) -> Scope:
    return scope_of(declares(*resources))[RUN_TARGET]


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        ({}, Wanted()),
        ({"policy": POLICIES[0]}, Wanted(policy=True)),
        ({"policy": POLICIES[0], "ignore": Ignore(fields=frozenset({"policy"}))}, Wanted()),
        ({"rotation": AutomaticRotation()}, Wanted(rotation=True)),
        ({"rotation": NoRotation("r")}, Wanted(rotation=True)),
        ({"rotation": NoRotation("r"), **RSA}, Wanted()),
        ({"rotation": AutomaticRotation(), "ignore": Ignore(fields=frozenset({"rotation"}))}, Wanted()),
        ({"rotation": OnDemandRotation(3)}, Wanted(serial=3)),
        ({"rotation": OnDemandRotation(3), **IMPORTED}, Wanted(serial=3)),
        ({"rotation": ManualRotation(Days(90))}, Wanted()),
    ],
)
def test_only_facets_whose_answer_can_matter_are_read(declared, wanted):
    assert scope(wants(**declared)).keys == {"db": wanted}


def test_grants_are_wanted_with_the_principal_that_they_can_be_found_by():
    retired = replace(terms_of("r"), retiring_principal="arn:aws:iam::111122223333:role/x")
    found = scope(wants(), wants_grant(), wants_grant("other", terms=retired))
    assert found.keys["db"].grants == {"reader": None, "other": "arn:aws:iam::111122223333:role/x"}


def test_keys_from_outside_are_read_as_they_are_written():
    found = scope(wants_alias("a", "k-9"), wants_alias("b", DB), wants_grant(key="k-9"), wants_grant("g", "alias/x"))
    assert found.external == {"k-9": Wanted(grants={"reader": None}), "alias/x": Wanted(grants={"g": None})}


def test_a_grant_on_a_key_that_nobody_declares_asks_for_nothing():
    assert scope(wants(), wants_grant(key=replace(DB, name="none"))).keys == {"db": Wanted()}
    assert scope(wants(), wants_grant(key=Address(Kind.ALIAS, "db"))).keys == {"db": Wanted()}


@pytest.mark.parametrize("adopt", [AdoptKeyId("k-9"), AdoptAlias(AliasName("k-9"))])
def test_a_key_to_adopt_is_read_like_a_key_of_the_stack_with_the_grants_declared_on_it(adopt):
    found = scope(wants(adopt=adopt, policy=POLICIES[0]), wants_grant(), wants_grant("g", "k-9"))
    assert found.external == {"k-9": Wanted(policy=True, grants={"g": None, "reader": None})}


def test_a_key_that_two_manifests_name_is_read_for_both():
    again = replace(wants(adopt=AdoptKeyId("k-9"), rotation=OnDemandRotation(3)), address=Address(Kind.KEY, "zz"))
    first = wants(adopt=AdoptKeyId("k-9"), policy=POLICIES[0], rotation=NoRotation("r"))
    assert scope(first, again).external == {"k-9": Wanted(policy=True, rotation=True, serial=3)}


def test_a_key_to_adopt_by_tags_is_searched_by_them():
    assert scope(wants(adopt=AdoptTags({"a": "b"}))).adopt_tags == {"db": {"a": "b"}}


def test_each_target_is_read_for_what_is_declared_on_it():
    eu = TargetName("eu")
    there = replace(wants(), address=replace(DB, target=eu), adopt=AdoptKeyId("k-8"))
    alias = replace(wants_alias("a", "k-7"), address=Address(Kind.ALIAS, "a", eu))
    grant = replace(wants_grant(), address=Address(Kind.GRANT, "g", eu), key=ManagedKey(there.address))
    scopes = scope_of(DesiredState(STACK, (wants(), there), (alias,), (grant,)), every_grant=True, everything=True)
    assert scopes == {
        RUN_TARGET: Scope(STACK, {"db": Wanted()}, every_grant=True, everything=True),
        eu: Scope(
            STACK,
            {"db": Wanted(grants={"g": None})},
            {"k-7": Wanted(), "k-8": Wanted(grants={"g": None})},
            every_grant=True,
            everything=True,
            aliases=frozenset({AliasName("alias/a")}),
        ),
    }


def test_nothing_declared_needs_no_reading():
    assert scope_of(DesiredState(STACK)) == {}
