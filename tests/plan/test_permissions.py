"""The IAM policy that a plan needs."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from reconciler.model.address import Address, Kind
from reconciler.model.desired import AdoptKeyId, AutomaticRotation, OnDemandRotation
from reconciler.model.identifiers import RUN_TARGET, AliasName, Days, GrantId, TargetName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.material import NewMaterial, SecretFile, WrappingAlgorithm
from reconciler.model.ownership import Ownership
from reconciler.model.scope import Scope, scope_of
from reconciler.plan.changes import Action, Change, Plan, Reason
from reconciler.plan.permissions import permissions
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
from reconciler.policy.document import parse_document
from tests.plan.build import DB, declares, has, there, wants, wants_alias, wants_grant, wants_store
from tests.support.custody import CLUSTER, PROXY
from tests.support.pools import ACCOUNTS, POLICIES, STACK, terms_of

ARN = "arn:aws:kms:us-east-1:111122223333:key/"
EU, EU_ARN = TargetName("eu"), "arn:aws:kms:eu-west-1:111122223333:key/"
KEY, NEW, ANY = ExistingKey("k-1"), PlannedKey(DB, 1), ARN + "*"
ALIAS = AliasName("alias/db")
ALIAS_ARN = "arn:aws:kms:us-east-1:111122223333:alias/db"
READING = {
    ("kms:ListAliases", "*"), ("tag:GetResources", "*"), ("kms:DescribeKey", ANY), ("kms:ListGrants", ANY),
}  # fmt: skip


def create(multi_region=False):
    owner = Ownership(STACK, "db", 1)
    fixed = (KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin.AWS_KMS)
    return CreateKey(NEW, owner, *fixed, multi_region, "", None)


def replicate():
    owner = Ownership(STACK, "db-eu", 1)
    fixed = (KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin.AWS_KMS)
    return ReplicateKey(PlannedKey(DB, 1), ExistingKey("mrk-1"), EU, "us-east-1", owner, *fixed, "", None)


def needs(*steps, scope=None):
    """Actions with their resources, without those that every reading needs."""
    changes = tuple(Change(DB, Action.UPDATE, Reason.DIFFERS, steps=(step,), resource_id="k-1") for step in steps)
    scopes = {RUN_TARGET: scope or Scope(STACK)}
    return flat(permissions(Plan(STACK, ACCOUNTS, "", changes), scopes)) - READING


def flat(document):
    statements = document["Statement"]
    return {(action, resource) for s in statements for action in s["Action"] for resource in s["Resource"]}


SECRET = SecretFile("m.bin")
IMPORT = ImportMaterial(KEY, KeySpec.SYMMETRIC_DEFAULT, SECRET, WrappingAlgorithm.RSAES_OAEP_SHA_256, None)
STORES = ("kms:DescribeCustomKeyStores", "*")
STORE_ROLE = "arn:aws:iam::111122223333:role/aws-service-role/cks.kms.amazonaws.com/"
CLUSTERS = ("cloudhsm:DescribeClusters", "*")
CASES = [
    (IMPORT, {(f"kms:{a}", ARN + "k-1") for a in ("GetParametersForImport", "ImportKeyMaterial")}),
    (
        replace(IMPORT, which=NewMaterial()),
        {(f"kms:{a}", ARN + "k-1") for a in ("GetParametersForImport", "ImportKeyMaterial", "ListKeyRotations")},
    ),
    (CreateCustomKeyStore("vault", PROXY), {("kms:CreateCustomKeyStore", "*"), STORES}),
    (
        CreateCustomKeyStore("vault", CLUSTER),
        {
            ("kms:CreateCustomKeyStore", "*"),
            STORES,
            CLUSTERS,
            (
                "iam:CreateServiceLinkedRole",
                f"{STORE_ROLE}AWSServiceRoleForKeyManagementServiceCustomKeyStores",
            ),
        },
    ),
    (UpdateCustomKeyStore("vault", CLUSTER, ()), {("kms:UpdateCustomKeyStore", "*"), STORES, CLUSTERS}),
    (ConnectCustomKeyStore("vault"), {("kms:ConnectCustomKeyStore", "*"), STORES}),
    (DisconnectCustomKeyStore("vault", reconnects=False), {("kms:DisconnectCustomKeyStore", "*"), STORES}),
    (UpdateDescription(KEY, ""), {("kms:UpdateKeyDescription", ARN + "k-1")}),
    (EnableKey(KEY), {("kms:EnableKey", ARN + "k-1")}),
    (DisableKey(NEW), {("kms:DisableKey", ANY)}),
    (PutKeyPolicy(KEY, ""), {("kms:PutKeyPolicy", ARN + "k-1")}),
    (TagKey(KEY, {}), {("kms:TagResource", ARN + "k-1")}),
    (UntagKey(KEY, ()), {("kms:UntagResource", ARN + "k-1")}),
    (EnableRotation(NEW, Days(90)), {("kms:EnableKeyRotation", ANY)}),
    (DisableRotation(KEY), {("kms:DisableKeyRotation", ARN + "k-1")}),
    (
        RotateOnDemand(KEY, 0),
        {(f"kms:{a}", ARN + "k-1") for a in ("RotateKeyOnDemand", "ListKeyRotations", "GetKeyRotationStatus")},
    ),
    (
        ScheduleDeletion(KEY, Days(7)),
        {
            ("kms:ScheduleKeyDeletion", ARN + "k-1"),
            ("kms:GetKeyLastUsage", ANY),
            ("cloudtrail:LookupEvents", "*"),
        },
    ),
    (CancelDeletion(KEY), {("kms:CancelKeyDeletion", ARN + "k-1")}),
    (CreateAlias(ALIAS, KEY), {("kms:CreateAlias", ALIAS_ARN), ("kms:CreateAlias", ARN + "k-1")}),
    (
        UpdateAlias(ALIAS, KEY),
        {
            ("kms:UpdateAlias", ALIAS_ARN),
            ("kms:UpdateAlias", ARN + "k-1"),
            ("kms:UpdateAlias", ANY),
            ("kms:GetKeyLastUsage", ANY),
            ("cloudtrail:LookupEvents", "*"),
        },
    ),
    (
        DeleteAlias(ALIAS),
        {
            ("kms:DeleteAlias", ALIAS_ARN),
            ("kms:DeleteAlias", ANY),
            ("kms:GetKeyLastUsage", ANY),
            ("cloudtrail:LookupEvents", "*"),
        },
    ),
    (
        CreateGrant(ExistingKey("arn:aws:kms:us-east-1:444455556666:key/k-9"), "", terms_of("r")),
        {("kms:CreateGrant", "arn:aws:kms:us-east-1:444455556666:key/k-9")},
    ),
    (RevokeGrant(KEY, GrantId("g")), {("kms:RevokeGrant", ARN + "k-1")}),
    (
        replicate(),
        {("kms:ReplicateKey", EU_ARN + "mrk-1"), ("kms:CreateKey", "*")}
        | {(f"kms:{a}", ANY) for a in ("TagResource", "ListResourceTags")},
    ),
    (
        UpdatePrimary(ExistingKey("mrk-1"), RUN_TARGET, EU, "eu-west-1"),
        {(f"kms:{a}", arn + "mrk-1") for a in ("UpdatePrimaryRegion", "DescribeKey") for arn in (ARN, EU_ARN)},
    ),
    (
        create(),
        {("kms:CreateKey", "*"), ("kms:ListKeys", "*")}
        | {(f"kms:{a}", ANY) for a in ("TagResource", "ListResourceTags", "ScheduleKeyDeletion")},
    ),
]


@pytest.mark.parametrize(("step", "expected"), CASES, ids=[type(step).__name__ for step, _ in CASES])
def test_a_step_needs_its_action_on_what_it_is_about_and_what_recovery_takes(step, expected):
    assert needs(step) == expected


def test_every_kind_of_step_is_in_the_table():
    assert {type(step) for step, _ in CASES} == set(get_args(Step))


def test_a_multi_region_key_needs_the_service_linked_role():
    (role,) = {resource for action, resource in needs(create(True)) if action == "iam:CreateServiceLinkedRole"}
    assert role.startswith("arn:aws:iam::111122223333:role/aws-service-role/mrk.kms.amazonaws.com/")


def test_a_rotation_is_allowed_where_the_primary_is():
    assert needs(EnableRotation(KEY, Days(90), EU)) == {("kms:EnableKeyRotation", EU_ARN + "k-1")}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param(Scope(STACK), set(), id="orphans alone"),
        pytest.param(scope_of(declares(wants()))[""], {("kms:ListResourceTags", ANY)}, id="a key"),
        pytest.param(
            scope_of(declares(wants(policy=POLICIES[0])))[""],
            {("kms:ListResourceTags", ANY), ("kms:GetKeyPolicy", ANY)},
            id="its policy",
        ),
        pytest.param(
            scope_of(declares(wants(rotation=AutomaticRotation())))[""],
            {("kms:ListResourceTags", ANY), ("kms:GetKeyRotationStatus", ANY)},
            id="its rotation",
        ),
        pytest.param(
            scope_of(declares(wants(rotation=OnDemandRotation(1))))[""],
            {("kms:ListResourceTags", ANY), ("kms:GetKeyRotationStatus", ANY), ("kms:ListKeyRotations", ANY)},
            id="its serial",
        ),
        pytest.param(
            scope_of(declares(wants_store()))[""],
            {STORES},
            id="a custom key store",
        ),
        pytest.param(
            Scope(STACK, everything=True),
            {("kms:ListResourceTags", ANY), ("kms:ListKeys", "*")},
            id="everything",
        ),
        pytest.param(
            scope_of(declares(wants_grant(key="arn:aws:kms:us-east-1:444455556666:key/k-9")))[""],
            {
                ("kms:ListResourceTags", ANY),
                ("kms:DescribeKey", "arn:aws:kms:us-east-1:444455556666:key/k-9"),
                ("kms:ListGrants", "arn:aws:kms:us-east-1:444455556666:key/k-9"),
            },
            id="a grant on another account's key",
        ),
        pytest.param(
            scope_of(declares(wants_alias("db", "arn:aws:kms:us-east-1:444455556666:alias/x")))[""],
            {("kms:ListResourceTags", ANY), ("kms:DescribeKey", "arn:aws:kms:us-east-1:444455556666:key/*")},
            id="another account's alias",
        ),
        pytest.param(
            scope_of(declares(wants(adopt=AdoptKeyId(ARN + "k-1"))))[""],
            {("kms:ListResourceTags", ANY)},
            id="an own key by ARN",
        ),
    ],
)
def test_reading_needs_what_observing_calls(scope, expected):
    assert needs(scope=scope) == expected


def test_a_grant_with_a_retiring_principal_is_read_by_that_principal():
    retired = terms_of("r")
    retired = retired.__class__(retired.grantee_principal, None, "arn:aws:iam::1:role/x", None, retired.operations)
    scope = scope_of(declares(wants(), wants_grant(terms=retired)))[""]
    assert ("kms:ListRetirableGrants", "*") in needs(scope=scope)


def test_the_document_is_a_policy_and_the_same_however_the_plan_is_listed():
    desired = declares(wants(), wants_alias("db", DB), wants_grant())
    planned = plan(desired, there(has("k-2", "app")))
    document = permissions(planned, scope_of(desired))
    assert document == permissions(planned, scope_of(desired))
    for statement in document["Statement"]:
        assert statement["Action"] == sorted(statement["Action"])
        assert statement["Resource"] == sorted(statement["Resource"])
    parsed = [{**s, "Principal": "*"} for s in document["Statement"]]
    assert parse_document({**document, "Statement": parsed})


def test_a_target_on_which_nothing_is_declared_needs_its_own_account():
    elsewhere = Address(Kind.KEY, "db", "eu")
    change = Change(elsewhere, Action.DISOWN, Reason.PRUNE_ASKED, steps=(UntagKey(KEY, ()),))
    document = permissions(Plan(STACK, {"eu": ACCOUNTS["eu"]}, "", (change,)), {"eu": Scope(STACK)})
    assert ("kms:UntagResource", "arn:aws:kms:eu-west-1:111122223333:key/k-1") in flat(document)
