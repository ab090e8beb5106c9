"""Plans as a payments team would see them: between them they have every action, reason, risk level and kind of step."""

from __future__ import annotations

from dataclasses import replace

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Kind
from reconciler.model.identifiers import RUN_TARGET, AliasName, Days, GrantId
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.material import SecretFile, WrappingAlgorithm
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Action, Change, Cost, FieldChange, Plan, Reason, Risk, RiskLevel
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
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateCustomKeyStore,
    UpdateDescription,
    UpdatePrimary,
)
from tests.report.basics import (
    ACCOUNT,
    APP,
    CARDS,
    DELEGATE,
    EU,
    EU_ACCOUNT,
    LEDGER,
    NEW_POLICY,
    OLD,
    OLD_POLICY,
    ORDERS,
    RENAMED_POLICY,
    RETIRED,
    SIGNING,
    STACK,
    TERMS,
    USE,
    address,
    at,
    key_id,
    policy,
)
from tests.support.custody import PROXY


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


def custody() -> tuple[Change, ...]:
    """A key with imported material, and custom key stores: one that is made, one that changes what is behind it."""
    fed, store, moved = (
        address(Kind.KEY, "fed"),
        address(Kind.CUSTOM_KEY_STORE, "vault"),
        address(Kind.CUSTOM_KEY_STORE, "moved"),
    )
    source, key = SecretFile("payments/fed.material"), ExistingKey(key_id(18))
    wrapping = WrappingAlgorithm.RSAES_OAEP_SHA_256
    return (
        Change(
            fed,
            Action.UPDATE,
            Reason.DIFFERS,
            fields=(FieldChange("importedMaterial.serial", 1, 2),),
            steps=(ImportMaterial(key, KeySpec.SYMMETRIC_DEFAULT, source, wrapping, None, new=True),),
            resource_id=key_id(18),
            position=at(90),
        ),
        Change(
            store,
            Action.CREATE,
            Reason.MISSING,
            fields=(
                FieldChange("xksProxy.uriEndpoint", ABSENT, "https://xks.example.com"),
                FieldChange("xksProxy.credential.accessKeyId", ABSENT, "A" * 20, sensitive=True),
            ),
            steps=(CreateCustomKeyStore("vault", PROXY), ConnectCustomKeyStore("vault")),
            position=at(95),
        ),
        Change(
            moved,
            Action.UPDATE,
            Reason.DIFFERS,
            fields=(FieldChange("xksProxy.uriEndpoint", "https://old.example.com", "https://xks.example.com"),),
            steps=(
                DisconnectCustomKeyStore("moved", reconnects=True),
                UpdateCustomKeyStore("moved", PROXY, ("xksProxy.uriEndpoint",)),
                ConnectCustomKeyStore("moved"),
            ),
            resource_id="cks-1234567890abcdef0",
            position=at(99),
            risks=(Risk(RiskLevel.DANGER, "disconnects-key-store", "no key in it can be used for a while"),),
        ),
    )


def pruned() -> tuple[Change, ...]:
    """What --prune and destroy do, and what they leave."""
    retired, old = ExistingKey(key_id(5)), ExistingKey(key_id(6))
    return (
        Change(
            RETIRED,
            Action.SCHEDULE_DELETION,
            Reason.PRUNE_ASKED,
            steps=(ScheduleDeletion(retired, Days(30)),),
            resource_id=key_id(5),
            risks=(Risk(RiskLevel.DANGER, "key-in-use", "it decrypted 3 days ago"),),
            detail="after 30 days everything that only it encrypted is lost",
        ),
        Change(
            OLD,
            Action.DISOWN,
            Reason.DESTROY_ASKED,
            steps=(UntagKey(old, ("kms.reconciler.dev/name", "kms.reconciler.dev/stack")),),
            resource_id=key_id(6),
            detail="its deletion policy is Retain: the key stays, and nobody manages it",
        ),
        Change(
            address(Kind.ALIAS, "old-reports"),
            Action.DELETE,
            Reason.PRUNE_ASKED,
            fields=(FieldChange("key", key_id(6), ABSENT),),
            steps=(DeleteAlias(AliasName("alias/old-reports")),),
            depends_on=(OLD,),
            resource_id="alias/old-reports",
        ),
        Change(
            address(Kind.KEY, "vault"),
            Action.BLOCKED,
            Reason.PROTECTED,
            resource_id=key_id(7),
            position=at(80),
            risks=(Risk(RiskLevel.FORBIDDEN, "protected", "deletion.protect is true"),),
        ),
        Change(
            address(Kind.KEY, "forgotten"),
            Action.ORPHAN,
            Reason.NOT_DECLARED,
            resource_id=key_id(8),
            detail="--prune would schedule its deletion in 30 days",
        ),
        Change(
            ORDERS,
            Action.ORPHAN,
            Reason.DUPLICATE,
            resource_id=key_id(9),
            detail="a second key of this name and generation, which may have been used: it is left alone",
        ),
    )


