"""What must be allowed for each step and each reading, and statements made of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AdoptAlias,
    AdoptKeyId,
    AdoptReplica,
    AdoptTags,
    AutomaticRotation,
    Deletion,
    DesiredState,
    ExternalPrimary,
    Ignore,
    ManualRotation,
    NoRotation,
    OnDemandRotation,
)
from reconciler.model.identifiers import RUN_TARGET, AliasName, Days, GrantId
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.material import ImportedMaterial, NewMaterial, SecretFile, WrappingAlgorithm
from reconciler.model.observed import ObservedRotation
from reconciler.model.ownership import GRANTS_TAG, Ownership
from reconciler.model.scope import Scope, scope_of
from reconciler.plan.options import PlanOptions
from reconciler.plan.permissions import permissions, standing_permissions, undelegated_keys
from reconciler.plan.permissions.needs import ANYTHING, MOST_KEYS, Need, Resource, allows, statements
from reconciler.plan.permissions.place import Place
from reconciler.plan.permissions.policy import needs_of
from reconciler.plan.permissions.reading import reading
from reconciler.plan.permissions.standing import standing_needs
from reconciler.plan.permissions.steps import step_needs
from reconciler.plan.planner import plan
from reconciler.plan.steps import (
    CancelDeletion,
    ConnectCustomKeyStore,
    CreateAlias,
    CreateCustomKeyStore,
    CreateGrant,
    CreateKey,
    DeleteAlias,
    DisableKey,
    DisableRotation,
    DisconnectCustomKeyStore,
    EnableKey,
    EnableRotation,
    ExistingKey,
    ImportMaterial,
    PlannedKey,
    PutKeyPolicy,
    ReplicateKey,
    RevokeGrant,
    RotateOnDemand,
    ScheduleDeletion,
    Step,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateCustomKeyStore,
    UpdateDescription,
    UpdatePrimary,
)
from tests.plan.build import (
    DB,
    DB_EU,
    EU,
    declares,
    has,
    there,
    wants,
    wants_alias,
    wants_grant,
    wants_replica,
    wants_store,
)
from tests.support.custody import CLUSTER, PROXY
from tests.support.declared import desired_states
from tests.support.pools import ACCOUNTS, POLICIES, STACK, terms_of

ARN = "arn:aws:kms:us-east-1:111122223333:"
EU_ARN = "arn:aws:kms:eu-west-1:111122223333:"
FOREIGN = "arn:aws:kms:us-east-1:444455556666:key/k-9"
NEW = PlannedKey(DB, 1)
OURS = "of the stack"
OAEP = WrappingAlgorithm.RSAES_OAEP_SHA_256
FIXED = (KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin.AWS_KMS)
SEEN = there(has("k-1"), has("k-2", None), aliases={"db": "k-2"})
PLACE = Place.of(SEEN.targets[RUN_TARGET], STACK)
PLACES = {RUN_TARGET: PLACE, EU: Place(ACCOUNTS[EU], STACK)}


def said(*needs: Need) -> set[str]:
    """Each need in a few words: action, resource, what is known of the request."""
    return {
        " ".join(
            [
                need.action.removeprefix("kms:"),
                need.on.arn.removeprefix(ARN),
                *(
                    OURS if "aws:ResourceTag" in key else f"{key}={','.join(values)}"
                    for _, key, values in need.on.condition
                ),
                *(f"if {key}={','.join(values)}" for _, key, values in need.when),
            ]
        )
        for need in needs
    }


def _picked(key, values):
    return OURS if "aws:ResourceTag" in key else f"{key}={','.join(values)}"


def of_step(step):
    return said(*step_needs((PLACES[RUN_TARGET], PLACES[EU]), step))


def create(multi_region=False):
    return CreateKey(NEW, Ownership(STACK, "db", 1), *FIXED, multi_region, "", None)


REPLICATE = ReplicateKey(
    PlannedKey(DB_EU, 1), ExistingKey("k-1"), RUN_TARGET, "eu-west-1", Ownership(STACK, "db-eu", 1), *FIXED, "", None
)
IMPORT = ImportMaterial(ExistingKey("k-1"), KeySpec.SYMMETRIC_DEFAULT, SecretFile("m"), OAEP, None)
KEY, OTHER = ExistingKey("k-1"), ExistingKey("k-2")
ALIAS, FREE = AliasName("alias/db"), AliasName("alias/free")
STORES = "DescribeCustomKeyStores *"
SLR = "iam:CreateServiceLinkedRole arn:aws:iam::111122223333:role/aws-service-role/"
TAGGED = f"if aws:RequestTag/kms.reconciler.dev/stack={STACK}"
NO_BYPASS = "if kms:BypassPolicyLockoutSafetyCheck=false"
OPERATIONS, GRANTEE = ",".join(sorted(terms_of("r").operations)), terms_of("r").grantee_principal
CREATION = {
    f"CreateKey * {NO_BYPASS} {TAGGED}",
    f"TagResource key/* {TAGGED}",
    "ListKeys *",
    *(f"{action} key/* {OURS}" for action in ("DescribeKey", "ListResourceTags", "ListGrants")),
    f"ScheduleKeyDeletion key/* {OURS} if kms:ScheduleKeyDeletionPendingWindowInDays=30",
}
STEPS = [
    (IMPORT, {"GetParametersForImport key/k-1", "ImportKeyMaterial key/k-1"}),
    (
        replace(IMPORT, which=NewMaterial()),
        {"GetParametersForImport key/k-1", "ImportKeyMaterial key/k-1", "ListKeyRotations key/k-1"},
    ),
    (CreateCustomKeyStore("vault", PROXY), {"CreateCustomKeyStore *", STORES}),
    (
        CreateCustomKeyStore("vault", CLUSTER),
        {
            "CreateCustomKeyStore *",
            STORES,
            "cloudhsm:DescribeClusters *",
            f"{SLR}cks.kms.amazonaws.com/AWSServiceRoleForKeyManagementServiceCustomKeyStores",
        },
    ),
    (
        UpdateCustomKeyStore("vault", CLUSTER, ()),
        {"UpdateCustomKeyStore *", STORES, "cloudhsm:DescribeClusters *"},
    ),
    (ConnectCustomKeyStore("vault"), {"ConnectCustomKeyStore *", STORES}),
    (DisconnectCustomKeyStore("vault", reconnects=False), {"DisconnectCustomKeyStore *", STORES}),
    (UpdateDescription(KEY, ""), {"UpdateKeyDescription key/k-1"}),
    (EnableKey(OTHER), {"EnableKey key/k-2"}),
    (DisableKey(NEW), {f"DisableKey key/* {OURS}"}),
    (PutKeyPolicy(KEY, ""), {f"PutKeyPolicy key/k-1 {NO_BYPASS}"}),
    (TagKey(KEY, {}), {"TagResource key/k-1"}),
    (UntagKey(KEY, ()), {"UntagResource key/k-1"}),
    (EnableRotation(NEW, Days(90)), {f"EnableKeyRotation key/* {OURS}"}),
    (DisableRotation(KEY), {"DisableKeyRotation key/k-1"}),
    (
        RotateOnDemand(KEY, 0),
        {"RotateKeyOnDemand key/k-1", "ListKeyRotations key/k-1", "GetKeyRotationStatus key/k-1"},
    ),
    (
        ScheduleDeletion(KEY, Days(7)),
        {"ScheduleKeyDeletion key/k-1 if kms:ScheduleKeyDeletionPendingWindowInDays=7"},
    ),
    (CancelDeletion(KEY), {"CancelKeyDeletion key/k-1"}),
    (CreateAlias(ALIAS, KEY), {"CreateAlias alias/db", "CreateAlias key/k-1"}),
    (UpdateAlias(ALIAS, KEY), {"UpdateAlias alias/db", "UpdateAlias key/k-1", "UpdateAlias key/k-2"}),
    (
        UpdateAlias(FREE, NEW),
        {
            "UpdateAlias alias/free",
            f"UpdateAlias key/* {OURS}",
            "UpdateAlias key/* kms:ResourceAliases=alias/free",
        },
    ),
    (DeleteAlias(ALIAS), {"DeleteAlias alias/db", "DeleteAlias key/k-2"}),
    (
        CreateGrant(ExistingKey(FOREIGN), "", terms_of("r")),
        {f"CreateGrant {FOREIGN} if kms:GrantOperations={OPERATIONS} if kms:GranteePrincipal={GRANTEE}"},
    ),
    (RevokeGrant(KEY, GrantId("g")), {"RevokeGrant key/k-1"}),
    (
        REPLICATE,
        {
            "ReplicateKey key/k-1 if kms:ReplicaRegion=eu-west-1",
            "CreateKey *",
            f"TagResource {EU_ARN}key/* {TAGGED}",
            f"DescribeKey {EU_ARN}key/* {OURS}",
            f"ListResourceTags {EU_ARN}key/* {OURS}",
        },
    ),
    (
        UpdatePrimary(KEY, RUN_TARGET, EU, "eu-west-1"),
        {
            f"{action} {where}key/k-1{when}"
            for where in ("", EU_ARN)
            for action, when in (("UpdatePrimaryRegion", " if kms:PrimaryRegion=eu-west-1"), ("DescribeKey", ""))
        },
    ),
    (create(), CREATION),
    (
        create(multi_region=True),
        CREATION | {f"{SLR}mrk.kms.amazonaws.com/AWSServiceRoleForKeyManagementServiceMultiRegionKeys"},
    ),
]


@pytest.mark.parametrize(("step", "expected"), STEPS, ids=[type(step).__name__ for step, _ in STEPS])
def test_a_step_needs_its_action_on_what_it_is_about_and_what_recovery_takes(step, expected):
    assert of_step(step) == expected


def test_every_kind_of_step_is_in_the_table():
    assert {type(step) for step, _ in STEPS} == set(get_args(Step))


SWEEPS = {"ListAliases *", "tag:GetResources *"}
OWN = f"DescribeKey key/* {OURS}"
TAGS = f"ListResourceTags key/* {OURS}"
STRANGER = "arn:aws:kms:us-east-1:444455556666:"


def fed(**fields):
    return wants(origin=Origin.EXTERNAL, material=ImportedMaterial(SecretFile("m"), OAEP, **fields), rotation=ABSENT)


COUNTED = ObservedRotation(enabled=False, on_demand_rotations=2)


@pytest.mark.parametrize(
    ("desired", "observed", "expected"),
    [
        pytest.param(DesiredState(STACK), there(), set(), id="nothing"),
        pytest.param(DesiredState(STACK), there(has()), {OWN}, id="an orphan"),
        pytest.param(declares(wants()), there(), {OWN, TAGS}, id="a key that is not there"),
        pytest.param(declares(wants()), there(has()), {OWN}, id="a key that is there"),
        pytest.param(
            declares(wants(policy=POLICIES[0])), there(has()), {OWN, f"GetKeyPolicy key/* {OURS}"}, id="its policy"
        ),
        pytest.param(
            declares(wants(rotation=AutomaticRotation())),
            there(has()),
            {OWN, f"GetKeyRotationStatus key/* {OURS}"},
            id="its rotation",
        ),
        pytest.param(declares(wants(rotation=OnDemandRotation(1))), there(has()), {OWN}, id="a serial that is noted"),
        pytest.param(
            declares(wants(rotation=OnDemandRotation(1))),
            there(has(rotation=COUNTED)),
            {OWN, f"GetKeyRotationStatus key/* {OURS}", f"ListKeyRotations key/* {OURS}"},
            id="a serial that is not noted",
        ),
        pytest.param(declares(fed()), there(has()), {OWN, f"ListKeyRotations key/* {OURS}"}, id="its material"),
        pytest.param(
            declares(wants(), wants_grant()), there(has()), {OWN, f"ListGrants key/* {OURS}"}, id="its grants"
        ),
        pytest.param(
            declares(wants()),
            there(has(tags={GRANTS_TAG: "1"})),
            {OWN, f"ListGrants key/* {OURS}"},
            id="grants that it had",
        ),
        pytest.param(declares(wants_store()), there(), {STORES}, id="a custom key store"),
        pytest.param(
            declares(wants_grant(key=FOREIGN)),
            there(),
            {f"DescribeKey {FOREIGN}", f"ListGrants {FOREIGN}"},
            id="a grant on another account's key",
        ),
        pytest.param(
            declares(wants_alias("db", STRANGER + "alias/x")),
            there(),
            {f"DescribeKey {STRANGER}key/*"},
            id="another account's alias",
        ),
        pytest.param(
            declares(wants_alias("db", "k-2")),
            there(has("k-3", None), has("k-2", None), aliases={"db": "k-3"}),
            {f"{action} key/{key}" for action in ("DescribeKey", "ListResourceTags") for key in ("k-2", "k-3")},
            id="an alias that moves between keys of nobody",
        ),
        pytest.param(declares(wants_alias("db", "alias/gone")), there(), set(), id="a dangling alias"),
        pytest.param(
            declares(wants(adopt=AdoptKeyId(ARN + "key/k-2"), policy=POLICIES[0], rotation=AutomaticRotation())),
            there(has("k-2", None)),
            {
                f"{action} key/k-2"
                for action in ("DescribeKey", "ListResourceTags", "GetKeyPolicy", "GetKeyRotationStatus")
            },
            id="a key to adopt",
        ),
        pytest.param(
            declares(wants(adopt=AdoptAlias(ALIAS), rotation=OnDemandRotation(1))),
            there(has("k-2", None, rotation=COUNTED), aliases={"db": "k-2"}),
            {
                f"{action} key/k-2"
                for action in ("DescribeKey", "ListResourceTags", "GetKeyRotationStatus", "ListKeyRotations")
            },
            id="a key to adopt by its alias",
        ),
        pytest.param(
            declares(wants(adopt=AdoptTags({"app": "gone"}))), there(has("k-3", None)), {OWN, TAGS}, id="none to adopt"
        ),
        pytest.param(
            declares(replace(wants_replica("k-7"), address=DB, adopt=AdoptReplica(), primary=None)),
            there(),
            {OWN, TAGS},
            id="a replica to adopt",
        ),
        pytest.param(
            declares(replace(fed(), adopt=AdoptTags({"app": "x"}))),
            there(has("k-2", None, tags={"app": "x"}, origin=Origin.EXTERNAL), has("k-3", None)),
            {f"{action} key/k-2" for action in ("DescribeKey", "ListResourceTags", "ListKeyRotations")},
            id="a key to adopt by its tags",
        ),
    ],
)
def test_reading_needs_what_observing_calls(desired, observed, expected):
    scope = scope_of(desired).get(RUN_TARGET, Scope(STACK))
    place = Place.of(observed.targets[RUN_TARGET], STACK)
    assert said(*reading(place, scope, desired.keys)) == SWEEPS | expected


def test_reading_everything_describes_keys_of_nobody_and_lists_the_grants_of_the_stacks():
    scope = replace(scope_of(declares(wants()))[RUN_TARGET], everything=True, every_grant=True)
    found = said(*reading(PLACE, scope, ()))
    assert {"ListKeys *", "DescribeKey key/*", f"ListGrants key/* {OURS}"} <= found


def test_a_key_of_the_stack_that_is_named_by_id_is_read_as_the_stacks_are():
    desired = declares(wants_grant(key="k-1"))
    found = said(*reading(PLACE, scope_of(desired)[RUN_TARGET], ()))
    assert {"DescribeKey key/k-1", "ListGrants key/k-1"} <= found
    assert "ListResourceTags key/k-1" not in found


@pytest.mark.parametrize(("keys", "swept"), [(2, False), (3, True)])
def test_lists_of_retirable_grants_are_read_where_they_stand_for_enough_keys(keys, swept):
    retired = replace(terms_of("r"), retiring_principal="arn:aws:iam::111122223333:role/x")
    names = [f"key-{n}" for n in range(keys)]
    grants = [wants_grant(name, Address(Kind.KEY, name), retired) for name in names]
    desired = declares(*map(wants, names), *grants)
    found = said(*reading(PLACE, scope_of(desired)[RUN_TARGET], desired.keys))
    assert ("ListRetirableGrants *" in found) is swept


def test_the_last_use_of_keys_that_a_plan_takes_away_is_asked_for():
    desired, observed = declares(wants(enabled=False)), there(has())
    planned = plan(desired, observed)
    document = permissions(planned, observed, desired, scope_of(desired), apply=False)
    told = {action for statement in document["Statement"] for action in statement["Action"]}
    assert "kms:GetKeyLastUsage" in told
    assert "kms:DisableKey" not in told


def test_the_document_is_the_same_however_the_plan_is_listed():
    desired = declares(wants(), wants_alias("db", DB), wants_grant())
    observed = there(has("k-2", "app"))
    planned = plan(desired, observed)
    document = permissions(planned, observed, desired, scope_of(desired))
    assert json.dumps(document) == json.dumps(permissions(planned, observed, desired, scope_of(desired)))
    for statement in document["Statement"]:
        assert statement["Action"] == sorted(statement["Action"])
        assert statement["Resource"] == sorted(statement["Resource"])


ONE, TWO = PLACE.key("k-1"), PLACE.key("k-2")


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        pytest.param(ANYTHING, ONE, True, id="anything"),
        pytest.param(PLACE.every, ONE, True, id="every key"),
        pytest.param(PLACE.ours, ONE, True, id="the stack's keys, one of them"),
        pytest.param(PLACE.ours, TWO, False, id="the stack's keys, and another"),
        pytest.param(ONE, PLACE.ours, False, id="one key, all keys"),
        pytest.param(PLACE.every, PLACE.alias(ALIAS), False, id="keys, and an alias"),
        pytest.param(PLACE.behind((ALIAS,)), PLACE.ours, False, id="two ways to pick keys"),
    ],
)
def test_a_wider_resource_makes_a_narrower_one_needless(wide, narrow, covered):
    assert wide.covers(narrow) is covered
    told = statements([Need("kms:DescribeKey", wide), Need("kms:DescribeKey", narrow)])
    named = [arn for statement in told for arn in statement["Resource"]]
    assert (len(named) == 1) is (covered or narrow.covers(wide))


@pytest.mark.parametrize(
    ("wide", "narrow", "allowed"),
    [
        pytest.param((), (("StringEquals", "k", ("a",)),), True, id="no condition"),
        pytest.param((("StringEquals", "k", ("a",)),), (), False, id="a condition, and none"),
        pytest.param((("StringEquals", "k", ("a", "b")),), (("StringEquals", "k", ("a",)),), True, id="more values"),
        pytest.param((("StringEquals", "k", ("a",)),), (("StringEquals", "k", ("a", "b")),), False, id="fewer values"),
        pytest.param(
            (("NumericGreaterThanEquals", "k", ("7",)),), (("NumericGreaterThanEquals", "k", ("30",)),), True, id="less"
        ),
        pytest.param(
            (("NumericGreaterThanEquals", "k", ("30",)),),
            (("NumericGreaterThanEquals", "k", ("7",)),),
            False,
            id="more",
        ),
    ],
)
def test_a_wider_condition_makes_a_narrower_one_needless(wide, narrow, allowed):
    assert allows(Need("a", ONE, wide), Need("a", ONE, narrow)) is allowed


@pytest.mark.parametrize(("count", "tagged"), [(MOST_KEYS, False), (MOST_KEYS + 1, True)])
def test_more_keys_of_the_stack_than_a_policy_holds_are_named_by_their_tag(count, tagged):
    place = Place.of(there(*(has(f"k-{n}", f"n-{n}") for n in range(count))).targets[RUN_TARGET], STACK)
    (statement,) = statements([Need("kms:EnableKey", place.key(f"k-{n}")) for n in range(count)])
    assert (statement["Resource"] == [ARN + "key/*"]) is tagged
    assert ("Condition" in statement) is tagged


def test_keys_of_others_are_named_one_by_one_however_many():
    needs = [Need("kms:EnableKey", Resource(f"{ARN}key/{n}")) for n in range(MOST_KEYS + 1)]
    assert len(statements(needs)[0]["Resource"]) == MOST_KEYS + 1


def test_what_looks_like_a_policy_variable_is_taken_as_it_is():
    assert PLACE.tagged({"a": "${aws:username}"}).condition == (
        ("StringEquals", "aws:ResourceTag/a", ("${$}{aws:username}",)),
    )


@pytest.mark.parametrize("reference", [ARN + "key/k-1", "k-1", "key/k-1", "alias/db", ARN + "alias/db"])
def test_a_key_is_one_whatever_it_is_called(reference):
    place = Place.of(there(has("k-1"), aliases={"db": "k-1"}).targets[RUN_TARGET], STACK)
    assert place.named(reference) == Resource(ARN + "key/k-1", ours=place.ours)


def test_a_key_of_another_account_is_nobodys_here():
    assert PLACE.key(FOREIGN) == Resource(FOREIGN)


def standing(*declared):
    desired = declares(*declared)
    return said(*standing_needs(desired, ACCOUNTS))


def actions(found, on="key/* " + OURS):
    return {need.partition(" ")[0] for need in found if need.partition(" ")[2].startswith(on)}


@pytest.mark.parametrize(
    ("key", "more"),
    [
        pytest.param({}, {"UntagResource"}, id="retained"),
        pytest.param({"deletion": Deletion(protect=True)}, {"UntagResource"}, id="protected"),
        pytest.param({"deletion": Deletion("Schedule", protect=True)}, set(), id="protected, to be deleted"),
        pytest.param({"deletion": Deletion("Schedule", Days(7))}, {"GetKeyLastUsage"}, id="to be deleted"),
        pytest.param({"enabled": False}, {"DisableKey", "GetKeyLastUsage", "UntagResource"}, id="disabled"),
        pytest.param(
            {"rotation": ManualRotation(Days(90), 1)}, {"DisableKey", "GetKeyLastUsage", "UntagResource"}, id="manual"
        ),
        pytest.param({"rotation": ManualRotation(Days(90))}, {"UntagResource"}, id="manual, all kept"),
        pytest.param({"description": "x"}, {"UpdateKeyDescription", "UntagResource"}, id="described"),
        pytest.param({"policy": POLICIES[0]}, {"GetKeyPolicy", "PutKeyPolicy", "UntagResource"}, id="its policy"),
        pytest.param(
            {
                "policy": POLICIES[0],
                "description": "x",
                "rotation": AutomaticRotation(),
                "ignore": Ignore((), frozenset({"policy", "description", "rotation"})),
            },
            {"UntagResource", "EnableKeyRotation"},
            id="what others manage",
        ),
        pytest.param(
            {"rotation": AutomaticRotation()},
            {"EnableKeyRotation", "GetKeyRotationStatus", "UntagResource"},
            id="automatic",
        ),
        pytest.param(
            {"rotation": NoRotation("x")}, {"DisableKeyRotation", "GetKeyRotationStatus", "UntagResource"}, id="none"
        ),
        pytest.param(
            {"rotation": OnDemandRotation(1)},
            {"RotateKeyOnDemand", "ListKeyRotations", "GetKeyRotationStatus", "UntagResource"},
            id="on demand",
        ),
        pytest.param(
            {"key_spec": KeySpec.ECC_NIST_P256, "key_usage": KeyUsage.SIGN_VERIFY, "rotation": NoRotation("x")},
            {"UntagResource"},
            id="one that cannot rotate",
        ),
    ],
)
def test_a_key_takes_what_its_fields_can_change(key, more):
    usual = {"DescribeKey", "ListResourceTags", "ListGrants", "TagResource", "CancelKeyDeletion", "EnableKey"}
    assert actions(standing(wants(**key))) == usual | more | {"ScheduleKeyDeletion"}


def test_a_deletion_is_allowed_with_the_declared_window_or_a_longer_one():
    found = standing(wants(deletion=Deletion("Schedule", Days(7))))
    assert f"ScheduleKeyDeletion key/* {OURS} if kms:ScheduleKeyDeletionPendingWindowInDays=7" in found


def test_imported_material_takes_its_imports_and_its_rotation():
    key = replace(fed(valid_to=None), rotation=ABSENT)
    assert {"GetParametersForImport", "ImportKeyMaterial", "RotateKeyOnDemand"} <= actions(standing(key))


@pytest.mark.parametrize(
    ("adopt", "resource"),
    [
        (AdoptKeyId("k-2"), "key/k-2"),
        (AdoptAlias(AliasName("alias/somebodys")), "key/* kms:ResourceAliases=alias/somebodys"),
        (AdoptTags({"app": "x"}), "key/* of the stack"),
        (AdoptReplica(), "key/* kms:MultiRegionKeyType=REPLICA"),
    ],
)
def test_a_key_that_is_adopted_is_known_by_what_it_has_before(adopt, resource):
    assert {f"TagResource {resource}", f"CancelKeyDeletion {resource}"} <= standing(wants(adopt=adopt))


def test_aliases_and_grants_are_kept_whoever_has_the_alias():
    found = standing(wants(), wants_alias("db", DB), wants_grant())
    behind = "key/* kms:ResourceAliases=alias/db"
    for need in ("CreateAlias alias/db", f"CreateAlias key/* {OURS}", f"UpdateAlias {behind}", f"DeleteAlias {behind}"):
        assert need in found
    assert {f"RevokeGrant key/* {OURS}", f"GetKeyLastUsage {behind}"} <= found
    assert any(need.startswith(f"CreateGrant key/* {OURS} if kms:GrantOperations=") for need in found)


def test_grants_on_keys_from_outside_are_kept_on_those_alone():
    found = standing(wants_grant(key=FOREIGN), wants_alias("x", "k-7"))
    assert {f"RevokeGrant {FOREIGN}", f"ListGrants {FOREIGN}", "CreateAlias key/k-7"} <= found
    assert not any("CreateKey" in need for need in found)


@pytest.mark.parametrize("primary", [None, ExternalPrimary(RUN_TARGET, "mrk-7")], ids=["declared", "from outside"])
def test_a_replica_takes_its_primary_in_the_other_region(primary):
    replica = wants_replica() if primary is None else replace(wants_replica(), primary=primary)
    found = standing(wants(multi_region=True, rotation=AutomaticRotation()), replica)
    original = f"key/* {OURS}" if primary is None else "key/mrk-7"
    assert {
        f"ReplicateKey {original} if kms:ReplicaRegion=eu-west-1",
        f"UpdatePrimaryRegion {original} if kms:PrimaryRegion=eu-west-1",
        f"UpdatePrimaryRegion {EU_ARN}key/* {OURS} if kms:PrimaryRegion=us-east-1",
    } <= found
    assert (f"EnableKeyRotation {EU_ARN}key/* {OURS}" in found) is (primary is None)


def test_a_custom_key_store_takes_all_four_operations():
    found = standing(wants_store(backing=CLUSTER))
    assert {f"{verb}CustomKeyStore *" for verb in ("Create", "Update", "Connect", "Disconnect")} <= found


def test_enough_grants_of_one_retiring_principal_are_read_by_it():
    retired = replace(terms_of("r"), retiring_principal="arn:aws:iam::111122223333:role/x")
    names = ["a", "b", "c"]
    grants = [wants_grant(name, Address(Kind.KEY, name), retired) for name in names]
    assert "ListRetirableGrants *" in standing(*map(wants, names), *grants)


def test_what_stands_is_a_policy_document():
    document = standing_permissions(declares(wants()), ACCOUNTS)
    assert document["Version"] == "2012-10-17"


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(desired_states(targets=(RUN_TARGET,)))
def test_whatever_a_first_plan_takes_is_what_stands(desired):
    observed = there()
    planned = plan(desired, observed, PlanOptions())
    standing_ones = set(standing_needs(desired, ACCOUNTS))
    scopes = {RUN_TARGET: scope_of(desired)[RUN_TARGET]} if RUN_TARGET in scope_of(desired) else {}
    for need in needs_of(planned, observed, desired, scopes, apply=True):
        assert any(one.action == need.action and allows(one, need) for one in standing_ones), said(need)


NAMED = (
    '{"Version": "2012-10-17", "Statement": '
    '{"Effect": "Allow", "Principal": {"AWS": "%s"}, "Action": "%s", "Resource": "*"}}'
)


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        pytest.param(ABSENT, False, id="KMS's default policy"),
        pytest.param(NAMED % ("arn:aws:iam::111122223333:root", "kms:*"), False, id="the account"),
        pytest.param(NAMED % ("*", "kms:*"), False, id="everybody"),
        pytest.param(NAMED % ("arn:aws:iam::111122223333:root", "kms:Describe*"), True, id="the account, to look"),
        pytest.param(NAMED % ("arn:aws:iam::111122223333:role/admin", "kms:*"), True, id="somebody"),
    ],
)
def test_a_key_policy_that_leaves_nothing_to_iam_is_told(policy, told):
    assert undelegated_keys(declares(wants(policy=policy)), ACCOUNTS) == ((DB,) if told else ())
