"""Who can do what through which path: key policy, IAM, boundary, session policy; in one account and across two.

The rules are those of https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html and
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html.
"""

from __future__ import annotations

import pytest

from reconciler.engine.caller import Session
from reconciler.policy.evaluate import Reason
from tests.engine.authz.cast import ALICE, APP, BOB, DELEGATES, EVE, ROOT, SESSION, USE
from tests.engine.authz.world import forbids, lets, outcome
from tests.support.people import ALL_OF_KMS, MAIN, OTHER, allow, deny, role, user

ALLOWED, DENIED = True, False

# case: key policy, identities, who asks, verdict, reason
ONE_ACCOUNT = {
    "the root user, by the default policy": ([], [], ROOT, ALLOWED, Reason.KEY_POLICY),
    "the root user is nobody without the key policy": (
        [lets(ALICE, "kms:*")],
        [],
        ROOT,
        DENIED,
        Reason.NOT_ALLOWED_BY_KEY_POLICY,
    ),
    "delegation and an IAM policy": ([], [user(BOB, ALL_OF_KMS)], BOB, ALLOWED, Reason.IDENTITY_POLICY),
    "delegation without an IAM policy": ([], [user(BOB)], BOB, DENIED, Reason.NOT_ALLOWED_BY_IDENTITY_POLICY),
    "delegation to somebody unknown": ([], [], BOB, DENIED, Reason.NOT_ALLOWED_BY_IDENTITY_POLICY),
    "an IAM policy without delegation": (
        [lets(ALICE, "kms:*")],
        [user(ALICE), user(BOB, ALL_OF_KMS)],
        BOB,
        DENIED,
        Reason.NOT_ALLOWED_BY_KEY_POLICY,
    ),
    "the key policy alone": ([lets(BOB, *USE)], [], BOB, ALLOWED, Reason.KEY_POLICY),
    "the key policy and a Deny in IAM": (
        [lets(BOB, *USE)],
        [user(BOB, deny("kms:Encrypt"))],
        BOB,
        DENIED,
        Reason.DENIED_BY_IDENTITY_POLICY,
    ),
    "a Deny in the key policy wins": (
        [DELEGATES, forbids(BOB, "kms:Encrypt")],
        [user(BOB, ALL_OF_KMS)],
        BOB,
        DENIED,
        Reason.DENIED_BY_KEY_POLICY,
    ),
    "a Deny for everybody wins over the root user": (
        [DELEGATES, forbids("*", "kms:Encrypt")],
        [],
        ROOT,
        DENIED,
        Reason.DENIED_BY_KEY_POLICY,
    ),
    "an IAM policy for another key": (
        [],
        [user(BOB, allow("kms:*", resource=f"arn:aws:kms:us-east-1:{MAIN}:key/other"))],
        BOB,
        DENIED,
        Reason.NOT_ALLOWED_BY_IDENTITY_POLICY,
    ),
    "an IAM policy for another operation": (
        [],
        [user(BOB, allow("kms:Decrypt"))],
        BOB,
        DENIED,
        Reason.NOT_ALLOWED_BY_IDENTITY_POLICY,
    ),
    "a boundary that does not allow": (
        [],
        [user(BOB, ALL_OF_KMS, boundary=allow("kms:Decrypt"))],
        BOB,
        DENIED,
        Reason.NOT_ALLOWED_BY_BOUNDARY,
    ),
    "a boundary that allows": (
        [],
        [user(BOB, ALL_OF_KMS, boundary=allow("kms:Enc*"))],
        BOB,
        ALLOWED,
        Reason.IDENTITY_POLICY,
    ),
    "a boundary that denies": (
        [lets(BOB, *USE)],
        [user(BOB, boundary=deny("kms:Encrypt"))],
        BOB,
        DENIED,
        Reason.DENIED_BY_BOUNDARY,
    ),
    "a session by its role's ARN": ([lets(APP, *USE)], [role(APP)], SESSION, ALLOWED, Reason.KEY_POLICY),
    "a session by its role's policies": ([], [role(APP, ALL_OF_KMS)], SESSION, ALLOWED, Reason.IDENTITY_POLICY),
    "a session by its own ARN": ([lets(SESSION, *USE)], [], SESSION, ALLOWED, Reason.KEY_POLICY),
    "a session of a bounded role, by the role's ARN": (
        [lets(APP, *USE)],
        [role(APP, boundary=allow("kms:Decrypt"))],
        SESSION,
        DENIED,
        Reason.NOT_ALLOWED_BY_BOUNDARY,
    ),
    "another session of the role": (
        [lets(f"{SESSION}more", *USE)],
        [],
        SESSION,
        DENIED,
        Reason.NOT_ALLOWED_BY_KEY_POLICY,
    ),
    "everybody": ([lets("*", *USE)], [], BOB, ALLOWED, Reason.KEY_POLICY),
}


@pytest.mark.parametrize("case", ONE_ACCOUNT)
def test_in_one_account_a_request_is_decided_as_the_developer_guide_says(make_world, case):
    statements, identities, principal, allowed, reason = ONE_ACCOUNT[case]
    world = make_world(*identities)
    call = world.asked(world.client(principal), "Encrypt", KeyId=world.key(*statements), Plaintext=b"x")
    assert (call.decision.allowed, call.decision.reason) == (allowed, reason)
    assert ("refused" not in call.result) is allowed


