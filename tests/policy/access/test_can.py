"""One request asked: its standing, and what decides."""

import pytest

from reconciler.policy.access import Standing, can, can_in_session
from reconciler.policy.evaluate import Outcome, Reason, Source, Unparsable
from tests.policy.access.world import (
    ADMIN,
    APP,
    BOB,
    DELEGATED,
    OTHER,
    ROOT,
    SESSION,
    STRANGER,
    allow,
    ask,
    deny,
    grant,
    iam,
    key,
    when,
)

DECRYPT = {"Action": "kms:Decrypt"}
VIA_S3 = when(StringEquals={"kms:ViaService": "s3.us-east-1.amazonaws.com"})


@pytest.mark.parametrize(
    ("statements", "principal", "standing", "reason"),
    [
        pytest.param([allow(APP)], APP, Standing.ALLOWED, Reason.KEY_POLICY, id="named by the key policy"),
        pytest.param([allow(APP)], SESSION, Standing.ALLOWED, Reason.KEY_POLICY, id="a session of who is named"),
        pytest.param([allow(APP)], BOB, Standing.DENIED, Reason.NOT_ALLOWED_BY_KEY_POLICY, id="somebody else"),
        pytest.param([DELEGATED], BOB, Standing.DELEGATED, Reason.IDENTITY_POLICIES_UNKNOWN, id="by the account"),
        pytest.param([DELEGATED], ROOT, Standing.ALLOWED, Reason.KEY_POLICY, id="the root user itself"),
        pytest.param([DELEGATED, deny(BOB)], BOB, Standing.DENIED, Reason.DENIED_BY_KEY_POLICY, id="an explicit deny"),
        pytest.param(
            [allow(STRANGER)], STRANGER, Standing.DELEGATED, Reason.IDENTITY_POLICIES_UNKNOWN, id="another account"
        ),
        pytest.param(
            [allow(OTHER, "kms:*")],
            f"arn:aws:iam::{OTHER}:root",
            Standing.ALLOWED,
            Reason.BOTH_ACCOUNTS,
            id="the root user of another account",
        ),
        pytest.param(
            [allow({"Service": "logs.amazonaws.com"})],
            "logs.amazonaws.com",
            Standing.ALLOWED,
            Reason.KEY_POLICY,
            id="a service",
        ),
    ],
)
def test_without_iam_a_key_policy_allows_delegates_or_denies(statements, principal, standing, reason):
    answer = can(key(*statements), ask(principal))
    assert (answer.standing, answer.reason) == (standing, reason)


def test_what_does_not_work_across_accounts_is_denied_to_others_and_not_delegated():
    answer = can(key(allow(STRANGER, "kms:*")), ask(STRANGER, "kms:PutKeyPolicy"))
    assert (answer.standing, answer.reason) == (Standing.DENIED, Reason.NOT_ACROSS_ACCOUNTS)


@pytest.mark.parametrize(
    ("identity", "standing", "reason"),
    [
        pytest.param(iam(DECRYPT), Standing.ALLOWED, Reason.IDENTITY_POLICY, id="allows"),
        pytest.param(iam(), Standing.DENIED, Reason.NOT_ALLOWED_BY_IDENTITY_POLICY, id="says nothing"),
        pytest.param(
            iam(DECRYPT, {**DECRYPT, "Effect": "Deny"}),
            Standing.DENIED,
            Reason.DENIED_BY_IDENTITY_POLICY,
            id="denies",
        ),
        pytest.param(
            iam(DECRYPT, boundary={"Action": "s3:*"}),
            Standing.DENIED,
            Reason.NOT_ALLOWED_BY_BOUNDARY,
            id="is bounded",
        ),
    ],
)
def test_known_iam_policies_decide_what_the_account_is_allowed(identity, standing, reason):
    answer = can(key(DELEGATED), ask(BOB), identity)
    assert (answer.standing, answer.reason) == (standing, reason)


def test_the_decider_of_an_allowed_request_is_the_statement_that_names_the_principal_most_directly():
    answer = can(key(DELEGATED, allow("*", Sid="All", **when(Null={"aws:x": "true"})), allow(BOB, Sid="Bob")), ask(BOB))
    assert (answer.decider.source, answer.decider.index, answer.decider.sid) == (Source.KEY_POLICY, 2, "Bob")


