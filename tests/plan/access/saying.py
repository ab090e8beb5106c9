"""Policies and keys in few words, and access changes as short texts to compare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reconciler.plan.access.diff import AccessChange, access_changes
from reconciler.policy.access import KeyFacts
from reconciler.policy.document import parse_document
from reconciler.policy.evaluate import GrantFacts, Unparsable

US, THEM = "111122223333", "444455556666"
ROOT, THEIR_ROOT = f"arn:aws:iam::{US}:root", f"arn:aws:iam::{THEM}:root"
APP, BATCH, THEIRS = (
    f"arn:aws:iam::{account}:role/{name}" for account, name in ((US, "app"), (US, "batch"), (THEM, "x"))
)
LOGS = "logs.us-east-1.amazonaws.com"
ARN = f"arn:aws:kms:us-east-1:{US}:key/k-1"
DELEGATE = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
VIA_S3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


def statement(effect: str, who: Any, *actions: str, when: Any = None, **elements: Any) -> dict[str, Any]:
    """One statement; `who` an ARN, `*`, or a Principal."""
    principal = {"AWS": who} if isinstance(who, str) and who != "*" else who
    said = {"Effect": effect, "Principal": principal, "Action": list(actions), "Resource": "*", **elements}
    said = {name: value for name, value in said.items() if value is not None}
    return said if when is None else {**said, "Condition": when}


def allow(who: Any, *actions: str, **more: Any) -> dict[str, Any]:
    return statement("Allow", who, *actions, **more)


def deny(who: Any, *actions: str, **more: Any) -> dict[str, Any]:
    return statement("Deny", who, *actions, **more)


def key(*statements: dict[str, Any], grants: Iterable[GrantFacts] = (), unreadable: str = "") -> KeyFacts:
    """A key with this policy, or with one that cannot be read."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    policy = Unparsable(unreadable) if unreadable else parse_document(document)
    return KeyFacts(ARN, US, "aws", "us-east-1", policy, tuple(grants))


def grant(who: str, *operations: str, grant_id: str = "g-1", **constraints: Any) -> GrantFacts:
    return GrantFacts(grant_id, who, frozenset(operations), **constraints)


def changes(before: KeyFacts | None, after: KeyFacts | None) -> list[str]:
    """`+ role/app Decrypt [KEY_POLICY]`, one text a change."""
    return [text(one) for one in access_changes(before, after)]


def text(change: AccessChange) -> str:
    who = change.principal.replace(f"arn:aws:iam::{US}:", "").replace(f"arn:aws:iam::{THEM}:", "their ")
    actions = "everything" if len(change.actions) > 40 else " ".join(a.removeprefix("kms:") for a in change.actions)
    when = "".join(f" if {c.key} {'|'.join(c.values)}" for c in change.conditions)
    return f"{'+' if change.gained else '-'} {who} {actions}{when} [{change.way.name}]"
