"""What is copied of what was observed."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.model.identifiers import RUN_TARGET, AliasName, KeyId
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.material import (
    AwaitedMaterial,
    FirstMaterial,
    KnownMaterial,
    NewMaterial,
    SecretFile,
    SecretVariable,
    WrappingAlgorithm,
)
from reconciler.model.observed import (
    Material,
    ObservedAlias,
    ObservedMaterials,
    ObservedRotation,
    ObservedState,
)
from reconciler.model.stores import Connection
from reconciler.plan.changes import Action, Change, Plan, Reason
from reconciler.plan.steps import ExistingKey, ImportMaterial, PlannedKey
from reconciler.policy.default import default_policy
from reconciler.workflow.rehearse.estate import estate_of
from reconciler.workflow.rehearse.stand_ins import StandIns, stand_ins
from tests.plan.build import (
    DB,
    IMPORTED,
    beside,
    everywhere,
    has,
    has_grant,
    has_primary,
    has_replica,
    has_store,
    there,
)
from tests.support.custody import CLUSTER, PROXY
from tests.support.pools import ACCOUNTS, READ_AT, terms_of

SOURCE = SecretFile("m")
LATER = READ_AT + timedelta(days=9)


def copied(state, given=None):
    """The facts of the keys of `state`, by Region and id."""
    found = estate_of(state.targets, given or StandIns())
    return {(facts.region, facts.key_id): facts for facts in found.keys}


def the_key(state, given=None):
    """The facts of the one key on the run's target."""
    return copied(state, given)[ACCOUNTS[RUN_TARGET].region, "k-1"]


def test_a_key_is_copied_with_all_that_was_read():
    key = has(policy="{}", description="db", rotation=ObservedRotation(enabled=True, period=90, on_demand_rotations=2))
    found = the_key(there(key, aliases={"a": "k-1", "b": "k-1"}))
    assert (found.policy, found.description, found.created) == ("{}", "db", key.created)
    assert (found.rotation_period, found.on_demand_rotations) == (90, 2)
    assert found.aliases == ("alias/a", "alias/b")
    assert found.tags == key.tags


@pytest.mark.parametrize(
    ("rotation", "period", "count"),
    [
        (None, None, 0),
        (ObservedRotation(enabled=True), 365, 0),
        (ObservedRotation(enabled=False, period=None, on_demand_rotations=1), None, 1),
    ],
    ids=["not read", "of a period that is not told", "off"],
)
def test_what_was_not_read_of_rotation_is_as_aws_has_it_by_default(rotation, period, count):
    found = the_key(there(has(rotation=rotation)))
    assert (found.rotation_period, found.on_demand_rotations) == (period, count)


def test_a_policy_that_was_not_read_is_the_default_one():
    assert the_key(there(has())).policy == default_policy("111122223333", "aws")


def test_an_alias_that_points_nowhere_is_nobodys():
    state = there(has())
    here = replace(state.targets[RUN_TARGET], aliases={AliasName("alias/x"): ObservedAlias(AliasName("alias/x"), None)})
    assert the_key(ObservedState({RUN_TARGET: here})).aliases == ()


def test_a_grant_is_copied_as_create_grant_would_make_it():
    named = has_grant()
    nameless = replace(named, name="", issuing_account="arn:aws:iam::444455556666:root", terms=terms_of("x"))
    first, second = the_key(there(has(grants=(named, nameless)))).grants
    assert first.body == {
        "Name": named.name,
        "GranteePrincipal": "arn:aws:iam::111122223333:role/reader",
        "Operations": ["Decrypt"],
    }
    assert first.issuing_account == "arn:aws:iam::111122223333:root"
    assert "Name" not in second.body
    assert second.issuing_account == "arn:aws:iam::444455556666:root"


def test_a_related_key_of_a_region_that_was_not_read_is_made_up_from_what_its_primary_tells():
    primary = has_primary(policy="{}", tags={"team": "shop"}, rotation=ObservedRotation(enabled=True))
    regions = replace(primary.regions, replicas=("ap-south-1", "eu-west-1"))
    found = copied(everywhere(there(replace(primary, regions=regions)), has_replica()))
    assert sorted(region for region, _ in found) == ["ap-south-1", "eu-west-1", "us-east-1"]
    made_up = found["ap-south-1", primary.key_id]
    assert (made_up.tags, made_up.policy, made_up.rotation_period) == ({}, default_policy("111122223333", "aws"), None)
    assert {facts.primary_region for facts in found.values()} == {"us-east-1"}


def test_a_multi_region_key_of_which_no_regions_are_told_is_its_own_primary():
    assert the_key(there(has(multi_region=True))).primary_region == "us-east-1"


def test_the_materials_of_a_key_are_copied_the_oldest_first():
    known = ObservedMaterials(
        current=Material("c", valid_to=LATER, description="now"),
        pending=Material("p", imported=False),
        earlier=("a",),
        missing=("b",),
    )
    found = the_key(there(has(**IMPORTED, materials=known))).materials
    told = [(one.material_id, one.present, one.pending, one.valid_to, one.description) for one in found]
    assert told == [
        ("a", True, False, None, None),
        ("b", False, False, None, None),
        ("c", True, False, LATER, "now"),
        ("p", False, True, None, None),
    ]


