"""Rotation of a multi-Region key to new imported material: the primary gets it, then every replica, then it rotates."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.model.keyspec import KeyState, Origin
from reconciler.model.material import AwaitedMaterial, KnownMaterial, NewMaterial
from reconciler.model.observed import Material, ObservedMaterials, ObservedRotation, Regions
from reconciler.model.ownership import ROTATION_TAG
from reconciler.plan.changes import Action, Reason
from reconciler.plan.cost import monthly
from reconciler.plan.drift import DriftKind, drift_of
from reconciler.plan.order import nodes
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import ImportMaterial, RotateOnDemand, TagKey
from tests.plan.build import (
    DB,
    DB_EU,
    EU,
    declares,
    differing,
    everywhere,
    has_primary,
    has_replica,
    kinds,
    names,
    planned,
    there,
    wants,
    wants_grant,
    wants_replica,
)
from tests.plan.multiregion import ELSEWHERE, KEY, MATERIAL, REPLICA
from tests.support.pools import READ_AT

ONE, TWO = Material("one"), Material("two")
HELD = ObservedMaterials(ONE)
NEVER = ObservedRotation(enabled=False, on_demand_rotations=0)
ONCE = replace(NEVER, on_demand_rotations=1)
LATER = READ_AT + timedelta(days=30)


def wanted(serial: int = 2, *replicas, **fields):
    """A Key whose serial was raised, and its replica."""
    material = replace(MATERIAL, serial=serial, valid_to=fields.pop("valid_to", None))
    both = {"origin": Origin.EXTERNAL, "material": material}
    return declares(wants(multi_region=True, **both, **fields), *(replicas or (wants_replica(**both),)))


def fed(of, mark=None, held=HELD, **fields):
    """A real key that has what `held` says."""
    return of(**{"origin": Origin.EXTERNAL, "materials": held, "tags": {ROTATION_TAG: mark} if mark else {}, **fields})


def found(here=HELD, away=HELD, *, mark="1/0", rotation=NEVER, **fields):
    """A primary, and its replica in Europe; `fields` are of both."""
    key = fed(has_primary, mark, here, rotation=rotation, **fields)
    return everywhere(there(key), fed(has_replica, None, away, **fields))


def which(change):
    return [(step.which, step.at) for step in change.steps if isinstance(step, ImportMaterial)]


def order(of):
    """The steps that matter here, as they are taken."""
    steps = [(str(node.id.address), step) for node in nodes(of) for step in node.steps]
    return [(name, type(step).__name__) for name, step in steps if isinstance(step, ImportMaterial | RotateOnDemand)]


def test_the_primary_gets_it_first_then_the_replica_then_the_key_is_rotated():
    made = plan(wanted(), found())
    assert order(made) == [(KEY, "ImportMaterial"), (REPLICA, "ImportMaterial"), (KEY, "RotateOnDemand")]
    changes = planned(wanted(), found())
    assert kinds(changes[KEY]) == ["ImportMaterial", "TagKey", "RotateOnDemand", "TagKey"]
    assert (which(changes[KEY]), which(changes[REPLICA])) == ([(NewMaterial(), None)], [(AwaitedMaterial(), None)])
    assert differing(changes[KEY])["importedMaterial.serial"] == (1, 2)
    assert changes[REPLICA].detail == "its Key is rotated to new material, once every related key has that"


def test_the_serial_is_honoured_only_after_the_rotation():
    (*_, rotation, mark) = planned(wanted(), found())[KEY].steps
    assert isinstance(rotation, RotateOnDemand)
    assert mark == TagKey(mark.key, {ROTATION_TAG: "2/1"}, late=True)
    last = nodes(plan(wanted(), found()))[-1]
    assert [type(step).__name__ for step in last.steps] == ["RotateOnDemand", "TagKey"]


def test_afterwards_nothing_is_left_to_do():
    observed = found()
    after = simulate(plan(wanted(), observed), observed)
    held = [target.keys["mrk-1"].materials for target in after.targets.values()]
    assert held[0] == held[1]
    assert (held[0].pending, held[0].earlier, held[0].awaited) == (None, ("one",), False)
    assert plan(wanted(), after).effective == ()


WAITING = ObservedMaterials(ONE, TWO, awaited=True)
ABSENT = ObservedMaterials(ONE, replace(TWO, imported=False), awaited=True)
READY = ObservedMaterials(ONE, TWO)
AGAIN = [(KnownMaterial("two"), None)]


@pytest.mark.parametrize(
    ("observed", "key", "replica"),
    [
        pytest.param(found(WAITING, ABSENT), AGAIN, AGAIN, id="the first import"),
        pytest.param(found(WAITING, ABSENT, mark="1/0/2"), AGAIN, AGAIN, id="the intention"),
        pytest.param(found(READY, READY, mark="1/0/2"), AGAIN, AGAIN, id="all imports"),
        pytest.param(
            found(
                ObservedMaterials(TWO, earlier=("one",)),
                ObservedMaterials(TWO, earlier=("one",)),
                mark="1/0/2",
                rotation=ONCE,
            ),
            [],
            [],
            id="the rotation",
        ),
    ],
)
def test_a_plan_after_a_crash_goes_on_after(observed, key, replica):
    changes = planned(wanted(), observed)
    assert (which(changes[KEY]), which(changes[REPLICA])) == (key, replica)
    assert ("RotateOnDemand" in kinds(changes[KEY])) is bool(key)
    assert plan(wanted(), simulate(plan(wanted(), observed), observed)).effective == ()


def test_where_the_primary_is_elsewhere_it_gets_the_material_there():
    changes = planned(wanted(), found(regions=ELSEWHERE))
    assert which(changes[KEY]) == [(NewMaterial(), EU), (AwaitedMaterial(), None)]
    assert which(changes[REPLICA]) == []
    assert [step.at for step in changes[KEY].steps if isinstance(step, RotateOnDemand)] == [EU]
    observed = found(regions=ELSEWHERE)
    assert plan(wanted(), simulate(plan(wanted(), observed), observed)).effective == ()


def test_nothing_else_is_imported_from_a_source_that_has_new_material():
    changed = planned(wanted(valid_to=LATER), found(regions=ELSEWHERE))
    assert kinds(changed[REPLICA]) == []
    waits = fed(has_primary, "1/0", ObservedMaterials(replace(ONE, imported=False)), state=KeyState.PENDING_IMPORT)
    lost = planned(wanted(), everywhere(there(waits), fed(has_replica, None, valid_to=LATER)))
    assert (kinds(lost[KEY]), kinds(lost[REPLICA])) == ([], [])


def test_a_disabled_key_is_open_until_its_replicas_are_ready():
    closed = found(state=KeyState.DISABLED)
    made = plan(wanted(enabled=False), closed)
    steps = [(str(node.id.address), type(step).__name__) for node in nodes(made) for step in node.steps]
    of_key = [name for address, name in steps if address == KEY]
    assert of_key == ["EnableKey", "ImportMaterial", "TagKey", "RotateOnDemand", "TagKey", "DisableKey"]


def test_a_replica_whose_deletion_is_scheduled_is_wanted_back_and_gets_it():
    observed = found()
    going = replace(observed.targets[EU].keys["mrk-1"], state=KeyState.PENDING_DELETION)
    changes = planned(wanted(), everywhere(there(observed.targets[DB.target].keys["mrk-1"]), going))
    assert kinds(changes[REPLICA]) == ["CancelDeletion", "EnableKey", "ImportMaterial"]


def test_an_expiry_of_new_material_is_told_of_every_key():
    changes = planned(wanted(valid_to=LATER), found())
    assert (names(changes[KEY]), names(changes[REPLICA])) == (["material-expires"], ["material-expires"])


GONE = ObservedMaterials(replace(ONE, imported=False))
THREE = Regions("us-east-1", ("ap-southeast-2", "eu-west-1"))
HINDRANCES = {
    "a replica that is not there": (everywhere(there(fed(has_primary, "1/0", rotation=NEVER))), "is not there yet"),
    "a replica without its material": (
        everywhere(there(fed(has_primary, "1/0", rotation=NEVER)), fed(has_replica, None, GONE, material=False)),
        "lacks its current material",
    ),
    "a replica that nobody declares": (found(regions=THREE), "no ReplicaKey declares that in ap-southeast-2"),
    "one that lacks it still": (found(WAITING, READY, regions=THREE), "by hand there and into the primary"),
}


@pytest.mark.parametrize("case", HINDRANCES)
def test_it_is_not_begun_what_cannot_be_ended(case):
    observed, why = HINDRANCES[case]
    change = planned(wanted(), observed)[KEY]
    assert (change.action, change.reason, change.steps) == (Action.BLOCKED, Reason.UNRESOLVED, ())
    assert why in change.detail


def test_replicas_that_nobody_declares_may_have_been_fed_by_hand():
    assert "RotateOnDemand" in kinds(planned(wanted(), found(READY, READY, regions=THREE))[KEY])


def test_a_multi_region_key_without_replicas_is_rotated_alone():
    key = fed(has_primary, "1/0", rotation=NEVER, regions=Regions("us-east-1"))
    both = {"origin": Origin.EXTERNAL, "material": replace(MATERIAL, serial=2)}
    change = planned(declares(wants(multi_region=True, **both)), there(key))[KEY]
    assert [step.together for step in change.steps if isinstance(step, RotateOnDemand)] == [False]


def test_a_replica_whose_earlier_material_is_gone_says_so():
    held = ObservedMaterials(TWO, missing=("abcdef0123456789",))
    changes = planned(wanted(), found(ObservedMaterials(TWO, earlier=("one",)), held, mark="2/1", rotation=ONCE))
    assert "abcdef012345…" in changes[REPLICA].detail


def test_what_rests_on_a_new_replica_of_a_rotated_key_waits_for_material_that_somebody_has_to_import():
    both = {"origin": Origin.EXTERNAL, "material": replace(MATERIAL, serial=2)}
    grant = wants_grant("reader", DB_EU)
    grant = replace(grant, address=replace(grant.address, target=EU))
    desired = declares(wants(multi_region=True, **both), wants_replica(**both), grant)
    held = ObservedMaterials(TWO, earlier=("one",))
    observed = everywhere(there(fed(has_primary, "2/1", held, rotation=ONCE, regions=Regions("us-east-1"))))
    changes = planned(desired, observed)
    assert kinds(changes[REPLICA]) == ["ReplicateKey", "ImportMaterial"]
    assert (changes["Grant/reader@eu"].action, changes["Grant/reader@eu"].reason) == (Action.NO_OP, Reason.UNRESOLVED)
    replica = simulate(plan(desired, observed), observed).targets[EU].keys["mrk-1"]
    assert (replica.state, replica.materials) == (KeyState.PENDING_IMPORT, ObservedMaterials(TWO, missing=("one",)))


def test_the_rotation_of_a_replica_is_counted_like_that_of_its_key():
    observed = found()
    away = replace(observed.targets[EU].keys["mrk-1"], rotation=NEVER)
    observed = everywhere(there(observed.targets[DB.target].keys["mrk-1"]), away)
    made = plan(wanted(), observed)
    after = simulate(made, observed)
    assert [target.keys["mrk-1"].rotation for target in after.targets.values()] == [ONCE, ONCE]
    assert made.cost.after == monthly(after, made.stack)


def test_a_rotation_that_is_hindered_is_drift_of_a_key_that_is_there():
    observed, _ = HINDRANCES["a replica that nobody declares"]
    drift = drift_of(plan(wanted(), observed), observed, wanted())
    assert [(str(entry.address), entry.kind) for entry in drift.entries] == [(KEY, DriftKind.CHANGED)]
