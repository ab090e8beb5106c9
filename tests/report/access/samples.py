"""Keys and questions to show."""

from __future__ import annotations

from dataclasses import replace

from reconciler.kit.diagnostics import Position
from reconciler.policy.access import Ask, Identities, Person, can, who
from reconciler.policy.actions import actions_on
from reconciler.policy.evaluate import IdentityPolicies, NamedPolicy, Unparsable
from reconciler.policy.permissions import KeyTraits
from reconciler.report.access.shown import AnswerShown, GrantShown, KeyShown, ListShown
from tests.policy.access.world import (
    ACCOUNT,
    APP,
    BOB,
    DELEGATED,
    KEY_ARN,
    OTHER,
    STRANGER,
    allow,
    deny,
    grant,
    iam,
    key,
    when,
)
from tests.report.hostile import HOSTILE

LATIN = "x|`<b>_\x9b31m\x85"
"""Hostile, of the characters that a policy can have."""
ACTIONS = actions_on(KeyTraits("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"))
USE = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:DescribeKey"]
VIA_S3 = when(StringEquals={"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": ACCOUNT})
NOT_PRINCIPAL = {"Effect": "Deny", "NotPrincipal": {"AWS": [APP, f"arn:aws:iam::{ACCOUNT}:root"]}, "Resource": "*"}
FACTS = key(
    DELEGATED,
    allow(APP, USE, Sid="AllowUse"),
    allow([APP, OTHER], "kms:Decrypt"),
    allow("*", ["kms:Decrypt", "kms:CreateGrant"], Sid="Through S3", **VIA_S3),
    deny(BOB, "kms:ScheduleKeyDeletion", Sid="BobDeletesNothing"),
    deny(APP, "kms:Decrypt", Sid="NotFromAfar", **when(NotIpAddress={"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]})),
    {**NOT_PRINCIPAL, "Action": "kms:PutKeyPolicy"},
    grants=(
        grant(STRANGER, "Decrypt", "DescribeKey", context_equals={"app": "orders"}),
        replace(grant("rds.amazonaws.com", "Encrypt"), grant_id="4567"),
    ),
)
SHOWN = KeyShown(
    "Key/orders",
    KEY_ARN,
    planned=True,
    statements={0: Position("keys/orders.yaml", 8, 5), 1: Position("keys/orders.yaml", 9, 5)},
    grants={"0123": GrantShown("Grant/reports", Position("keys/grants.yaml", 3, 1))},
)
KNOWN = Identities.of_people(
    [ACCOUNT],
    [Person(BOB, iam({"Action": "kms:*", **VIA_S3}, boundary={"Action": "kms:*"})), Person(APP)],
)


def everybody(identities: Identities | None = None, shown: KeyShown = SHOWN) -> ListShown:
    """Who may do what."""
    known = identities.accounts if identities else frozenset[str]()
    return ListShown(shown, who(FACTS, ACTIONS, identities), ACTIONS, ACTIONS, known)


def nobody() -> ListShown:
    """Of a key whose policy cannot be read."""
    return ListShown(KeyShown(KEY_ARN, KEY_ARN, new=True), (), ACTIONS, ACTIONS, unreadable="no JSON")


def answer(principal: str, action: str = "kms:Decrypt", identities: Identities | None = None, **more) -> AnswerShown:
    """One question."""
    ask = Ask(principal, action, **more)
    found = can(FACTS, ask, identities.policies_of(principal) if identities else None)
    return AnswerShown(SHOWN, ask, found, inapplicable=action not in ACTIONS)


def unreadable(policy: str = "", boundary: str = "") -> AnswerShown:
    """Of a key whose policy cannot be read, or of somebody whose boundary cannot be."""
    one = replace(FACTS, policy=Unparsable(policy)) if policy else FACTS
    limits = IdentityPolicies((), NamedPolicy("limits", Unparsable(boundary)) if boundary else None)
    ask = Ask(BOB, "kms:Decrypt")
    return AnswerShown(SHOWN, ask, can(one, ask, limits))


def hostile_list() -> ListShown:
    """Everything that others write, hostile."""
    one = key(
        allow(f"arn:aws:iam::{ACCOUNT}:role/{LATIN}", "kms:Decrypt", Sid="a|b`c <b>é", **_hostile()),
        {
            "Effect": "Allow",
            "NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{LATIN}"},
            "Action": "*",
            "Resource": "*",
        },
        grants=(grant(f"arn:aws:iam::{ACCOUNT}:role/{LATIN}", "Encrypt", context_subset={HOSTILE: HOSTILE}),),
    )
    shown = KeyShown(HOSTILE, KEY_ARN, statements={0: Position(HOSTILE, 1, 1)}, grants={"0123": GrantShown(HOSTILE)})
    return ListShown(shown, who(one, ACTIONS), ACTIONS, ACTIONS, frozenset({HOSTILE}), HOSTILE)


def hostile_answer() -> AnswerShown:
    """Everything that others say, hostile."""
    broken = type(FACTS)(KEY_ARN, ACCOUNT, "aws", "us-east-1", Unparsable("no JSON"))
    ask = Ask(HOSTILE, HOSTILE, {HOSTILE: HOSTILE}, HOSTILE, {HOSTILE: (HOSTILE,)})
    return AnswerShown(KeyShown(HOSTILE, HOSTILE), ask, can(broken, ask), inapplicable=True)


def _hostile() -> dict[str, object]:
    return when(StringEquals={f"kms:EncryptionContext:{LATIN}": LATIN})
