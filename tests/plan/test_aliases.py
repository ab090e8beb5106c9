"""Aliases: created, moved in place, and shown when nobody declares them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.model.identifiers import AliasName, KeyArn
from reconciler.plan.changes import Action, Reason
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import CreateAlias, DeleteAlias, ExistingKey, UpdateAlias
from tests.plan.build import (
    DB,
    PRUNE,
    RSA,
    declares,
    differing,
    has,
    kinds,
    names,
    pending,
    planned,
    there,
    wants,
    wants_alias,
)

APP = replace(DB, name="app")
ELSEWHERE = "arn:aws:kms:us-east-1:444455556666:key/k-9"


def alias(desired, observed, options=None, name="db"):
    return planned(desired, observed, options)[f"Alias/{name}"]


def test_a_missing_alias_is_created_when_its_key_is_there():
    change = alias(declares(wants(), wants_alias("db", DB)), there())
    assert (change.action, change.reason, kinds(change)) == (Action.CREATE, Reason.MISSING, ["CreateAlias"])
    assert change.depends_on == (DB,)
    assert differing(change) == {"key": (ABSENT, "Key/db (known after apply)")}


def test_an_alias_that_points_to_its_key_is_left_alone():
    change = alias(declares(wants(), wants_alias("db", DB)), there(has(), aliases={"db": "k-1"}))
    assert (change.action, change.reason, change.steps) == (Action.NO_OP, Reason.IN_SYNC, ())


def test_an_alias_that_moves_is_updated_in_place():
    desired = declares(wants(), wants("app"), wants_alias("db", DB))
    change = alias(desired, there(has(), has("k-2", "app"), aliases={"db": "k-2"}))
    assert change.steps == (UpdateAlias(AliasName("alias/db"), ExistingKey("k-1")),)
    assert differing(change) == {"key": ("k-2", "k-1")}


def test_an_alias_of_a_key_of_another_type_is_deleted_and_created_since_kms_cannot_move_it():
    desired = declares(wants(), wants("app", **RSA), wants_alias("db", DB))
    change = alias(desired, there(has(), has("k-2", "app", **RSA), aliases={"db": "k-2"}))
    assert change.steps == (
        DeleteAlias(AliasName("alias/db")),
        CreateAlias(AliasName("alias/db"), ExistingKey("k-1")),
    )
    assert "alias-gap" in names(change)


def test_two_keys_can_swap_their_aliases():
    desired = declares(wants(), wants("app"), wants_alias("db", DB), wants_alias("app", APP))
    observed = there(has(), has("k-2", "app"), aliases={"db": "k-2", "app": "k-1"})
    first = plan(desired, observed)
    assert [kinds(change) for change in first.effective] == [["UpdateAlias"], ["UpdateAlias"]]
    assert plan(desired, simulate(first, observed)).effective == ()


@pytest.mark.parametrize(
    "key",
    [
        "k-9",
        "arn:aws:kms:us-east-1:111122223333:key/k-9",
        "alias/theirs",
        "arn:aws:kms:us-east-1:111122223333:alias/theirs",
    ],
)
def test_an_alias_may_be_for_a_key_from_outside_the_stack_however_it_is_named(key):
    change = alias(declares(wants_alias("db", key)), there(has("k-9", None), aliases={"theirs": "k-9"}))
    assert change.steps == (CreateAlias(AliasName("alias/db"), ExistingKey("k-9")),)
    assert change.depends_on == ()


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("k-8", id="an id that is not there"),
        pytest.param("alias/none", id="an alias that is not there"),
        pytest.param("arn:aws:kms:eu-west-1:111122223333:key/k-9", id="a key of another Region"),
        pytest.param("arn:aws:kms:us-east-1:444455556666:alias/theirs", id="another account's alias"),
        pytest.param(APP, id="a key that no manifest declares"),
    ],
)
def test_an_alias_of_a_key_that_is_not_there_blocks_the_plan(key):
    change = alias(declares(wants_alias("db", key)), there(has("k-9", None), aliases={"theirs": "k-9"}))
    assert (change.action, change.reason) == (Action.BLOCKED, Reason.UNRESOLVED)
    assert str(key) in change.detail


def test_an_alias_cannot_be_for_another_accounts_key():
    stranger = has("k-9", None, arn=KeyArn(ELSEWHERE))
    change = alias(declares(wants_alias("db", ELSEWHERE)), there(stranger))
    assert change.action is Action.BLOCKED
    assert "elsewhere" in change.detail


def test_an_alias_is_not_pointed_to_a_strangers_key_that_awaits_deletion():
    assert alias(declares(wants_alias("db", "k-9")), there(pending("k-9", None))).action is Action.BLOCKED


def test_an_alias_that_is_there_already_stays_on_a_strangers_key_that_awaits_deletion():
    observed = there(pending("k-9", None), aliases={"db": "k-9"})
    assert alias(declares(wants_alias("db", "k-9")), observed).action is Action.NO_OP


def test_an_alias_whose_key_nobody_read_is_taken_over_with_a_warning():
    change = alias(declares(wants(), wants_alias("db", DB)), there(has(), aliases={"db": "k-unknown"}))
    assert (kinds(change), names(change)) == (["UpdateAlias"], ["alias-takeover"])


def test_an_undeclared_alias_of_a_declared_key_is_shown():
    change = alias(declares(wants()), there(has(), aliases={"extra": "k-1"}), name="extra")
    assert (change.action, change.reason, change.steps) == (Action.ORPHAN, Reason.NOT_DECLARED, ())


def test_an_undeclared_alias_of_a_declared_key_is_deleted_when_pruning_is_asked_for():
    change = alias(declares(wants()), there(has(), aliases={"extra": "k-1"}), PRUNE, name="extra")
    assert (change.action, change.reason, kinds(change)) == (Action.DELETE, Reason.PRUNE_ASKED, ["DeleteAlias"])


def test_aliases_of_keys_that_nobody_declares_are_left_to_their_keys():
    changes = planned(declares(), there(has(), has("k-2", None), aliases={"a": "k-1", "b": "k-2"}), PRUNE)
    assert list(changes) == ["Key/db"]


def test_an_alias_that_points_nowhere_is_moved():
    observed = there(has(), aliases={"db": "k-1"})
    target = observed.targets[""]
    nowhere = {name: replace(real, key_id=None) for name, real in target.aliases.items()}
    observed = replace(observed, targets={"": replace(target, aliases=nowhere)})
    change = alias(declares(wants(), wants_alias("db", DB)), observed)
    assert (kinds(change), names(change)) == (["UpdateAlias"], [])
