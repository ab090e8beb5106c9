"""Imported key material: when it is imported, imported again, rotated to, and when nothing can be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.model.desired import NoRotation
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.material import (
    FIRST,
    ImportedMaterial,
    KnownMaterial,
    NewMaterial,
    SecretFile,
    WrappingAlgorithm,
)
from reconciler.model.observed import Material, ObservedMaterials, ObservedRotation
from reconciler.model.ownership import ROTATION_TAG
from reconciler.model.usage import NeverUsed, UsedAt
from reconciler.plan.changes import Action, Reason, RiskLevel
from reconciler.plan.planner import plan, usage_questions
from reconciler.plan.risk.guard import verdict
from reconciler.plan.steps import CreateKey, ImportMaterial, TagKey
from tests.plan.build import (
    DB,
    declares,
    differing,
    has,
    kinds,
    names,
    only,
    pending,
    planned,
    there,
    wants,
    wants_alias,
    wants_grant,
)
from tests.support.pools import READ_AT

SOON, LATER = READ_AT + timedelta(days=30), READ_AT + timedelta(days=60)
OVER = READ_AT - timedelta(days=1)
OAEP = WrappingAlgorithm.RSAES_OAEP_SHA_256
MATERIAL = ImportedMaterial(SecretFile("m.bin"), OAEP)
HMAC = {"key_spec": KeySpec.HMAC_256, "key_usage": KeyUsage.GENERATE_VERIFY_MAC}
CURRENT = Material("current")
GONE = replace(CURRENT, imported=False)


def wants_fed(material=MATERIAL, name="db", **fields):
    """A declared key with imported material; `fields` of the material go by their names."""
    of_material = {key: fields.pop(key) for key in ("valid_to", "description", "serial") if key in fields}
    return wants(name, origin=Origin.EXTERNAL, material=replace(material, **of_material), **fields)


def has_fed(current=CURRENT, mark="1/0", materials=None, **fields):
    """A real key with its material, unless `current` is None or gone."""
    held = materials or ObservedMaterials(current)
    there = held.current is not None and held.current.imported and not held.missing
    state = {} if there else {"state": KeyState.PENDING_IMPORT}
    given = {"origin": Origin.EXTERNAL, "materials": held, "material": there, "tags": {ROTATION_TAG: mark}}
    return has(**{**given, "rotation": ObservedRotation(enabled=False, on_demand_rotations=0), **state, **fields})


def the_import(change):
    (step,) = [step for step in change.steps if isinstance(step, ImportMaterial)]
    return step


def test_a_new_key_gets_its_material_before_anything_rests_on_it():
    desired = declares(wants_fed(), wants_grant(), wants_alias("db", DB))
    changes = planned(desired, there())
    assert kinds(changes["Key/db"]) == ["CreateKey", "ImportMaterial"]
    assert kinds(changes["Grant/reader"]) == ["CreateGrant"]
    assert changes["Grant/reader"].depends_on == (DB,)
    assert names(changes["Alias/db"]) == []
    creation, step = changes["Key/db"].steps
    assert isinstance(creation, CreateKey)
    assert creation.tags[ROTATION_TAG] == "1/0"
    assert (step.which, step.source) == (FIRST, SecretFile("m.bin"))


def test_a_new_key_that_is_to_be_disabled_is_so_after_the_import():
    assert kinds(only(declares(wants_fed(enabled=False)), there())) == ["CreateKey", "ImportMaterial", "DisableKey"]


def test_a_new_key_whose_time_is_over_waits_for_material():
    change = only(declares(wants_fed(valid_to=OVER)), there())
    assert kinds(change) == ["CreateKey"]


def test_a_key_that_waits_for_its_first_material_gets_what_the_raised_serial_stands_for():
    change = only(declares(wants_fed(serial=3, description="x")), there(has_fed(None)))
    assert kinds(change) == ["ImportMaterial", "TagKey"]
    assert the_import(change).which == FIRST
    assert [step.tags for step in change.steps if isinstance(step, TagKey)] == [{ROTATION_TAG: "3/0"}]
    assert the_import(change).description == "x"
    assert change.action is Action.UPDATE


def test_what_expired_is_imported_again_by_its_id():
    change = only(declares(wants_fed()), there(has_fed(GONE)))
    assert kinds(change) == ["ImportMaterial"]
    assert the_import(change).which == KnownMaterial("current")
    assert differing(change)["importedMaterial"] == ("missing", "imported")


def test_a_key_that_is_to_be_disabled_is_so_after_a_repeated_import_without_danger():
    key = has_fed(GONE, last_use=UsedAt(READ_AT))
    change = only(declares(wants_fed(enabled=False)), there(key))
    assert kinds(change) == ["ImportMaterial", "DisableKey"]
    assert names(change) == []


def test_a_key_that_awaits_deletion_without_material_is_wanted_back_and_fed():
    key = pending(origin=Origin.EXTERNAL, material=False, materials=ObservedMaterials(), tags={ROTATION_TAG: "1/0"})
    assert kinds(only(declares(wants_fed()), there(key))) == ["CancelDeletion", "ImportMaterial"]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        pytest.param({"valid_to": SOON}, "importedMaterial.validTo", id="expiry"),
        pytest.param({"description": "new"}, "importedMaterial.description", id="description"),
    ],
)
def test_what_kms_changes_by_an_import_alone_is_imported_again(wanted, field):
    change = only(declares(wants_fed(**wanted)), there(has_fed(last_use=NeverUsed())))
    assert kinds(change) == ["ImportMaterial"]
    assert list(differing(change)) == [field, "importedMaterial.from"]
    assert the_import(change).which == KnownMaterial("current")


@pytest.mark.parametrize(
    "current",
    [
        pytest.param(replace(CURRENT, description="theirs"), id="a description that nobody declared"),
        pytest.param(replace(CURRENT, valid_to=None), id="no expiry"),
    ],
)
def test_what_is_as_declared_is_left_alone(current):
    change = only(declares(wants_fed()), there(has_fed(current)))
    assert (change.action, change.reason) == (Action.NO_OP, Reason.IN_SYNC)


def test_fractions_of_a_second_are_no_difference():
    current = replace(CURRENT, valid_to=SOON.replace(microsecond=1000))
    assert only(declares(wants_fed(valid_to=SOON)), there(has_fed(current))).steps == ()


def test_a_raised_serial_imports_new_material_and_rotates_to_it_once():
    change = only(declares(wants_fed(serial=2)), there(has_fed()))
    assert kinds(change) == ["ImportMaterial", "TagKey", "RotateOnDemand", "TagKey"]
    assert the_import(change).which == NewMaterial()
    assert differing(change)["importedMaterial.serial"] == (1, 2)


def test_a_disabled_key_is_opened_to_be_rotated():
    change = only(declares(wants_fed(serial=2, enabled=False)), there(has_fed(state=KeyState.DISABLED)))
    assert kinds(change)[:2] == ["EnableKey", "ImportMaterial"]
    assert kinds(change)[-1] == "DisableKey"


def test_new_material_that_a_crash_left_behind_is_imported_again_by_its_id_and_rotated_to():
    held = ObservedMaterials(CURRENT, Material("pending"))
    change = only(declares(wants_fed(serial=2)), there(has_fed(materials=held, mark="1/0/2")))
    assert kinds(change) == ["ImportMaterial", "RotateOnDemand", "TagKey"]
    assert the_import(change).which == KnownMaterial("pending")


def test_after_a_rotation_whose_mark_was_not_written_only_the_mark_is_left():
    rotated = ObservedRotation(enabled=False, on_demand_rotations=1)
    change = only(declares(wants_fed(serial=2)), there(has_fed(mark="1/0/2", rotation=rotated)))
    assert kinds(change) == ["TagKey"]


def test_rotation_that_is_ignored_is_not_brought_about_by_a_serial():
    desired = wants_fed(serial=2)
    desired = replace(desired, ignore=replace(desired.ignore, fields=frozenset({"rotation"})))
    assert only(declares(desired), there(has_fed())).steps == ()


def test_an_expired_material_whose_serial_was_raised_is_told_of_and_not_imported():
    change = only(declares(wants_fed(serial=2)), there(has_fed(GONE)))
    assert change.steps == ()
    assert "give it the old one with the old serial" in change.detail


def test_earlier_material_that_is_gone_is_told_of():
    held = ObservedMaterials(CURRENT, missing=("abcdef0123456789",))
    change = only(declares(wants_fed()), there(has_fed(materials=held)))
    assert change.steps == ()
    assert "abcdef012345…" in change.detail


def test_a_grant_on_a_key_that_an_import_does_not_make_usable_waits():
    held = ObservedMaterials(GONE, missing=("older",))
    changes = planned(declares(wants_fed(), wants_grant()), there(has_fed(materials=held, grants=[])))
    assert kinds(changes["Key/db"])[0] == "ImportMaterial"
    assert (changes["Grant/reader"].action, changes["Grant/reader"].reason) == (Action.NO_OP, Reason.UNRESOLVED)


def test_a_grant_on_a_key_that_nobody_feeds_waits():
    desired = declares(wants(origin=Origin.EXTERNAL), wants_grant())
    assert planned(desired, there(has_fed(None, grants=[])))["Grant/reader"].steps == ()


def test_a_successor_shows_where_its_material_comes_from():
    key = has_fed(
        key_spec=KeySpec.HMAC_256, key_usage=KeyUsage.GENERATE_VERIFY_MAC, materials=ObservedMaterials(CURRENT)
    )
    change = only(declares(wants_fed(replacement="NewKey")), there(key))
    assert (change.action, kinds(change)) == (Action.REPLACE, ["CreateKey", "ImportMaterial"])
    assert differing(change)["importedMaterial.from"][1] == "file m.bin"


def test_material_that_expired_as_declared_is_left_and_told_of():
    change = only(declares(wants_fed(valid_to=OVER)), there(has_fed(GONE)))
    assert (change.action, change.steps) == (Action.NO_OP, ())
    assert change.detail == "its material expired on 2026-11-21, as declared: a later validTo imports it again"


def test_a_key_that_is_being_created_is_not_fed_yet():
    key = has_fed(None, state=KeyState.CREATING)
    assert "ImportMaterial" not in kinds(only(declares(wants_fed()), there(key)))


def test_a_key_of_one_material_is_fed_and_its_expiry_kept():
    desired = declares(wants_fed(valid_to=LATER, rotation=NoRotation("it is a test"), **HMAC))
    waiting = has(state=KeyState.PENDING_IMPORT, origin=Origin.EXTERNAL, **HMAC)
    change = only(desired, there(waiting))
    assert kinds(change) == ["ImportMaterial"]
    assert (the_import(change).which, the_import(change).description) == (FIRST, None)
    fed = has(origin=Origin.EXTERNAL, valid_to=SOON, last_use=NeverUsed(), **HMAC)
    assert differing(only(desired, there(fed)))["importedMaterial.validTo"] == (
        "2026-12-22T12:00:00Z",
        "2027-01-21T12:00:00Z",
    )


@pytest.mark.parametrize(
    ("key", "wanted", "risk", "level"),
    [
        pytest.param(None, SOON, "material-expires", RiskLevel.CAUTION, id="a new key"),
        pytest.param(has_fed(last_use=NeverUsed()), SOON, "material-expires", RiskLevel.CAUTION, id="an unused key"),
        pytest.param(
            has_fed(last_use=UsedAt(READ_AT)), SOON, "material-expires-in-use", RiskLevel.DANGER, id="a key in use"
        ),
        pytest.param(
            has_fed(replace(CURRENT, valid_to=SOON), valid_to=SOON, last_use=UsedAt(READ_AT)),
            LATER,
            "material-expires",
            RiskLevel.CAUTION,
            id="a longer time",
        ),
        pytest.param(
            None, READ_AT + timedelta(days=366), "material-validity", RiskLevel.FORBIDDEN, id="longer than a year"
        ),
    ],
)
def test_an_expiry_is_a_risk(key, wanted, risk, level):
    change = only(declares(wants_fed(valid_to=wanted)), there(*([key] if key else [])))
    assert [(found.name, found.level) for found in change.risks] == [(risk, level)]


def test_a_year_is_the_most_whatever_is_allowed():
    found = plan(declares(wants_fed(valid_to=READ_AT + timedelta(days=366))), there())
    assert verdict(found, ["material-validity"]).refusals


def test_a_raised_serial_waits_while_the_material_that_is_declared_is_over():
    change = only(declares(wants_fed(serial=2, valid_to=OVER)), there(has_fed()))
    assert change.steps == ()


def test_whether_a_key_whose_material_will_expire_is_in_use_is_asked():
    observed = there(has_fed())
    change = only(declares(wants_fed(valid_to=SOON)), observed)
    asked = usage_questions(plan(declares(wants_fed(valid_to=SOON)), observed), observed)
    assert asked == {change.address.target: frozenset({change.resource_id})}
