"""What a plan does about replicas of multi-Region keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Address, Kind
from reconciler.model.desired import AdoptReplica, ManualRotation
from reconciler.model.identifiers import RUN_TARGET, Days
from reconciler.model.keyspec import KeySpec, KeyState, Origin
from reconciler.plan.changes import Action, Reason
from reconciler.plan.order import Phase, nodes
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import ExistingKey, PlannedKey, ReplicateKey
from tests.plan.build import (
    DB,
    DB_EU,
    EU,
    by_name,
    declares,
    differing,
    everywhere,
    has,
    has_primary,
    has_replica,
    kinds,
    names,
    pending,
    planned,
    there,
    wants,
    wants_grant,
    wants_replica,
)
from tests.plan.multiregion import ALONE, KEY, MATERIAL, NOTHING, REPLICA, WIDE, related, wants_alias_eu
from tests.support.pools import POLICIES


def test_a_replica_is_made_where_its_primary_is_once_that_is_there():
    changes = planned(declares(wants(**WIDE), wants_replica(tags={"a": "1"})), NOTHING)
    assert (changes[REPLICA].action, changes[REPLICA].depends_on) == (Action.CREATE, (DB,))
    (step,) = changes[REPLICA].steps
    assert isinstance(step, ReplicateKey)
    assert (step.primary, step.at, step.region) == (PlannedKey(DB, 1), RUN_TARGET, "eu-west-1")
    assert step.tags.items() >= {"a": "1", **step.owner.tags()}.items()
    assert differing(changes[REPLICA])["primary"] == (ABSENT, KEY)


def test_a_replica_of_a_key_that_is_there_names_it_by_its_id():
    observed = everywhere(there(has_primary(regions=ALONE)))
    changes = planned(declares(wants(**WIDE), wants_replica(enabled=False)), observed)
    assert kinds(changes[REPLICA]) == ["ReplicateKey", "DisableKey"]
    assert changes[REPLICA].steps[0].primary == ExistingKey("mrk-1")
    assert changes[KEY].action is Action.NO_OP


def test_a_replica_that_is_as_declared_is_left_alone():
    changes = planned(declares(wants(**WIDE), wants_replica()), related())
    assert {change.reason for change in changes.values()} == {Reason.IN_SYNC}
    assert changes[REPLICA].resource_id == "mrk-1"


def test_what_each_key_has_for_itself_is_compared_for_itself():
    wish = wants_replica(description="Europe", policy=POLICIES[1], tags={"team": "eu"})
    observed = everywhere(there(has_primary(policy=POLICIES[0])), has_replica(policy=POLICIES[0]))
    changes = planned(declares(wants(**WIDE), wish), observed)
    assert kinds(changes[REPLICA]) == ["UpdateDescription", "TagKey", "PutKeyPolicy"]
    assert changes[KEY].steps == ()


def test_a_disabled_primary_is_opened_for_the_replica_and_closed_when_it_is_there():
    observed = everywhere(there(has_primary(regions=ALONE, state=KeyState.DISABLED)))
    made = plan(declares(wants(enabled=False, **WIDE), wants_replica()), observed)
    assert kinds(by_name(made)[KEY]) == ["EnableKey", "DisableKey"]
    assert "opens-key" in names(by_name(made)[KEY])
    assert [(node.id.address, node.id.phase) for node in nodes(made)] == [
        (DB, Phase.PREPARE),
        (DB_EU, Phase.PREPARE),
        (DB, Phase.FINISH),
    ]


def test_a_replica_that_awaits_deletion_is_wanted_back():
    observed = everywhere(there(has_primary()), has_replica(state=KeyState.PENDING_DELETION))
    change = planned(declares(wants(**WIDE), wants_replica()), observed)[REPLICA]
    assert (change.action, kinds(change)) == (Action.CANCEL_DELETION, ["CancelDeletion", "EnableKey"])


@pytest.mark.parametrize("rotation", [ManualRotation(Days(90)), ManualRotation(Days(90), keep=1)], ids=str)
def test_a_successor_of_the_primary_is_replicated_too_and_the_old_replica_stays(rotation):
    old = {"age": 100}
    wish = wants_replica(rotation=rotation)
    desired = declares(wants(rotation=rotation, **WIDE), wish, wants_alias_eu("db"))
    changes = planned(desired, everywhere(there(has_primary(**old)), has_replica(**old), aliases={"db": "mrk-1"}))
    replaced = changes[REPLICA]
    assert (replaced.action, replaced.reason) == (Action.REPLACE, Reason.PRIMARY_REPLACED)
    assert replaced.steps[0].primary == PlannedKey(DB, 2)
    assert replaced.steps[0].key == PlannedKey(DB_EU, 2)
    assert kinds(changes["Alias/db@eu"]) == ["UpdateAlias"]
    assert changes["Alias/db@eu"].steps[0].key == PlannedKey(DB_EU, 2)


def test_replicas_of_old_keys_go_as_the_old_keys_go():
    rotation = ManualRotation(Days(90), keep=1)
    old = [has_primary(f"mrk-{n}", generation=n) for n in (1, 2, 3)]
    replicas = [has_replica(f"mrk-{n}", generation=n) for n in (1, 2, 3)]
    desired = declares(wants(rotation=rotation, **WIDE), wants_replica(rotation=rotation))
    changes = planned(desired, everywhere(there(*old), *replicas))
    disabled = {name for name, change in changes.items() if change.action is Action.DISABLE}
    assert disabled == {f"{KEY} mrk-1", f"{REPLICA} mrk-1"}


def test_the_current_replica_is_that_of_the_current_key_whatever_the_generations_say():
    keys = there(has_primary("mrk-1", generation=2), has_primary("mrk-2", generation=1))
    observed = everywhere(keys, has_replica("mrk-1", generation=1), has_replica("mrk-2", generation=5))
    changes = planned(declares(wants(**WIDE), wants_replica()), observed)
    assert changes[REPLICA].resource_id == "mrk-1"
    assert changes[REPLICA].action is Action.NO_OP


def test_a_replica_of_another_key_is_not_exchanged():
    observed = everywhere(there(has_primary("mrk-1", regions=ALONE)), has_replica("mrk-9"))
    change = planned(declares(wants(**WIDE), wants_replica()), observed)[REPLICA]
    assert (change.action, change.reason) == (Action.BLOCKED, Reason.IMMUTABLE_FIELD)
    assert differing(change) == {"primary": ("mrk-9", KEY)}


@pytest.mark.parametrize(
    ("name", "adopt", "action"),
    [
        pytest.param(None, None, Action.BLOCKED, id="nobody's"),
        pytest.param(None, AdoptReplica(), Action.ADOPT, id="nobody's, adopted"),
        pytest.param("other", AdoptReplica(), Action.BLOCKED, id="of another name"),
    ],
)
def test_a_replica_that_is_there_already_is_taken_over_only_if_it_is_nobodys_and_that_is_asked_for(name, adopt, action):
    observed = everywhere(there(has_primary()), has_replica(name=name))
    change = planned(declares(wants(**WIDE), wants_replica(adopt=adopt)), observed)[REPLICA]
    assert (change.action, change.resource_id) == (action, "mrk-1")


def test_a_replica_that_was_not_read_and_of_which_kms_knows_blocks_the_plan():
    change = planned(declares(wants(**WIDE), wants_replica()), everywhere(there(has_primary())))[REPLICA]
    assert change.action is Action.BLOCKED
    assert "cannot be read" in change.detail


def test_a_replica_whose_key_is_blocked_is_blocked():
    imported = everywhere(there(has_primary(regions=ALONE, key_spec=KeySpec.HMAC_256)))
    change = planned(declares(wants(**WIDE), wants_replica()), imported)[REPLICA]
    assert change.action is Action.CREATE  # the Key blocks the plan by itself, and is there to be replicated
    foreign = declares(wants(adopt=None, **WIDE), wants_replica())
    assert planned(foreign, NOTHING)[REPLICA].action is Action.CREATE


def test_what_rests_on_a_key_that_cannot_be_found_is_blocked():
    from reconciler.model.desired import AdoptKeyId

    desired = declares(wants(adopt=AdoptKeyId("mrk-7"), **WIDE), wants_replica())
    change = planned(desired, NOTHING)[REPLICA]
    assert (change.action, change.reason) == (Action.BLOCKED, Reason.UNRESOLVED)


def test_a_replica_of_a_key_without_material_waits_and_so_does_what_is_on_it():
    origin = {"origin": Origin.EXTERNAL}
    alias = wants_alias_eu("db")
    grant = replace(wants_grant("g", DB_EU), address=Address(Kind.GRANT, "g", EU))
    changes = planned(declares(wants(**WIDE, **origin), wants_replica(**origin), alias, grant), NOTHING)
    assert changes[KEY].action is Action.CREATE
    for name in (REPLICA, "Alias/db@eu", "Grant/g@eu"):
        assert (changes[name].action, changes[name].reason) == (Action.NO_OP, Reason.UNRESOLVED)
        assert "no key material" in changes[name].detail


def test_imported_material_is_imported_into_every_related_key():
    origin = {"origin": Origin.EXTERNAL, "material": MATERIAL}
    made = plan(declares(wants(**WIDE, **origin), wants_replica(enabled=False, **origin)), NOTHING)
    assert kinds(by_name(made)[KEY]) == ["CreateKey", "ImportMaterial"]
    assert kinds(by_name(made)[REPLICA]) == ["ReplicateKey", "ImportMaterial", "DisableKey"]
    after = simulate(made, NOTHING)
    assert after.targets[EU].keys[after.targets[RUN_TARGET].keys.copy().popitem()[0]].material


def test_a_key_of_one_region_has_nothing_to_do_with_it():
    changes = planned(declares(wants()), everywhere(there(has()), pending("k-9", "gone")))
    assert changes[KEY].action is Action.NO_OP
