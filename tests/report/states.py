"""An account as it was read, for the reports that show what is there."""

from __future__ import annotations

from datetime import UTC, datetime

from reconciler.kit.arn import key_arn
from reconciler.model.identifiers import RUN_TARGET, AliasName, Days, GrantId, KeyArn, KeyId, TargetName
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.observed import (
    Account,
    ObservedAlias,
    ObservedGrant,
    ObservedKey,
    ObservedRotation,
    ObservedState,
    ObservedTarget,
)
from reconciler.model.ownership import Ownership
from reconciler.model.usage import NeverUsed, UsageUnknown, UsedAt
from tests.report.basics import ACCOUNT, EU, EU_ACCOUNT, NOW, STACK, TERMS, key_id


def key(number: int, **more: object) -> ObservedKey:
    """A symmetric key, made on New Year's Day."""
    return ObservedKey(
        **{  # type: ignore[arg-type]
            "key_id": KeyId(key_id(number)),
            "arn": KeyArn(key_arn("us-east-1", ACCOUNT.account_id, key_id(number))),
            "key_spec": KeySpec.SYMMETRIC_DEFAULT,
            "key_usage": KeyUsage.ENCRYPT_DECRYPT,
            "origin": Origin.AWS_KMS,
            "state": KeyState.ENABLED,
            "created": datetime(2026, 1, 1, tzinfo=UTC),
            **more,
        }
    )


def owned(number: int, name: str, stack: str = STACK, generation: int = 1, **more: object) -> ObservedKey:
    """A key with the tags of a stack."""
    return key(number, tags=Ownership(stack, name, generation).tags(), **more)


def target(*keys: ObservedKey, account: Account = ACCOUNT, aliases: dict[str, int] | None = None) -> ObservedTarget:
    """An account and Region with these keys; `aliases` are names and the numbers of keys."""
    return ObservedTarget(
        account,
        NOW,
        {one.key_id: one for one in keys},
        {
            AliasName(name): ObservedAlias(AliasName(name), KeyId(key_id(number)) if number else None)
            for name, number in (aliases or {}).items()
        },
    )


def state(*keys: ObservedKey, aliases: dict[str, int] | None = None) -> ObservedState:
    """One target's keys."""
    return ObservedState({RUN_TARGET: target(*keys, aliases=aliases)})


def busy() -> ObservedState:
    """Two targets with keys of this stack, of others, of nobody and of AWS."""
    grant = ObservedGrant(GrantId("9a8b7c"), KeyId(key_id(2)), "kmsctl:payments:ledger-app:0123456789abcdef", TERMS)
    here = target(
        owned(
            2,
            "ledger",
            description="Ledger",
            rotation=ObservedRotation(True, Days(365), 1),
            grants=(grant,),
            last_use=UsedAt(NOW),
            policy="{}",
        ),
        owned(3, "signing", generation=2, key_spec=KeySpec.RSA_2048, rotation=None, last_use=NeverUsed()),
        owned(4, "cards", rotation=ObservedRotation(False), last_use=UsageUnknown("no trail")),
        owned(5, "retired", state=KeyState.PENDING_DELETION, deletion_date=datetime(2026, 3, 30, tzinfo=UTC)),
        owned(20, "books", stack="accounting"),
        key(21, description="made by hand"),
        key(22, aws_managed=True),
        aliases={"alias/ledger": 2, "alias/books": 2, "alias/nowhere": 0},
    )
    there = target(owned(10, "revived"), account=EU_ACCOUNT)
    return ObservedState({TargetName(EU): there, RUN_TARGET: here})
