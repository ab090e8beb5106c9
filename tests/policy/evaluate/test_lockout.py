"""The safety check of PutKeyPolicy: whoever puts a policy must be able to put another."""

from __future__ import annotations

import pytest

from reconciler.policy.document import parse_document
from reconciler.policy.evaluate import Reason, Requester, Unparsable, locks_out
from tests.policy.evaluate.world import ALICE, APP, BOB, DELEGATE, KEY, ROOT, SESSION, STRANGER, US, allow, deny

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
BYPASS = {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}


def told(statements, who=ALICE, **facts):
    asked = []

    def facts_of(needs):
        asked.append(needs)
        return {key: value for key, value in facts.items() if key in needs}

    document = parse_document({"Version": "2012-10-17", "Statement": statements})
    denied = locks_out(document, Requester.of(who), key_arn=KEY, key_account=US, facts_of=facts_of)
    return denied.reason if denied else None


@pytest.mark.parametrize(
    ("statements", "who", "reason"),
    [
        ([DELEGATE], ALICE, None),
        ([DELEGATE], ROOT, None),
        ([allow(ALICE, "kms:PutKeyPolicy")], ALICE, None),
        ([allow(ALICE, "kms:Put*")], ALICE, None),
        ([allow(APP)], SESSION, None),
        ([allow(BOB)], ALICE, Reason.NOT_ALLOWED_BY_KEY_POLICY),
        ([allow(ALICE)], ROOT, Reason.NOT_ALLOWED_BY_KEY_POLICY),
        ([allow(ALICE, "kms:Decrypt")], ALICE, Reason.NOT_ALLOWED_BY_KEY_POLICY),
        ([DELEGATE, deny(ALICE, "kms:PutKeyPolicy")], ALICE, Reason.DENIED_BY_KEY_POLICY),
        ([DELEGATE, deny("*", NotAction="kms:Decrypt")], ALICE, Reason.DENIED_BY_KEY_POLICY),
        ([allow(STRANGER)], STRANGER, Reason.NOT_ACROSS_ACCOUNTS),
        ([allow(ALICE, Condition=MFA)], ALICE, Reason.NOT_ALLOWED_BY_KEY_POLICY),
        ([DELEGATE, deny("*", Condition=BYPASS)], ALICE, None),
    ],
)
def test_the_new_policy_alone_is_looked_at(statements, who, reason):
    assert told(statements, who) is reason


def test_conditions_count_as_they_are_for_the_one_who_asks():
    assert told([allow(ALICE, Condition=MFA)], **{"aws:multifactorauthpresent": ("true",)}) is None


def test_a_policy_that_cannot_be_read_locks_out():
    denied = locks_out(Unparsable("x"), Requester.of(ROOT), key_arn=KEY, key_account=US, facts_of=lambda _: {})
    assert denied is not None
    assert denied.reason is Reason.UNPARSABLE_POLICY
