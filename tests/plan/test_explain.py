"""Each step in one line for people."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from reconciler.model.identifiers import RUN_TARGET, AliasName, Days, GrantId, TargetName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.material import NewMaterial, SecretFile, SecretReference, WrappingAlgorithm
from reconciler.model.ownership import NAME_TAG, STACK_TAG, Ownership
from reconciler.plan.explain import explain
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
from tests.plan.build import DB
from tests.support.custody import PROXY
from tests.support.pools import READ_AT, terms_of

EU = TargetName("eu")
KEY, NEW = ExistingKey("k-1"), PlannedKey(DB, 2)
FIXED = (KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin.AWS_KMS, False, "", None)
OAEP = WrappingAlgorithm.RSAES_OAEP_SHA_256
IMPORT = ImportMaterial(KEY, KeySpec.SYMMETRIC_DEFAULT, SecretFile("m.bin"), OAEP, None)
CASES = [
    (CreateCustomKeyStore("vault", PROXY), "create custom key store vault"),
    (UpdateCustomKeyStore("vault", PROXY, ("a", "b")), "change custom key store vault: a, b"),
    (ConnectCustomKeyStore("vault"), "connect custom key store vault"),
    (DisconnectCustomKeyStore("vault", reconnects=True), "disconnect custom key store vault"),
    (
        CreateKey(PlannedKey(DB, 1), Ownership("s", "db", 1), *FIXED, store="vault"),
        "create SYMMETRIC_DEFAULT key db in custom key store vault",
    ),
    (IMPORT, "import key material into key k-1 from file m.bin"),
    (
        replace(IMPORT, source=SecretReference("s", "k"), which=NewMaterial(), valid_to=READ_AT),
        "import new key material into key k-1 from key k of the Secret s, until 2026-11-22",
    ),
    (CreateKey(PlannedKey(DB, 1), Ownership("s", "db", 1), *FIXED), "create SYMMETRIC_DEFAULT key db"),
    (CreateKey(NEW, Ownership("s", "db", 2), *FIXED), "create SYMMETRIC_DEFAULT key db (generation 2)"),
    (
        ReplicateKey(NEW, KEY, EU, "eu-west-1", Ownership("s", "db-eu", 1), *FIXED[:3], "", None),
        "replicate key k-1 to eu-west-1",
    ),
    (UpdatePrimary(KEY, RUN_TARGET, EU, "eu-west-1"), "make the key in eu-west-1 the primary of key k-1"),
    (UpdateDescription(KEY, "new"), "describe key k-1"),
    (EnableKey(KEY), "enable key k-1"),
    (DisableKey(NEW), "disable Key/db"),
    (PutKeyPolicy(KEY, "{}"), "put the policy of key k-1"),
    (TagKey(KEY, {"b": "", "a": ""}), "tag key k-1: a, b"),
    (TagKey(KEY, {STACK_TAG: "s", "a": ""}), "tag key k-1: a, kmsctl's own"),
    (UntagKey(KEY, ("a", "b")), "remove tags of key k-1: a, b"),
    (UntagKey(KEY, (NAME_TAG, STACK_TAG)), "remove tags of key k-1: kmsctl's own"),
    (EnableRotation(KEY, Days(90)), "rotate key k-1 every 90 days"),
    (DisableRotation(KEY), "stop rotating key k-1"),
    (RotateOnDemand(KEY, 3), "rotate key k-1 now"),
    (ScheduleDeletion(KEY, Days(7)), "schedule the deletion of key k-1 in 7 days"),
    (CancelDeletion(KEY), "cancel the deletion of key k-1"),
    (CreateAlias(AliasName("alias/db"), NEW), "create alias/db for Key/db"),
    (UpdateAlias(AliasName("alias/db"), KEY), "point alias/db to key k-1"),
    (DeleteAlias(AliasName("alias/db")), "delete alias/db"),
    (CreateGrant(KEY, "name", terms_of("r")), "create grant name on key k-1"),
    (RevokeGrant(KEY, GrantId("g-1")), "revoke grant g-1 on key k-1"),
]


@pytest.mark.parametrize(("step", "text"), CASES, ids=[text for _, text in CASES])
def test_a_step_is_told_in_one_line(step, text):
    assert explain(step) == text


def test_every_kind_of_step_is_in_the_table():
    assert {type(step) for step, _ in CASES} == set(get_args(Step))