# case: key policy, identities of the other account, allowed
TWO_ACCOUNTS = {
    "both sides allow, by account": ([DELEGATES, lets(OTHER, *USE)], [user(EVE, ALL_OF_KMS)], ALLOWED),
    "both sides allow, by user": ([DELEGATES, lets(EVE, *USE)], [user(EVE, ALL_OF_KMS)], ALLOWED),
    "everybody may, and the other side allows": ([lets("*", *USE)], [user(EVE, ALL_OF_KMS)], ALLOWED),
    "the other side does not allow": ([DELEGATES, lets(OTHER, *USE)], [user(EVE)], DENIED),
    "the other side denies": ([lets(EVE, *USE)], [user(EVE, ALL_OF_KMS, deny("kms:*"))], DENIED),
    "the key policy does not know the account": ([DELEGATES], [user(EVE, ALL_OF_KMS)], DENIED),
    "nobody is known there": ([lets(EVE, *USE)], [], DENIED),
}


@pytest.mark.parametrize("case", TWO_ACCOUNTS)
def test_across_accounts_both_sides_must_allow(make_world, case):
    statements, identities, allowed = TWO_ACCOUNTS[case]
    world = make_world(*identities)
    client = world.client(EVE)
    assert outcome(client, "Encrypt", KeyId=world.key(*statements), Plaintext=b"x") == (
        "ok" if allowed else "AccessDeniedException"
    )


def test_the_root_user_of_another_account_may_what_the_key_policy_lets_the_account(make_world):
    world = make_world()
    key = world.key(DELEGATES, lets(OTHER, *USE))
    root = world.client(account=OTHER)
    assert outcome(root, "DescribeKey", KeyId=key) == "ok"
    assert outcome(root, "Decrypt", KeyId=key, CiphertextBlob=b"x") == "AccessDeniedException"


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("PutKeyPolicy", {"Policy": "{}"}),
        ("ScheduleKeyDeletion", {}),
        ("GetKeyPolicy", {}),
        ("TagResource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        ("ListKeyRotations", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_works_in_ones_own_account_only_is_denied_to_others_whatever_the_policies_say(
    make_world, operation, parameters
):
    world = make_world(user(EVE, ALL_OF_KMS))
    key = world.key(DELEGATES, lets("*", "kms:*"))
    assert outcome(world.client(EVE), operation, KeyId=key, **parameters) == "AccessDeniedException"


def test_a_session_policy_limits_what_the_role_may(make_world):
    world = make_world(role(APP, ALL_OF_KMS))
    key = world.key()
    only_describe = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:D*", "Resource": "*"}}'
    narrow = world.client(SESSION, session=Session(0, 2**62, policies=(only_describe,)))
    assert outcome(world.client(SESSION), "Encrypt", KeyId=key, Plaintext=b"x") == "ok"
    assert outcome(narrow, "DescribeKey", KeyId=key) == "ok"
    call = world.asked(narrow, "Encrypt", KeyId=key, Plaintext=b"x")
    assert call.decision.reason is Reason.NOT_ALLOWED_BY_SESSION_POLICY


def test_the_policies_of_a_session_add_up_and_must_be_of_one_version(make_world):
    def policy(action, version):
        return f'{{"Version": "{version}", "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}'

    world = make_world(role(APP, ALL_OF_KMS))
    key = world.key()
    both = (policy("kms:Describe*", "2012-10-17"), policy("kms:Encrypt", "2012-10-17"))
    mixed = (policy("kms:Describe*", "2012-10-17"), policy("kms:Encrypt", "2008-10-17"))
    for policies, verdict in ((both, "ok"), (mixed, "AccessDeniedException"), (("{",), "AccessDeniedException")):
        client = world.client(SESSION, session=Session(0, 2**62, policies=policies))
        assert outcome(client, "Encrypt", KeyId=key, Plaintext=b"x") == verdict
        assert outcome(client, "DescribeKey", KeyId=key) == verdict


def test_everybody_may_ask_who_he_is(make_world):
    world = make_world(user(BOB, deny("*")))
    assert world.client(BOB)("sts:GetCallerIdentity", {})["Arn"] == BOB


def test_a_policy_that_cannot_be_read_denies_everything_and_says_why(make_world):
    world = make_world(user(BOB, ALL_OF_KMS))
    key = world.key()
    store = world.engine._store
    with store.writing():
        found = store.keys.find(MAIN, "us-east-1", key.rpartition("/")[2])
        store.keys.update(found, {"policy": '{"Statement": {"Effect": "Allow", "Principal": "*", "Acton": "kms:*"}}'})
    for client in (world.client(), world.client(BOB)):
        call = world.asked(client, "DescribeKey", KeyId=key)
        assert call.decision.reason is Reason.UNPARSABLE_POLICY
        assert any("Acton" in trace.detail for trace in call.decision.trace)


def test_the_trace_names_the_statement_that_decided(make_world):
    world = make_world(user(BOB, ALL_OF_KMS))
    key = world.key(DELEGATES, {"Sid": "NoBob", **forbids(BOB, "kms:Encrypt")})
    call = world.asked(world.client(BOB), "Encrypt", KeyId=key, Plaintext=b"x")
    assert [trace.sid for trace in call.decision.trace if trace.effect == "Deny"] == ["NoBob"]
