"""Who may retire a grant: https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html."""

from __future__ import annotations

import pytest

from reconciler.policy.evaluate import Reason, Unparsable, decide_retirement
from reconciler.policy.evaluate.retirement import ACTION
from tests.policy.evaluate.world import (
    ALICE,
    APP,
    BOB,
    DELEGATE,
    ROOT,
    S3,
    SESSION,
    STRANGER,
    THEIR_ROOT,
    US,
    Case,
    allow,
    deny,
    grant,
)  # fmt: skip

PLAIN = grant(BOB, "Decrypt")
OWN = grant(ALICE, "Decrypt", "RetireGrant", context_equals={"a": "b"})
RETIRE = [allow(None, ACTION)]


def ask(key_policy=(DELEGATE,), **more):
    return Case("", "", key_policy, Reason.GRANT, action=ACTION, **more)


@pytest.mark.parametrize(
    ("case", "given", "retiring", "reason"),
    [
        (ask(), PLAIN, ALICE, Reason.GRANT),
        (ask(), PLAIN, BOB, Reason.NOT_ALLOWED_BY_GRANT),
        (ask(), PLAIN, None, Reason.NOT_ALLOWED_BY_GRANT),
        (ask(who=SESSION), PLAIN, APP, Reason.GRANT),
        (ask(who=SESSION), PLAIN, SESSION, Reason.GRANT),
        (ask(who=S3), PLAIN, S3, Reason.GRANT),
        (ask(), OWN, None, Reason.GRANT),
        (ask(), grant(ALICE, "Decrypt"), None, Reason.NOT_ALLOWED_BY_GRANT),
        (ask(who=STRANGER), PLAIN, STRANGER, Reason.GRANT),
        (ask(who=STRANGER), PLAIN, THEIR_ROOT, Reason.NOT_ALLOWED_BY_GRANT),
        (ask(who=STRANGER, identity=RETIRE), PLAIN, THEIR_ROOT, Reason.GRANT),
        (ask(who=STRANGER, identity=RETIRE), PLAIN, None, Reason.NOT_ALLOWED_BY_GRANT),
        (ask(who=THEIR_ROOT, root=True), PLAIN, THEIR_ROOT, Reason.GRANT),
        (ask(who=THEIR_ROOT, root=True), PLAIN, None, Reason.NOT_ALLOWED_BY_GRANT),
        (ask(who=ROOT, root=True), PLAIN, None, Reason.ROOT_USER),
        (ask([allow(BOB)], who=ROOT, root=True), PLAIN, None, Reason.ROOT_USER),
        (ask(identity=RETIRE), PLAIN, None, Reason.IDENTITY_POLICY),
        (ask([allow(BOB)], identity=RETIRE), PLAIN, None, Reason.IDENTITY_POLICY),
        (ask([allow(ALICE)]), PLAIN, None, Reason.NOT_ALLOWED_BY_GRANT),
        (ask(identity=RETIRE, boundary=[allow(None, "kms:Decrypt")]), PLAIN, None, Reason.NOT_ALLOWED_BY_GRANT),
        (ask(unknown=True), PLAIN, None, Reason.NOT_ALLOWED_BY_GRANT),
        (ask(unknown=True), PLAIN, ALICE, Reason.GRANT),
        (ask([deny(ALICE, ACTION)]), PLAIN, ALICE, Reason.DENIED_BY_KEY_POLICY),
        (ask(identity=[deny(None, ACTION)]), OWN, ALICE, Reason.DENIED_BY_IDENTITY_POLICY),
        (ask([deny("*", Condition={"Bool": {"aws:SecureTransport": "false"}})]), PLAIN, ALICE, Reason.GRANT),
        (ask([deny("*", Condition={"Bool": {"aws:SecureTransport": "true"}})]), PLAIN, ALICE,
         Reason.DENIED_BY_KEY_POLICY),
        (ask(Unparsable("x")), PLAIN, ALICE, Reason.UNPARSABLE_POLICY),
    ],
)  # fmt: skip
def test_the_grant_and_the_accounts_say_who_may_retire_it(case, given, retiring, reason):
    facts = {"aws:securetransport": ("true",)}
    decision = decide_retirement(case.prepared(), given, retiring=retiring, key_account=US, facts=facts)
    assert decision.reason is reason
    assert decision.allowed is (reason in (Reason.GRANT, Reason.ROOT_USER, Reason.IDENTITY_POLICY))
    assert bool(decision.trace) is not case.unknown or case.key_policy
