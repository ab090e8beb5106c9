"""Changes of what belongs to keys: aliases, grants, imported material and custom key stores."""

from __future__ import annotations

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Kind
from reconciler.model.identifiers import AliasName, GrantId
from reconciler.model.keyspec import KeySpec
from reconciler.model.material import NewMaterial, SecretFile, WrappingAlgorithm
from reconciler.plan.changes import Action, Change, FieldChange, Reason, Risk, RiskLevel
from reconciler.plan.steps import (
    ConnectCustomKeyStore,
    CreateAlias,
    CreateCustomKeyStore,
    CreateGrant,
    DisconnectCustomKeyStore,
    ExistingKey,
    ImportMaterial,
    PlannedKey,
    RevokeGrant,
    UpdateAlias,
    UpdateCustomKeyStore,
)
from tests.report.basics import APP, EU, LEDGER, ORDERS, SIGNING, TERMS, address, at, key_id
from tests.support.custody import PROXY


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
            steps=(ImportMaterial(key, KeySpec.SYMMETRIC_DEFAULT, source, wrapping, None, which=NewMaterial()),),
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