def test_the_decider_of_a_delegated_request_is_the_statement_that_delegates():
    assert can(key(allow(APP), DELEGATED), ask(BOB)).decider.sid == "Root"


def test_the_decider_of_an_iam_policy_is_told_with_its_name():
    decider = can(key(DELEGATED), ask(BOB), iam({"Action": "s3:*"}, DECRYPT)).decider
    assert (decider.source, decider.name) == (Source.IDENTITY_POLICY, "policy 1")


def test_the_decider_of_a_denied_request_is_the_statement_that_denies():
    decider = can(key(DELEGATED, deny(BOB, Sid="NotBob")), ask(BOB)).decider
    assert (decider.sid, decider.effect) == ("NotBob", "Deny")


def test_nothing_decides_where_nothing_allows():
    assert can(key(allow(APP)), ask(BOB)).decider is None


def test_a_grant_allows_within_its_constraints():
    granted = key(allow(ADMIN), grants=(grant(BOB, "Decrypt", context_equals={"app": "a"}),))
    answer = can(granted, ask(BOB, context={"app": "a"}))
    assert (answer.standing, answer.decider.source, answer.decider.name) == (Standing.ALLOWED, Source.GRANT, "0123")
    assert can(granted, ask(BOB, context={"app": "b"})).standing is Standing.DENIED


def test_a_grant_to_an_account_is_delegated_to_its_iam_policies():
    answer = can(key(allow(ADMIN), grants=(grant(ROOT, "Decrypt"),)), ask(BOB))
    assert (answer.standing, answer.decider.source) == (Standing.DELEGATED, Source.GRANT)


def test_a_policy_that_cannot_be_read_denies_and_is_the_decider():
    unreadable = key(allow(APP))
    broken = type(unreadable)(unreadable.arn, unreadable.account, "aws", "us-east-1", Unparsable("no JSON"))
    answer = can(broken, ask(APP))
    assert (answer.standing, answer.reason) == (Standing.DENIED, Reason.UNPARSABLE_POLICY)
    assert answer.decider.outcome is Outcome.UNPARSABLE


def test_the_trace_tells_every_statement_and_which_condition_failed():
    answer = can(key(DELEGATED, allow(BOB, "kms:Sign"), allow(BOB, **VIA_S3)), ask(BOB))
    assert [(one.outcome, one.detail) for one in answer.trace] == [
        (Outcome.MATCHED, ""),
        (Outcome.OTHER_ACTION, ""),
        (Outcome.CONDITION_FAILED, "StringEquals kms:ViaService"),
    ]


def test_the_trace_tells_which_constraints_a_grant_has_that_was_not_kept():
    constraints = {"context_subset": {"app": "a"}, "source_arn": "arn:aws:s3:::b"}
    answer = can(key(allow(APP), grants=(grant(BOB, "Decrypt", **constraints),)), ask(BOB))
    told = answer.trace[-1]
    assert (told.outcome, told.detail) == (Outcome.CONDITION_FAILED, "EncryptionContextSubset, SourceArn")


def test_condition_keys_that_the_question_lacks_are_told():
    source = when(IpAddress={"aws:SourceIp": "10.0.0.0/8"})
    assert can(key(allow(BOB, **source)), ask(BOB)).missing == ("aws:SourceIp",)
    known = can(key(allow(BOB, **source)), ask(BOB, facts={"aws:sourceip": ("10.1.2.3",)}))
    assert (known.standing, known.missing) == (Standing.ALLOWED, ())


@pytest.mark.parametrize(
    ("principal", "condition"),
    [
        pytest.param(BOB, when(StringEquals={"kms:ViaService": "s3.us-east-1.amazonaws.com"}), id="no service"),
        pytest.param(BOB, when(StringEquals={"kms:EncryptionContext:a": "b"}), id="no encryption context"),
        pytest.param(BOB, when(Bool={"kms:GrantIsForAWSResource": "true"}), id="a key of other actions"),
        pytest.param(BOB, when(StringEquals={"aws:ResourceTag/a": "b"}), id="no such tag"),
        pytest.param(BOB, when(Null={"aws:PrincipalServiceName": "true"}), id="no service's name"),
        pytest.param("s3.amazonaws.com", when(StringEquals={"kms:CallerAccount": "1"}), id="no account"),
    ],
)
def test_what_a_question_rules_out_is_not_missing(principal, condition):
    assert can(key(allow("*", **condition)), ask(principal)).missing == ()


