"""What must be allowed for each step."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from reconciler.model.identifiers import RUN_TARGET, Days, GrantId
from reconciler.model.keyspec import KeySpec
from reconciler.model.material import NewMaterial, SecretFile
from reconciler.model.ownership import Ownership
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
    DB_EU,
    EU,
)
from tests.plan.permissions.wording import (
    ALIAS,
    EU_ARN,
    FIXED,
    FOREIGN,
    FREE,
    NEW,
    OAEP,
    OURS,
    STORES,
    of_step,
)
from tests.support.custody import CLUSTER, PROXY
from tests.support.pools import STACK, terms_of


def create(multi_region=False):
    return CreateKey(NEW, Ownership(STACK, "db", 1), *FIXED, multi_region, "", None)


REPLICATE = ReplicateKey(
    PlannedKey(DB_EU, 1), ExistingKey("k-1"), RUN_TARGET, "eu-west-1", Ownership(STACK, "db-eu", 1), *FIXED, "", None
)
IMPORT = ImportMaterial(ExistingKey("k-1"), KeySpec.SYMMETRIC_DEFAULT, SecretFile("m"), OAEP, None)
KEY, OTHER = ExistingKey("k-1"), ExistingKey("k-2")
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
