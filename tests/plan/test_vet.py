"""A plan file that somebody rewrote, digest and all, does no worse than it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.kit.absent import ABSENT
from reconciler.kit.diagnostics import Position
from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import AliasName, Days, GrantId, TargetName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.material import SecretFile, WrappingAlgorithm
from reconciler.model.ownership import DELETION_TAG, ROTATION_TAG, Ownership
from reconciler.model.scope import Scope
from reconciler.model.target import Target
from reconciler.model.usage import UsedAt
from reconciler.plan.changes import Action, Change, FieldChange, Plan, Reason
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.saved.fingerprint import label
from reconciler.plan.saved.planfile import SavedPlan
from reconciler.plan.saved.vet import contradictions, objections, reassessed
from reconciler.plan.steps import (
    ConnectCustomKeyStore,
    CreateAlias,
    CreateCustomKeyStore,
    CreateGrant,
    CreateKey,
    DeleteAlias,
    DisableKey,
    ExistingKey,
    ImportMaterial,
    PlannedKey,
    PutKeyPolicy,
    RevokeGrant,
    ScheduleDeletion,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateCustomKeyStore,
    UpdateDescription,
)
from tests.plan.build import DB, PRUNE, declares, has, has_grant, names, there, wants
from tests.support.custody import PROXY
from tests.support.pools import ACCOUNTS, POLICIES, READ_AT, STACK, policy, terms_of
from tests.support.strategies import worlds

DB_KEY = ExistingKey("k-1")
THEIRS = ExistingKey("k-nobody")
THEIR_ALIAS = AliasName("alias/theirs")
SERVICE_GRANT = has_grant(called="rds-grant", grant_id="g-9")
WORLD = there(
    has(last_use=UsedAt(READ_AT), grants=[has_grant(), SERVICE_GRANT], policy=POLICIES[0]),
    has("k-nobody", None, policy=POLICIES[0]),
    has("k-app", "app"),
    aliases={"db": "k-1", "theirs": "k-nobody"},
)


def forged(kind: Kind, name: str, *steps: Any, **fields: Any) -> Change:
    """A change that says of itself that it is harmless."""
    said = {"action": Action.UPDATE, "reason": Reason.DIFFERS, "fields": (FieldChange("description", "a", "b"),)}
    return Change(Address(kind, name), **{**said, "resource_id": "k-1", **fields}, steps=steps)


def plan_of(*changes: Change) -> Plan:
    prints = {label(change): "0" * 64 for change in changes}
    return Plan(STACK, {TargetName(""): ACCOUNTS[TargetName("")]}, "d", changes, prints)


def saved(of: Plan, **parts: Any) -> SavedPlan:
    given = {"targets": {"": Target()}, "scopes": {"": Scope(STACK)}, **parts}
    return SavedPlan(of, **given)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds(), st.sampled_from([PlanOptions(), PRUNE]))
def test_nothing_speaks_against_a_plan_that_was_made_from_what_is_there(world: Any, options: PlanOptions) -> None:
    desired, observed = world
    made = plan(desired, observed, options)
    parts = {
        "targets": {name: Target() for name in observed.targets},
        "scopes": {name: Scope(STACK) for name in observed.targets},
    }
    assert contradictions(saved(made, **parts)) == ()
    assert objections(made, observed) == ()
    assert reassessed(made, observed, options) == made


def creation(name: str = "db", owner: str = "db", generation: int = 2) -> CreateKey:
    own = Ownership(STACK, owner, generation)
    return CreateKey(
        PlannedKey(Address(Kind.KEY, name), generation),
        own,
        KeySpec.SYMMETRIC_DEFAULT,
        KeyUsage.ENCRYPT_DECRYPT,
        Origin.AWS_KMS,
        multi_region=False,
        description="",
        policy=None,
        tags=own.tags(),
    )


NEW = PlannedKey(DB, 2)
POINTED = (FieldChange("key", "k-app", "k-1"),)
IMPORT = ImportMaterial(
    DB_KEY, KeySpec.SYMMETRIC_DEFAULT, SecretFile("m.bin"), WrappingAlgorithm.RSAES_OAEP_SHA_256, None
)
GRANT_NAME = f"kmsctl:{STACK}:reader:0123456789abcdef"
WRONG_STEPS = {
    "a key that is nobody's": forged(Kind.KEY, "db", ScheduleDeletion(THEIRS, Days(7))),
    "a key of another name": forged(Kind.KEY, "db", DisableKey(ExistingKey("k-app"))),
    "a key that was not found": forged(Kind.KEY, "db", DisableKey(ExistingKey("k-far"))),
    "a key by its ARN": forged(Kind.KEY, "db", DisableKey(ExistingKey("arn:aws:kms:us-east-1:1:key/k-1"))),
    "a key under a grant's name": forged(Kind.GRANT, "db", DisableKey(DB_KEY)),
    "a key that another stack has, adopted": forged(
        Kind.KEY, "db", TagKey(ExistingKey("k-app"), {}), action=Action.ADOPT
    ),
    "a policy that is not shown": forged(Kind.KEY, "db", PutKeyPolicy(DB_KEY, POLICIES[1])),
    "a new key with a policy that is not shown": forged(Kind.KEY, "db", replace(creation(), policy=POLICIES[1])),
    "a new key with another policy than is shown": forged(
        Kind.KEY,
        "db",
        replace(creation(), policy=POLICIES[1]),
        fields=(FieldChange("policy", ABSENT, POLICIES[0]),),
    ),
    "a new key without the policy that is shown": forged(
        Kind.KEY, "db", creation(), fields=(FieldChange("policy", ABSENT, POLICIES[0]),)
    ),
    "a new key of another nature": forged(
        Kind.KEY, "db", replace(creation(), multi_region=True), fields=(FieldChange("multiRegion", ABSENT, False),)
    ),
    "a new key without the tags that are shown": forged(
        Kind.KEY, "db", creation(), action=Action.CREATE, fields=(FieldChange("tags[team]", ABSENT, "a"),)
    ),
    "a deletion that is not shown": forged(Kind.KEY, "db", ScheduleDeletion(DB_KEY, Days(7))),
    "a key that is disowned in secret": forged(Kind.KEY, "db", UntagKey(DB_KEY, ("a",))),
    "a tag that is not shown": forged(Kind.KEY, "db", TagKey(DB_KEY, {DELETION_TAG: "Schedule/7"})),
    "an alias for a key that is not shown": forged(
        Kind.ALIAS, "db", UpdateAlias(AliasName("alias/db"), ExistingKey("k-app")), fields=POINTED
    ),
    "material from elsewhere": forged(
        Kind.KEY, "db", IMPORT, fields=(FieldChange("importedMaterial.from", ABSENT, "file n.bin"),)
    ),
    "material from a place that is not shown": forged(Kind.KEY, "db", IMPORT),
    "a grant for somebody who is not shown": forged(
        Kind.GRANT, "reader", CreateGrant(DB_KEY, GRANT_NAME, terms_of("x")), resource_id="g-1"
    ),
    "a key that is not created": forged(Kind.KEY, "db", UpdateDescription(NEW, "x")),
    "another key that is created": forged(
        Kind.KEY, "db", creation("app", "app"), UpdateDescription(PlannedKey(Address(Kind.KEY, "app"), 2), "x")
    ),
    "a new key of another name": forged(Kind.KEY, "db", creation(owner="app")),
    "a new key without its tags": forged(Kind.KEY, "db", replace(creation(), tags={})),
    "another alias": forged(Kind.ALIAS, "db", UpdateAlias(THEIR_ALIAS, DB_KEY)),
    "an alias under a key's name": forged(Kind.KEY, "db", DeleteAlias(AliasName("alias/db"))),
    "an alias that is not there": forged(Kind.ALIAS, "gone", DeleteAlias(AliasName("alias/gone"))),
    "an alias for a key that is not created": forged(Kind.ALIAS, "new", CreateAlias(AliasName("alias/new"), NEW)),
    "an alias for a key that was not found": forged(
        Kind.ALIAS, "new", CreateAlias(AliasName("alias/new"), ExistingKey("k-far"))
    ),
    "a service's grant": forged(Kind.GRANT, "reader", RevokeGrant(DB_KEY, GrantId("g-9"))),
    "a grant under a key's name": forged(Kind.KEY, "db", RevokeGrant(DB_KEY, GrantId("g-1"))),
    "a grant that is called after nobody": forged(Kind.GRANT, "reader", CreateGrant(DB_KEY, "mine", terms_of("x"))),
    "a grant of another name": forged(Kind.GRANT, "writer", CreateGrant(DB_KEY, GRANT_NAME, terms_of("x"))),
}


@pytest.mark.parametrize("change", WRONG_STEPS.values(), ids=WRONG_STEPS)
def test_a_step_that_no_planner_makes_is_objected_to(change):
    assert objections(plan_of(change), WORLD)


SOUND_STEPS = {
    "its own key": forged(Kind.KEY, "db", UpdateDescription(DB_KEY, "x")),
    "a policy that is shown": forged(
        Kind.KEY,
        "db",
        PutKeyPolicy(DB_KEY, POLICIES[1]),
        fields=(FieldChange("policy", POLICIES[0], POLICIES[1]),),
    ),
    "a new key with the policy that is shown": forged(
        Kind.KEY,
        "db",
        replace(creation(), policy=POLICIES[1]),
        fields=(FieldChange("policy", ABSENT, POLICIES[1]), FieldChange("keySpec", "RSA_2048", "SYMMETRIC_DEFAULT")),
    ),
    "a new key with the tags that are shown": forged(
        Kind.KEY,
        "db",
        replace(creation(), tags={**creation().tags, "team": "a"}),
        action=Action.CREATE,
        fields=(FieldChange("tags[team]", ABSENT, "a"),),
    ),
    "material from where it is shown to be": forged(
        Kind.KEY, "db", IMPORT, fields=(FieldChange("importedMaterial.from", ABSENT, "file m.bin"),)
    ),
    "a deletion that is shown": forged(
        Kind.KEY, "db", ScheduleDeletion(DB_KEY, Days(7)), action=Action.SCHEDULE_DELETION
    ),
    "a key that is disowned": forged(Kind.KEY, "db", UntagKey(DB_KEY, ("a",)), action=Action.DISOWN),
    "a tag that is shown": forged(
        Kind.KEY, "db", TagKey(DB_KEY, {"a": "1", ROTATION_TAG: "1/0/2"}), fields=(FieldChange("tags[a]", ABSENT, "1"),)
    ),
    "an alias for the key that is shown": forged(
        Kind.ALIAS, "db", UpdateAlias(AliasName("alias/db"), DB_KEY), fields=POINTED
    ),
    "its own grant": forged(Kind.GRANT, "reader", RevokeGrant(DB_KEY, GrantId("g-1"))),
    "a grant of its name": forged(
        Kind.GRANT,
        "reader",
        CreateGrant(DB_KEY, GRANT_NAME, terms_of("x")),
        resource_id="g-1",
        fields=(FieldChange("granteePrincipal", "", terms_of("x").grantee_principal),),
    ),
    "a key that is nobody's, adopted": forged(Kind.KEY, "db", TagKey(THEIRS, {}), action=Action.ADOPT),
    "a key that it creates": forged(Kind.KEY, "db", creation(), UpdateDescription(NEW, "x")),
}


@pytest.mark.parametrize("change", SOUND_STEPS.values(), ids=SOUND_STEPS)
def test_a_step_that_a_planner_makes_is_not(change):
    assert objections(plan_of(change), WORLD) == ()


PUBLIC = policy({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"})
DANGERS = {
    "key-in-use": forged(Kind.KEY, "db", DisableKey(DB_KEY)),
    "alias-takeover": forged(Kind.ALIAS, "theirs", UpdateAlias(THEIR_ALIAS, DB_KEY)),
    "public-policy": forged(
        Kind.KEY, "db", PutKeyPolicy(DB_KEY, PUBLIC), fields=(FieldChange("policy", POLICIES[0], PUBLIC),)
    ),
}


@pytest.mark.parametrize("name", DANGERS)
def test_a_danger_that_the_file_hides_is_found_again(name):
    (change,) = reassessed(plan_of(DANGERS[name]), WORLD, PlanOptions()).changes
    assert name in names(change)


def test_what_the_file_admits_is_told_once():
    made = plan(declares(wants(enabled=False)), there(has(last_use=UsedAt(READ_AT))))
    observed = there(has(last_use=UsedAt(READ_AT.replace(day=1))))
    assert reassessed(made, observed, PlanOptions()) == made


ONE = forged(Kind.KEY, "db", UpdateDescription(DB_KEY, "x"))
CONTRADICTIONS = {
    "an account of no target": saved(plan_of(ONE), targets={}),
    "a target of no account": saved(plan_of(ONE), targets={"": Target(), "far": Target()}),
    "nothing that is read": saved(plan_of(ONE), scopes={}),
    "another stack that is read": saved(plan_of(ONE), scopes={"": Scope("other")}),
    "a change of no target": saved(plan_of(replace(ONE, address=Address(Kind.KEY, "db", TargetName("far"))))),
    "a change without fingerprint": saved(replace(plan_of(ONE), fingerprints={})),
    "one resource twice": saved(plan_of(ONE, replace(ONE, steps=(DisableKey(DB_KEY),)))),
    "a circle": saved(
        plan_of(
            replace(ONE, depends_on=(Address(Kind.ALIAS, "a"),)),
            replace(forged(Kind.ALIAS, "a", DeleteAlias(AliasName("alias/a"))), depends_on=(DB,)),
        )
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_file_that_contradicts_itself_is_seen_through(case):
    assert contradictions(CONTRADICTIONS[case])
    assert contradictions(saved(plan_of(replace(ONE, position=Position("keys.yaml"))))) == ()


SHOWN = tuple(FieldChange(name, "", value) for name, value in PROXY.settings.items())


@pytest.mark.parametrize(
    ("kind", "name", "fields", "why"),
    [
        pytest.param(Kind.CUSTOM_KEY_STORE, "vault", SHOWN, None, id="as shown"),
        pytest.param(Kind.CUSTOM_KEY_STORE, "other", SHOWN, "another custom key store", id="another store"),
        pytest.param(Kind.KEY, "vault", SHOWN, "another custom key store", id="under the name of a key"),
        pytest.param(
            Kind.CUSTOM_KEY_STORE, "vault", SHOWN[:1], "xksProxy.uriEndpoint to what it does not show", id="not shown"
        ),
    ],
)
def test_a_store_is_changed_under_its_own_name_and_as_shown(kind, name, fields, why):
    for step in (CreateCustomKeyStore("vault", PROXY), UpdateCustomKeyStore("vault", PROXY, tuple(PROXY.settings))):
        change = forged(kind, name, step, ConnectCustomKeyStore("vault"), fields=fields)
        found = " ".join(objections(Plan(STACK, ACCOUNTS, "", (change,)), WORLD))
        assert (why in found) if why else found == ""