def test_a_condition_key_of_a_policy_variable_is_told_in_lower_case():
    mine = {**allow(BOB), "Resource": "arn:aws:kms:*:*:key/${aws:PrincipalTag/Key}"}
    assert can(key(mine), ask(BOB)).missing == ("aws:principaltag/key",)


def test_condition_keys_do_not_matter_where_the_answer_is_settled():
    assert can(key(allow(BOB), allow(BOB, **when(Bool={"aws:x": "true"}))), ask(BOB)).missing == ()


@pytest.mark.parametrize("via", ["s3", "s3.amazonaws.com", "s3.us-east-1.amazonaws.com"])
def test_a_call_through_a_service_has_that_service_in_its_context(via):
    assert can(key(allow(APP, **VIA_S3)), ask(APP, via=via)).standing is Standing.ALLOWED
    assert can(key(allow(APP, **VIA_S3)), ask(APP)).standing is Standing.DENIED


@pytest.mark.parametrize(
    ("principal", "standing", "reason"),
    [
        pytest.param(BOB, Standing.ALLOWED, Reason.GRANT, id="a grantee who may"),
        pytest.param(STRANGER, Standing.ALLOWED, Reason.GRANT, id="the retiring principal"),
        pytest.param(APP, Standing.DELEGATED, Reason.IDENTITY_POLICIES_UNKNOWN, id="the owner's IAM policies"),
        pytest.param(ROOT, Standing.ALLOWED, Reason.ROOT_USER, id="the owner's root user"),
    ],
)
def test_who_may_retire_a_grant_the_grants_say_and_not_the_key_policy(principal, standing, reason):
    grants = (grant(ADMIN, "Decrypt"), grant(BOB, "RetireGrant", retiring=STRANGER))
    answer = can(key(allow(APP, "kms:*"), grants=grants), ask(principal, "kms:RetireGrant"))
    assert (answer.standing, answer.reason) == (standing, reason)
    if reason is Reason.GRANT:
        assert (answer.decider.source, answer.decider.index) == (Source.GRANT, 1)


def test_of_a_key_without_grants_only_its_account_could_retire_one():
    assert can(key(allow(STRANGER, "kms:*")), ask(STRANGER, "kms:RetireGrant")).standing is Standing.DENIED
    assert can(key(DELEGATED), ask(BOB, "kms:RetireGrant"), iam({"Action": "kms:*"})).standing is Standing.ALLOWED


SESSION_ENCRYPTS = iam({"Action": "kms:Encrypt"}).policies[0]


@pytest.mark.parametrize(
    ("statement", "identity", "action", "standing"),
    [
        pytest.param(allow(APP, "kms:*"), None, "kms:Encrypt", Standing.ALLOWED, id="within it"),
        pytest.param(allow(APP, "kms:*"), None, "kms:Decrypt", Standing.DENIED, id="beyond it"),
        pytest.param(allow(SESSION, "kms:*"), None, "kms:Decrypt", Standing.ALLOWED, id="named itself"),
        pytest.param(DELEGATED, None, "kms:Encrypt", Standing.DELEGATED, id="within it, by IAM policies unknown"),
        pytest.param(DELEGATED, None, "kms:Decrypt", Standing.DENIED, id="beyond it, whatever IAM policies say"),
        pytest.param(DELEGATED, iam({"Action": "kms:*"}), "kms:Encrypt", Standing.ALLOWED, id="within both"),
        pytest.param(DELEGATED, iam(), "kms:Encrypt", Standing.DENIED, id="it gives nothing"),
    ],
)
def test_a_session_policy_limits_a_session(statement, identity, action, standing):
    answer = can_in_session(key(statement), ask(SESSION, action), identity, SESSION_ENCRYPTS)
    assert answer.standing is standing
