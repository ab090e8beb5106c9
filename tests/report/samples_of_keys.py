"""Changes of keys that are made, changed, replaced and moved."""

from __future__ import annotations

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Kind
from reconciler.model.identifiers import RUN_TARGET, Days
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Action, Change, FieldChange, Reason, Risk, RiskLevel
from reconciler.plan.steps import (
    CreateKey,
    DisableKey,
    EnableKey,
    EnableRotation,
    ExistingKey,
    PlannedKey,
    PutKeyPolicy,
    ReplicateKey,
    RotateOnDemand,
    TagKey,
    UntagKey,
    UpdateDescription,
    UpdatePrimary,
)
from tests.report.basics import (
    DELEGATE,
    EU,
    LEDGER,
    NEW_POLICY,
    OLD_POLICY,
    ORDERS,
    SIGNING,
    STACK,
    USE,
    address,
    at,
    key_id,
    policy,
)


def created() -> Change:
    """A new key with everything declared."""
    key = PlannedKey(ORDERS, 1)
    owner = Ownership(STACK, "orders", 1)
    return Change(
        ORDERS,
        Action.CREATE,
        Reason.MISSING,
        fields=(
            FieldChange("keySpec", ABSENT, "SYMMETRIC_DEFAULT"),
            FieldChange("keyUsage", ABSENT, "ENCRYPT_DECRYPT"),
            FieldChange("multiRegion", ABSENT, False),
            FieldChange("description", ABSENT, "Orders at rest"),
            FieldChange("rotation.automatic.periodDays", ABSENT, 365),
            FieldChange("tags[team]", ABSENT, "orders"),
            FieldChange("policy", ABSENT, policy(DELEGATE, USE)),
        ),
        steps=(
            CreateKey(
                key,
                owner,
                KeySpec.SYMMETRIC_DEFAULT,
                KeyUsage.ENCRYPT_DECRYPT,
                Origin.AWS_KMS,
                False,
                "Orders at rest",
                policy(DELEGATE, USE),
                {"team": "orders", **owner.tags()},
            ),
            EnableRotation(key, Days(365)),
        ),
        position=at(4),
    )


def updated() -> Change:
    """A key of which much differs."""
    key = ExistingKey(key_id(2))
    return Change(
        LEDGER,
        Action.UPDATE,
        Reason.DIFFERS,
        fields=(
            FieldChange("description", "Ledger", "Ledger of all payments"),
            FieldChange("rotation.automatic.periodDays", 365, 180),
            FieldChange("rotation.onDemand.serial", 1, 2),
            FieldChange("tags[cost-centre]", "1200", "1300"),
            FieldChange("tags[old]", "x", ABSENT),
            FieldChange("importedMaterial", "a", "b", sensitive=True),
            FieldChange("policy", OLD_POLICY, NEW_POLICY),
        ),
        steps=(
            EnableKey(key),
            UpdateDescription(key, "Ledger of all payments"),
            EnableRotation(key, Days(180)),
            RotateOnDemand(key, 3),
            TagKey(key, {"cost-centre": "1300"}),
            UntagKey(key, ("old",)),
            PutKeyPolicy(key, NEW_POLICY),
        ),
        risks=(
            Risk(RiskLevel.SAFE, "rotation", "old material goes on decrypting"),
            Risk(RiskLevel.CAUTION, "external-account", "account 999988887777 gains use of the key"),
            Risk(
                RiskLevel.DANGER,
                "self-lockout",
                "arn:aws:iam::111122223333:role/deployer could no longer change the policy of this key, and nobody"
                " else in the account could give it back",
            ),
        ),
        resource_id=key_id(2),
        position=at(31),
    )


def replaced() -> Change:
    """A signing key that asked for a new spec by a successor."""
    key = PlannedKey(SIGNING, 2)
    owner = Ownership(STACK, "signing", 2)
    return Change(
        SIGNING,
        Action.REPLACE,
        Reason.IMMUTABLE_FIELD,
        fields=(FieldChange("keySpec", "RSA_2048", "RSA_4096"), FieldChange("generation", 1, 2)),
        steps=(
            CreateKey(
                key,
                owner,
                KeySpec.RSA_4096,
                KeyUsage.SIGN_VERIFY,
                Origin.AWS_KMS,
                False,
                "",
                None,
                owner.tags(),
            ),
            DisableKey(ExistingKey(key_id(3))),
        ),
        resource_id=key_id(3),
        position=at(60),
        detail=f"a successor is created; key {key_id(3)} stays and still decrypts",
    )


def related() -> tuple[Change, ...]:
    """A multi-Region key whose primary moves to Europe, where its replica is made anew."""
    abroad = address(Kind.REPLICA_KEY, "wide-eu", EU)
    owner = Ownership(STACK, "wide-eu", 2)
    return (
        Change(
            address(Kind.KEY, "wide"),
            Action.UPDATE,
            Reason.DIFFERS,
            fields=(FieldChange("primaryRegion", "us-east-1", "eu-west-1"),),
            steps=(UpdatePrimary(ExistingKey(key_id(16)), RUN_TARGET, EU, "eu-west-1"),),
            resource_id=key_id(16),
            position=at(82),
            risks=(Risk(RiskLevel.CAUTION, "moves-primary", "the policy in eu-west-1 decides from then on"),),
        ),
        Change(
            abroad,
            Action.REPLACE,
            Reason.PRIMARY_REPLACED,
            fields=(FieldChange("generation", 1, 2),),
            steps=(
                ReplicateKey(
                    PlannedKey(abroad, 2),
                    ExistingKey(key_id(16)),
                    RUN_TARGET,
                    "eu-west-1",
                    owner,
                    KeySpec.SYMMETRIC_DEFAULT,
                    KeyUsage.ENCRYPT_DECRYPT,
                    Origin.AWS_KMS,
                    "",
                    None,
                    owner.tags(),
                ),
            ),
            depends_on=(address(Kind.KEY, "wide"),),
            resource_id=key_id(17),
            position=at(12, "payments/eu.yaml"),
            detail=f"a successor is created; key {key_id(17)} stays and still decrypts",
        ),
    )