@pytest.mark.parametrize(
    ("key", "count"),
    [
        (has(**IMPORTED, valid_to=LATER), 1),
        (has(**IMPORTED, state=KeyState.PENDING_IMPORT), 0),
        (has(**IMPORTED, materials=ObservedMaterials()), 0),
        (has(origin=Origin.EXTERNAL, key_spec=KeySpec.HMAC_256, key_usage=KeyUsage.GENERATE_VERIFY_MAC), 1),
        (has(), 0),
    ],
    ids=["not read", "none", "none yet", "the only one", "of KMS's own making"],
)
def test_material_that_was_not_read_is_there_if_the_key_has_any(key, count):
    found = the_key(there(key)).materials
    assert len(found) == count
    assert all((one.present, one.valid_to) == (True, key.valid_to) for one in found)


KEY = ExistingKey("k-1")


def change_of(*steps):
    return Change(DB, Action.UPDATE, Reason.DIFFERS, steps=steps)


def importing(which, key=KEY):
    """A plan of one import."""
    wrapping = WrappingAlgorithm.RSAES_OAEP_SHA_256
    step = ImportMaterial(key, KeySpec.SYMMETRIC_DEFAULT, SOURCE, wrapping, None, which=which)
    return Plan("default", {}, "d" * 64, (change_of(step),))


@pytest.mark.parametrize(
    ("which", "known"),
    [(KnownMaterial("a"), "a"), (AwaitedMaterial(), "p"), (FirstMaterial(), "c"), (NewMaterial(), None)],
    ids=["known", "awaited", "first", "new"],
)
def test_what_a_plan_imports_again_has_the_content_of_its_place(which, known):
    materials = ObservedMaterials(Material("c"), Material("p"), earlier=("a",))
    state = there(has(**IMPORTED, materials=materials))
    given = stand_ins(importing(which), state)
    found = {one.material_id: one.stand_in for one in the_key(state, given).materials}
    content = given(SOURCE).content
    assert {name for name, stand_in in found.items() if stand_in == content} == ({known} if known else set())


@pytest.mark.parametrize(
    "plan",
    [
        importing(AwaitedMaterial()),
        importing(KnownMaterial("a"), PlannedKey(DB, 1)),
        importing(AwaitedMaterial(), ExistingKey("k-2")),
    ],
    ids=["nothing pending", "a new key", "another key"],
)
def test_what_a_key_does_not_have_has_no_content(plan):
    assert stand_ins(plan, there(has(**IMPORTED))).materials == {}


def test_a_variable_holds_base64_and_a_file_bytes():
    step = importing(NewMaterial()).changes[0].steps[0]
    variable = replace(step, source=SecretVariable("M"))
    given = stand_ins(Plan("default", {}, "d" * 64, (change_of(step, variable),)), there(has(**IMPORTED)))
    assert len(given(SOURCE).content) == 32
    assert len(base64.b64decode(given(SecretVariable("M")).content)) == 32


def test_the_contents_of_secrets_show_nowhere():
    given = stand_ins(importing(KnownMaterial("a")), there(has(**IMPORTED)))
    assert repr(given) == "StandIns()"


def stores(state):
    return {store.name: store for store in estate_of(state.targets, StandIns()).stores}


def test_custom_key_stores_are_copied_with_made_up_secrets():
    state = beside(there(), has_store("hsm", CLUSTER, Connection.DISCONNECTING), has_store("xks", PROXY))
    found = stores(state)
    assert (found["hsm"].kind, found["hsm"].connection) == ("AWS_CLOUDHSM", "DISCONNECTED")
    assert found["hsm"].settings.keys() == {"CloudHsmClusterId", "TrustAnchorCertificate"}
    assert found["xks"].settings["XksProxyUriEndpoint"] == "https://xks.example.com"
    assert json.loads(found["xks"].secret)["AccessKeyId"] == "A" * 20


@pytest.mark.parametrize("origin", [Origin.AWS_CLOUDHSM, Origin.EXTERNAL_KEY_STORE])
@pytest.mark.parametrize(
    ("state", "connection"), [(KeyState.ENABLED, "CONNECTED"), (KeyState.UNAVAILABLE, "DISCONNECTED")]
)
def test_a_store_that_was_not_read_is_made_up_around_its_keys(origin, state, connection):
    found = stores(there(has(origin=origin, state=state, store_id="cks-1", xks_key_id="x")))
    assert {name: (store.kind, store.connection) for name, store in found.items()} == {"cks-1": (origin, connection)}


def test_an_aws_managed_key_and_another_accounts_key_are_copied_as_such():
    theirs = replace(has("k-2"), arn="arn:aws:kms:us-east-1:444455556666:key/k-2")
    found = copied(there(has(aws_managed=True), theirs, aliases={"a": "k-2"}))
    assert found["us-east-1", "k-1"].manager == "AWS"
    assert (found["us-east-1", "k-2"].account, found["us-east-1", "k-2"].aliases) == ("444455556666", ())
    assert KeyId("k-2") == found["us-east-1", "k-2"].key_id
