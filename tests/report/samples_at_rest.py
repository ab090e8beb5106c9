"""Changes that end something, and those of keys that need little or nothing."""

from __future__ import annotations

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Kind
from reconciler.model.identifiers import AliasName, Days
from reconciler.plan.changes import Action, Change, FieldChange, Reason, Risk, RiskLevel
from reconciler.plan.steps import (
    CancelDeletion,
    DeleteAlias,
    DisableKey,
    DisableRotation,
    EnableKey,
    ExistingKey,
    ScheduleDeletion,
    TagKey,
    UntagKey,
)
from tests.report.basics import (
    CARDS,
    DELEGATE,
    EU,
    OLD,
    ORDERS,
    RENAMED_POLICY,
    RETIRED,
    STACK,
    address,
    at,
    key_id,
    policy,
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
