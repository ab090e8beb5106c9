"""Drifts as a payments team would see them."""

from __future__ import annotations

from dataclasses import replace

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Kind
from reconciler.model.identifiers import RUN_TARGET, KeyId
from reconciler.model.keyspec import KeyState
from reconciler.plan.drift import Drift, DriftEntry, DriftKind, FieldDrift, InSync, UnmanagedKey
from tests.report.basics import (
    ACCOUNT,
    APP,
    EU,
    EU_ACCOUNT,
    LEDGER,
    NEW_POLICY,
    NOW,
    OLD_POLICY,
    ORDERS,
    STACK,
    address,
    at,
    key_id,
)


def everything() -> Drift:
    """One drift with every kind, of two targets."""
    return Drift(
        STACK,
        {RUN_TARGET: ACCOUNT, EU: EU_ACCOUNT},
        NOW,
        (
            DriftEntry(
                DriftKind.CHANGED,
                LEDGER,
                key_id(2),
                (
                    FieldDrift("description", "Ledger of all payments", "Ledger"),
                    FieldDrift("tags[team]", "ledger", ABSENT),
                    FieldDrift("rotation.automatic.periodDays", ABSENT, 365),
                    FieldDrift("importedMaterial", "a", "b", sensitive=True),
                    FieldDrift("policy", NEW_POLICY, OLD_POLICY),
                ),
                at(31),
            ),
            DriftEntry(DriftKind.MISSING, ORDERS, None, (FieldDrift("keySpec", "SYMMETRIC_DEFAULT", ABSENT),), at(4)),
            DriftEntry(
                DriftKind.ORPHANED,
                address(Kind.KEY, "forgotten"),
                key_id(8),
                detail="no manifest declares it; --prune would keep the key",
            ),
            DriftEntry(
                DriftKind.UNDECLARED,
                address(Kind.ALIAS, "books"),
                "alias/books",
                (FieldDrift("key", ABSENT, key_id(2)),),
            ),
            DriftEntry(
                DriftKind.UNDECLARED,
                address(Kind.GRANT, "77aa"),
                "77aa",
                (FieldDrift("grantee", ABSENT, APP), FieldDrift("operations", ABSENT, ["Decrypt"])),
                detail="a grant on Key/ledger; an AWS service has it for its own work",
                expected=True,
            ),
            DriftEntry(
                DriftKind.PENDING_DELETION,
                address(Kind.KEY, "revived", EU),
                key_id(10),
                (FieldDrift("state", "Enabled", "PendingDeletion"),),
                at(9, "payments/eu.yaml"),
                "it will be deleted on 2026-03-30",
            ),
        ),
        (
            UnmanagedKey(RUN_TARGET, KeyId(key_id(21)), "made by hand", KeyState.ENABLED, None),
            UnmanagedKey(EU, KeyId(key_id(20)), "", KeyState.DISABLED, "accounting"),
        ),
        in_sync=tuple(
            InSync(address(Kind.KEY, name), key_id(30 + number), at(60 + number))
            for number, name in enumerate(("audit", "backups", "cards", "mail", "signing"))
        ),
    )


def none() -> Drift:
    """Everything is as declared."""
    return replace(everything(), entries=(), unmanaged=())