def linked() -> tuple[Change, ...]:
    """Aliases and grants."""
    return (
        Change(
            address(Kind.ALIAS, "orders"),
            Action.CREATE,
            Reason.MISSING,
            fields=(FieldChange("key", ABSENT, "Key/orders (known after apply)"),),
            steps=(CreateAlias(AliasName("alias/orders"), PlannedKey(ORDERS, 1)),),
            depends_on=(ORDERS,),
            position=at(12),
        ),
        Change(
            address(Kind.ALIAS, "signing"),
            Action.UPDATE,
            Reason.DIFFERS,
            fields=(FieldChange("key", key_id(3), "Key/signing (known after apply)"),),
            steps=(UpdateAlias(AliasName("alias/signing"), PlannedKey(SIGNING, 2)),),
            depends_on=(SIGNING,),
            resource_id="alias/signing",
            position=at(66),
            risks=(Risk(RiskLevel.CAUTION, "alias-leaves-key-in-use", f"key {key_id(3)} signed today"),),
        ),
        Change(
            address(Kind.GRANT, "ledger-app"),
            Action.UPDATE,
            Reason.DIFFERS,
            fields=(
                FieldChange("operations", ["Decrypt", "Encrypt"], ["Decrypt", "GenerateDataKey"]),
                FieldChange(
                    "constraints.encryptionContextSubset",
                    {"service": "books", "stage": "prod"},
                    {"service": "ledger", "stage": "prod", "region": "eu"},
                ),
            ),
            steps=(
                CreateGrant(ExistingKey(key_id(2)), "kmsctl:payments:ledger-app:0123456789abcdef", TERMS),
                RevokeGrant(ExistingKey(key_id(2)), GrantId("9a8b7c")),
            ),
            depends_on=(LEDGER,),
            resource_id="9a8b7c",
            position=at(90),
        ),
        Change(
            address(Kind.GRANT, "lost", EU),
            Action.BLOCKED,
            Reason.UNRESOLVED,
            position=at(3, "payments/eu.yaml"),
            detail="the key that it names was not found in this account and Region",
        ),
        Change(
            address(Kind.GRANT, "reports"),
            Action.CREATE,
            Reason.MISSING,
            fields=(FieldChange("operations", ABSENT, ["Decrypt"]), FieldChange("granteePrincipal", ABSENT, APP)),
            steps=(CreateGrant(ExistingKey(key_id(2)), "kmsctl:payments:reports:fedcba9876543210", TERMS),),
            depends_on=(LEDGER,),
            position=at(99),
        ),
    )


def settled() -> tuple[Change, ...]:
    """Keys that need little, or nothing."""
    revived, older = ExistingKey(key_id(10)), ExistingKey(key_id(11))
    return (
        Change(
            CARDS,
            Action.ADOPT,
            Reason.ADOPTION_ASKED,
            fields=(FieldChange("tags[kms.reconciler.dev/stack]", ABSENT, STACK),),
            steps=(TagKey(ExistingKey(key_id(4)), {"kms.reconciler.dev/stack": STACK}),),
            resource_id=key_id(4),
            position=at(44),
        ),
        Change(
            address(Kind.KEY, "revived", EU),
            Action.CANCEL_DELETION,
            Reason.PENDING_DELETION,
            fields=(FieldChange("state", "PendingDeletion", "Enabled"),),
            steps=(CancelDeletion(revived), EnableKey(revived)),
            resource_id=key_id(10),
            position=at(9, "payments/eu.yaml"),
        ),
        Change(
            address(Kind.KEY, "hmac"),
            Action.DISABLE,
            Reason.SUPERSEDED,
            fields=(FieldChange("enabled", True, False),),
            steps=(DisableKey(older),),
            resource_id=key_id(11),
            position=at(70),
            detail="an earlier key of this name",
        ),
        Change(
            address(Kind.KEY, "hmac"),
            Action.REPLACE,
            Reason.ROTATION_DUE,
            fields=(FieldChange("ageDays", 92, ABSENT), FieldChange("generation", 2, 3)),
            steps=(DisableRotation(ExistingKey(key_id(12))),),
            resource_id=key_id(12),
            position=at(70),
        ),
        Change(
            address(Kind.KEY, "unfound"),
            Action.BLOCKED,
            Reason.ADOPTION_FAILED,
            position=at(77),
            detail="no such key was found in this account and Region",
        ),
        Change(address(Kind.KEY, "calm"), Action.NO_OP, Reason.IN_SYNC, resource_id=key_id(13), position=at(78)),
        Change(
            address(Kind.KEY, "renamed"),
            Action.NO_OP,
            Reason.IN_SYNC,
            fields=(
                FieldChange("policy", policy(DELEGATE), RENAMED_POLICY, cosmetic=True),
                FieldChange("description", ABSENT, "", cosmetic=True),
            ),
            resource_id=key_id(14),
            position=at(79),
        ),
    )


def everything() -> Plan:
    """One plan with all of it, of two targets."""
    return Plan(
        STACK,
        {RUN_TARGET: ACCOUNT, EU: EU_ACCOUNT},
        "d" * 64,
        (created(), updated(), replaced(), *related(), *custody(), *pruned(), *linked(), *settled()),
        fingerprints={str(LEDGER): "f" * 64},
        cost=Cost(9.0, 11.0),
    )


def small() -> Plan:
    """The plan of somebody's first five minutes."""
    return replace(everything(), accounts={RUN_TARGET: ACCOUNT}, changes=(created(),), cost=Cost(0.0, 1.0))


def quiet() -> Plan:
    """Nothing to do."""
    return replace(everything(), changes=settled()[-2:-1], cost=Cost(3.0, 3.0))
