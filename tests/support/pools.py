"""What small worlds are drawn from: names, texts, policies and shapes of keys.

Names, aliases, grants and keys come from small pools, so that declared and real things meet: in sync, changed, taken
by others, left over, made twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reconciler.kit.diagnostics import Position
from reconciler.model.desired import GrantConstraints, GrantTerms
from reconciler.model.identifiers import RUN_TARGET, AliasName, KeyId, TargetName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.observed import Account

STACK = "default"
ACCOUNT_ID = "111122223333"
READ_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TARGETS = (RUN_TARGET, TargetName("eu"))
ACCOUNTS = {
    RUN_TARGET: Account(ACCOUNT_ID, "us-east-1", "aws", f"arn:aws:iam::{ACCOUNT_ID}:root"),
    TARGETS[1]: Account(ACCOUNT_ID, "eu-west-1", "aws", f"arn:aws:iam::{ACCOUNT_ID}:root"),
}

NAMES = ("a", "b", "c")
"""Of keys; a, b and c are declared at times, d never."""
ALIASES = tuple(AliasName(f"alias/{name}") for name in ("a", "b", "c", "x/y_z"))
GRANTS = ("g", "h", "i.j")
HOSTILE = (
    "",
    "plain",
    "\x1b[31mred\x1b[0m",
    "<script>&amp;",
    "a|b`c`",
    "\u202egnp.exe",
    "ä€𝄞",
    "x" * 250,
    "$type",
    "{}",
)

THEIR_KEY = KeyId("mrk-theirs")
"""The id of a multi-Region key that nobody declares."""
EXTERNAL_ALIAS = AliasName("alias/external")
"""Points to the first key of nobody's, and is never declared."""


def policy(*statements: Mapping[str, Any], **elements: Any) -> str:
    """The text of a key policy."""
    return json.dumps({"Version": "2012-10-17", **elements, "Statement": statements})


def allow(sid: str, principal: Any, *actions: str) -> dict[str, Any]:
    """A statement of a key policy."""
    return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}


_ROOT = allow("Root", {"AWS": ACCOUNT_ID}, "kms:*")
_ROLE = {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:role/app"}
POLICIES = (
    policy(_ROOT),
    policy(_ROOT, allow("Use", _ROLE, "kms:Decrypt", "kms:Encrypt")),
    policy(allow("Public", "*", "kms:Decrypt"), _ROOT),
    policy(_ROOT, allow("Partner", {"AWS": "444455556666"}, "kms:Decrypt")),
)
"""Policies that manifests declare."""
LIVE_POLICIES = (
    *POLICIES,
    policy({**_ROOT, "Sid": "EnableIAM", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}}, Id="other-words"),
    policy(allow("Use", _ROLE, "kms:Encrypt", "kms:Decrypt"), _ROOT),
    '{"Statement": "no policy"}',
    "not JSON",
)
"""What KMS may answer: the same in other words, and what nobody can read."""


@dataclass(frozen=True)
class Shape:
    """What is fixed at creation."""

    spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT
    usage: KeyUsage = KeyUsage.ENCRYPT_DECRYPT
    origin: Origin = Origin.AWS_KMS
    multi_region: bool = False


SHAPES = (
    Shape(),
    Shape(),
    Shape(origin=Origin.EXTERNAL),
    Shape(multi_region=True),
    Shape(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY),
    Shape(KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC),
    Shape(KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC, Origin.EXTERNAL),
)


def terms_of(role: str, *, operations: frozenset[str] = frozenset({"Decrypt"}), **constraints: Any) -> GrantTerms:
    """Terms of a grant for a role."""
    grantee = f"arn:aws:iam::{ACCOUNT_ID}:role/{role}"
    return GrantTerms(grantee, None, None, None, operations, GrantConstraints(**constraints))


TAG_VALUES = ("", "plain", "_.:/=+-@ ", "äß字", "x" * 250)
"""Nasty within what KMS lets a tag be."""


def position(name: str) -> Position:
    """Where a manifest declares `name`."""
    return Position("keys.yaml", 1 + len(name), 1)


def key_id(number: int, target: TargetName = RUN_TARGET) -> KeyId:
    """An id that sorts by its number, and that no key of another target has."""
    return KeyId(f"k-{target or 'key'}-{number}")
