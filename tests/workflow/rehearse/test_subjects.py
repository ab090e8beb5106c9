"""Which keys a plan touches, and which of its changes cannot be rehearsed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.identifiers import RUN_TARGET, AliasName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.material import SecretFile, WrappingAlgorithm
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Action, Change, Plan, Reason
from reconciler.plan.steps import (
    ConnectCustomKeyStore,
    CreateAlias,
    CreateKey,
    DeleteAlias,
    EnableKey,
    ExistingKey,
    ImportMaterial,
    PlannedKey,
    ReplicateKey,
    RotateOnDemand,
    UpdateAlias,
    UpdatePrimary,
)
from reconciler.workflow.rehearse.subjects import Place, touched, without_unplayable
from tests.plan.build import DB, DB_EU, EU, everywhere, has, has_primary, has_replica, there, wants_alias, wants_store

ALIAS = AliasName("alias/a")
OLD, NEW, NOWHERE = ExistingKey("k-1"), ExistingKey("k-2"), ExistingKey("k-9")
MADE = PlannedKey(DB, 1)
HERE = there(has(), has("k-2"), aliases={"a": "k-1"})


def change(address, *steps, depends_on=()):
    return Change(address, Action.UPDATE, Reason.DIFFERS, steps=steps, depends_on=depends_on)


def plan(*changes):
    return Plan("default", {}, "d" * 64, changes)


def creation(spec):
    owner = Ownership("default", "db", 1)
    return CreateKey(MADE, owner, spec, KeyUsage.SIGN_VERIFY, Origin.AWS_KMS, False, "", None)


def replication(primary):
    owner = Ownership("default", "db-eu", 1)
    fixed = (KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin.AWS_KMS)
    return ReplicateKey(PlannedKey(DB_EU, 1), primary, RUN_TARGET, "eu-west-1", owner, *fixed, "", None)


@pytest.mark.parametrize(
    ("step", "keys"),
    [
        (EnableKey(OLD), ["k-1"]),
        (EnableKey(ExistingKey("arn:aws:kms:us-east-1:111122223333:key/k-1")), ["k-1"]),
        (CreateAlias(ALIAS, OLD), ["k-1"]),
        (UpdateAlias(ALIAS, NEW), ["k-1", "k-2"]),
        (DeleteAlias(ALIAS), ["k-1"]),
        (DeleteAlias(AliasName("alias/none")), []),
        (EnableKey(MADE), []),
        (creation(KeySpec.RSA_2048), []),
        (ConnectCustomKeyStore("vault"), []),
    ],
    ids=["by id", "by arn", "alias", "moved alias", "deleted alias", "no alias", "new key", "creation", "store"],
)
def test_a_plan_touches_the_keys_that_its_steps_are_about(step, keys):
    assert touched(plan(change(DB, step)), HERE) == [Place(RUN_TARGET, key) for key in keys]


def test_related_keys_are_touched_where_they_are_called():
    state = everywhere(there(has_primary()), has_replica())
    key = ExistingKey("mrk-1")
    moved = touched(plan(change(DB, UpdatePrimary(key, RUN_TARGET, EU, "eu-west-1"))), state)
    assert moved == [Place(RUN_TARGET, "mrk-1"), Place(EU, "mrk-1")]
    assert touched(plan(change(DB_EU, RotateOnDemand(key, 0, at=RUN_TARGET))), state) == [Place(RUN_TARGET, "mrk-1")]
    assert touched(plan(change(DB_EU, replication(key))), state) == [Place(RUN_TARGET, "mrk-1")]


def test_a_replica_that_the_plan_makes_itself_is_no_obstacle_to_its_becoming_the_primary():
    state = everywhere(there(has_primary()))
    moving = plan(change(DB, UpdatePrimary(ExistingKey("mrk-1"), RUN_TARGET, EU, "eu-west-1")))
    assert without_unplayable(moving, state) == (moving, ())


def left_out(*changes):
    kept, found = without_unplayable(plan(*changes), HERE)
    assert {one.address for one in kept.changes if not one.steps} == {one.address for one in found}
    return {str(one.address): one.why for one in found}


def test_what_can_be_played_is_left_as_it_is():
    assert left_out(change(DB, creation(KeySpec.RSA_2048))) == {}


def importing(spec):
    return ImportMaterial(OLD, spec, SecretFile("m"), WrappingAlgorithm.RSA_AES_KEY_WRAP_SHA_256, None)


@pytest.mark.parametrize("step", [creation(KeySpec.SM2), importing(KeySpec.SM2)], ids=["creation", "import"])
def test_material_that_the_engine_has_not_is_not_made(step):
    assert left_out(change(DB, step)) == {"Key/db": "the bundled KMS has no key material of SM2"}


def test_a_key_that_was_not_read_is_not_changed():
    assert left_out(change(DB, EnableKey(NOWHERE))) == {"Key/db": "key k-9 could not be read"}


def test_what_depends_on_it_goes_with_it_however_far():
    alias, store = wants_alias("a", DB).address, wants_store("vault").address
    found = left_out(
        change(DB, creation(KeySpec.SM2)),
        change(DB_EU, replication(MADE)),
        change(alias, CreateAlias(ALIAS, PlannedKey(DB_EU, 1))),
        change(replace(alias, name="b"), DeleteAlias(ALIAS), depends_on=(DB,)),
        change(store, ConnectCustomKeyStore("vault")),
    )
    assert found == {
        "Alias/a": "it depends on ReplicaKey/db-eu@eu, which is not rehearsed",
        "Alias/b": "it depends on Key/db, which is not rehearsed",
        "Key/db": "the bundled KMS has no key material of SM2",
        "ReplicaKey/db-eu@eu": "it depends on Key/db, which is not rehearsed",
    }
