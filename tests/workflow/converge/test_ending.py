"""Objects of a batch that are to be gone, and aliases that nobody declares."""

from __future__ import annotations

from datetime import timedelta

from reconciler.model.identifiers import RUN_TARGET
from reconciler.workflow.converge.verdicts import (
    Blocked,
    Met,
)
from reconciler.workflow.converge.wishes import Wish
from tests.workflow.converge.world import ALIAS, GRANT, KEY, document, grant


def test_a_key_is_retained_or_scheduled_as_its_manifest_says_now(world):
    world.one(document(KEY, "orders"))
    key_id = world.key_ids()[0]
    going = document(KEY, "orders", deletion={"policy": "Schedule", "windowDays": 7})
    verdict = world.one(Wish(going, allow=frozenset({"key-in-use"})), gone=True)
    assert isinstance(verdict, Met)
    assert verdict.facts.key.deletion_date == world.environment.clock.now() + timedelta(days=7)
    assert world.kms("DescribeKey", {"KeyId": key_id})["KeyMetadata"]["KeyState"] == "PendingDeletion"
    again = world.one(going, gone=True)
    assert isinstance(again, Met)
    assert again.done == ()


def test_a_key_whose_deletion_is_scheduled_comes_back_when_it_is_declared_again(world):
    going = document(KEY, "orders", deletion={"policy": "Schedule"})
    world.one(going)
    world.one(Wish(going, allow=frozenset({"key-in-use"})), gone=True)
    verdict = world.one(going)
    assert isinstance(verdict, Met)
    assert verdict.facts.key.state == "Enabled"
    assert len(world.key_ids()) == 1


def test_a_protected_key_does_not_go(world):
    kept = document(KEY, "orders", deletion={"policy": "Schedule", "protect": True})
    world.one(kept)
    assert isinstance(world.one(kept, gone=True), Blocked)


def test_nothing_is_left_to_do_for_a_key_that_was_never_made(world):
    verdict = world.one(document(KEY, "orders", deletion={"policy": "Schedule"}), gone=True)
    assert isinstance(verdict, Met)
    assert verdict.facts.key is None


def test_a_grant_goes_with_its_object_and_the_other_grants_stay(world):
    key = document(KEY, "orders")
    world.converge(key, grant("app", "orders"), grant("batch", "orders"))
    verdict = world.one(grant("app", "orders"), context=(key,), gone=True)
    assert isinstance(verdict, Met)
    assert len(verdict.done) == 1
    (left,) = world.kms("ListGrants", {"KeyId": world.key_ids()[0]})["Grants"]
    assert ":batch:" in left["Name"]


def test_a_grant_goes_although_its_key_is_declared_no_longer(world):
    world.converge(document(KEY, "orders"), grant("app", "orders"))
    key_id = world.key_ids()[0]
    orphan = document(GRANT, "app", key=key_id, granteePrincipal="arn:aws:iam::111122223333:role/app",
                      operations=["Decrypt"])  # fmt: skip
    assert isinstance(world.one(orphan, gone=True), Met)
    assert world.kms("ListGrants", {"KeyId": key_id})["Grants"] == []


def test_an_alias_goes_with_its_object_unless_it_points_elsewhere_by_now(world):
    key, alias = document(KEY, "orders"), document(ALIAS, "main", name="alias/main", keyRef={"name": "orders"})
    world.converge(key, alias, document(KEY, "other"))
    going = Wish(alias, allow=frozenset({"alias-leaves-key-in-use"}))
    assert isinstance(world.one(going, context=(key,), gone=True), Met)
    assert world.kms("ListAliases", {})["Aliases"] == []
    other = world.one(document(KEY, "other")).facts.key.key_id
    world.kms("CreateAlias", {"AliasName": "alias/main", "TargetKeyId": other})
    verdict = world.one(going, context=(key,), gone=True)
    assert isinstance(verdict, Met)
    assert verdict.done == ()
    assert len(world.kms("ListAliases", {})["Aliases"]) == 1


def test_aliases_that_nobody_declares_are_told_and_go_when_pruning_is_asked_for(world):
    key = document(KEY, "orders", aliases=["alias/orders"])
    key_id = world.one(key).facts.key.key_id
    world.kms("CreateAlias", {"AliasName": "alias/stray", "TargetKeyId": key_id})
    assert world.one(key).facts.undeclared == ("alias/stray",)
    pruned = world.one(Wish(key, allow=frozenset({"alias-leaves-key-in-use"})), prune=True)
    assert isinstance(pruned, Met)
    assert pruned.facts.aliases == ("alias/orders",)


def test_an_alias_that_somebody_else_declares_is_not_pruned(world):
    key_id = world.one(document(KEY, "orders")).facts.key.key_id
    for name in ("alias/stray", "alias/moving"):
        world.kms("CreateAlias", {"AliasName": name, "TargetKeyId": key_id})
    wish = Wish(document(KEY, "orders"), allow=frozenset({"alias-leaves-key-in-use"}))
    pruned = world.one(wish, prune=True, spared=frozenset({(RUN_TARGET, "alias/moving")}))
    assert isinstance(pruned, Met)
    assert pruned.facts.aliases == ("alias/moving",)
    assert pruned.facts.undeclared == ()


def test_a_grant_of_another_object_on_the_key_is_no_business_of_pruning(world):
    key = document(KEY, "orders")
    world.converge(key, grant("app", "orders"))
    assert isinstance(world.one(key, prune=True), Met)
    assert len(world.kms("ListGrants", {"KeyId": world.key_ids()[0]})["Grants"]) == 1
