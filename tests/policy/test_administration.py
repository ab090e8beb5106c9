"""Who can change a key's policy, and when nobody can."""

import pytest

from reconciler.policy.administration import administrators, locks_out
from reconciler.policy.document import parse_document

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/ops/Admin"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/Other"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/alice"
USER = f"arn:aws:iam::{ACCOUNT}:user/bob"
DELEGATED = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}


def allow(principal, action="kms:PutKeyPolicy", **more):
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*", **more}


def deny(principal, action="kms:PutKeyPolicy", **more):
    return {**allow(principal, action), "Effect": "Deny", **more}


def without(statement, name, **more):
    return {**{key: value for key, value in statement.items() if key != name}, **more}


def admins(*statements, partition="aws"):
    document = parse_document({"Statement": list(statements)})
    return administrators(document, account=ACCOUNT, partition=partition)


def lockout(*statements, caller=SESSION):
    document = parse_document({"Statement": list(statements)})
    return locks_out(document, account=ACCOUNT, partition="aws", caller_arn=caller)


@pytest.mark.parametrize("action", ["*", "kms:*", "kms:Put*", "KMS:putkeypolicy", "kms:PutKeyPolic?"])
def test_whoever_is_allowed_to_put_the_policy_administers_the_key(action):
    assert admins(allow([ADMIN, ACCOUNT], action)) == {ADMIN, ROOT}


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(allow(ADMIN, "kms:Get*"), id="another action"),
        pytest.param(deny(ADMIN), id="a deny"),
        pytest.param(allow(ADMIN, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), id="a condition"),
        pytest.param(allow(ADMIN, Resource="arn:aws:kms:us-east-1:111122223333:key/1"), id="another resource"),
        pytest.param(without(allow(ADMIN), "Resource", NotResource="arn:x"), id="not resource"),
        pytest.param(without(allow(ADMIN), "Action", NotAction="kms:Put*"), id="not action that names it"),
        pytest.param(without(allow(ADMIN), "Principal", NotPrincipal={"AWS": OTHER}), id="not principal"),
        pytest.param(allow("arn:aws:iam::444455556666:role/Admin"), id="another account"),
        pytest.param(allow("arn:aws-cn:iam::111122223333:role/Admin"), id="another partition"),
        pytest.param(allow("AROAEXAMPLEEXAMPLE123"), id="a deleted role"),
        pytest.param(without(allow(ADMIN), "Principal", Principal={"Service": "s3.amazonaws.com"}), id="a service"),
    ],
)
def test_other_statements_make_nobody_an_administrator(statement):
    assert admins(statement) == frozenset()


def test_an_action_that_not_action_leaves_out_is_allowed():
    assert admins(without(allow(ADMIN), "Action", NotAction="kms:Get*")) == {ADMIN}


def test_everybody_may_be_an_administrator():
    assert admins(allow("*")) == {"*"}


def test_a_bare_account_id_is_the_root_of_the_partition():
    assert admins(allow(ACCOUNT), partition="aws-us-gov") == {f"arn:aws-us-gov:iam::{ACCOUNT}:root"}


def test_an_administrator_that_is_denied_is_none():
    assert admins(allow([ADMIN, OTHER]), deny(OTHER)) == {ADMIN}
    assert admins(allow([ADMIN, OTHER, ROOT]), deny("*")) == frozenset()
    assert admins(allow("*"), deny("*")) == frozenset()
    assert admins(allow("*"), deny(OTHER)) == {"*"}


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([DELEGATED], id="through the account"),
        pytest.param([allow(ADMIN)], id="as the role of the session, whatever its path"),
        pytest.param([allow(SESSION)], id="as the session itself"),
        pytest.param([allow("*")], id="as everybody"),
        pytest.param([DELEGATED, deny(OTHER)], id="another is denied"),
        pytest.param([DELEGATED, deny("*", "kms:ScheduleKeyDeletion")], id="another action is denied"),
        pytest.param([DELEGATED, without(deny("*"), "Action", NotAction="kms:*")], id="all other services are denied"),
        pytest.param([DELEGATED, without(deny("*"), "Principal", NotPrincipal="*")], id="nobody is denied"),
        pytest.param(
            [DELEGATED, without(deny("*"), "Principal", NotPrincipal={"AWS": [ADMIN, ACCOUNT]})],
            id="all but the role and its account are denied",
        ),
        pytest.param(
            [DELEGATED, without(deny("*"), "Principal", Principal={"Service": "s3.amazonaws.com"})],
            id="a service is denied",
        ),
    ],
)
def test_a_caller_that_keeps_access_is_not_locked_out(statements):
    assert lockout(*statements) is None


SPARING = {
    "without TLS": {"Bool": {"aws:SecureTransport": False}},
    "bypassing the check": {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}},
    "from other accounts": {"StringNotEquals": {"kms:CallerAccount": [ACCOUNT, "444455556666"]}},
    "of other accounts": {"StringNotLike": {"aws:principalaccount": ACCOUNT}},
    "other roles, exactly": {"StringNotEquals": {"aws:PrincipalArn": [OTHER, ADMIN]}},
    "other roles, like": {"StringNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/Adm*"}},
    "other roles, by ARN": {"ArnNotEquals": {"aws:PrincipalArn": ADMIN}},
    "other roles, by ARN pattern": {"ArnNotLikeIfExists": {"aws:PrincipalArn": "arn:aws:iam::*:role/Ad?in"}},
    "one of two tests fails": {
        "ArnNotLike": {"aws:PrincipalArn": ADMIN},
        "StringEquals": {"aws:RequestedRegion": "us-east-1"},
    },
}


@pytest.mark.parametrize("condition", SPARING.values(), ids=SPARING)
def test_a_deny_that_plainly_spares_the_caller_locks_nobody_out(condition):
    assert lockout(DELEGATED, deny("*", "kms:*", Condition=condition)) is None


HITTING = {
    "with TLS": {"Bool": {"aws:SecureTransport": "true"}},
    "not bypassing the check": {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": ["true", "false"]}},
    "from this account": {"StringEquals": {"kms:CallerAccount": ACCOUNT}},
    "from accounts but another": {"StringNotEquals": {"kms:CallerAccount": "444455556666"}},
    "roles but another": {"ArnNotEquals": {"aws:PrincipalArn": OTHER}},
    "roles but those of a pattern, exactly": {"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}},
    "roles but the session, which is none": {"StringNotEquals": {"aws:PrincipalArn": SESSION}},
    "not bypassing the check, or not saying so": {"BoolIfExists": {"kms:BypassPolicyLockoutSafetyCheck": "true"}},
    "roles but those of a pattern with a path, exactly": {
        "StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*/Admin"}
    },
    "roles but those of a path": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/ops*/Admin"}},
    "this role": {"ArnEquals": {"aws:PrincipalArn": ADMIN}},
    "a set of roles": {"ForAllValues:ArnNotEquals": {"aws:PrincipalArn": ADMIN}},
    "something nobody can foresee": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
}


@pytest.mark.parametrize("condition", HITTING.values(), ids=HITTING)
def test_a_deny_that_may_hit_the_caller_counts(condition):
    reason = lockout(DELEGATED, deny("*", "kms:*", Sid="Keep out", Condition=condition))
    assert reason == f"the statement Keep out denies kms:PutKeyPolicy to {SESSION}"


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(deny(ADMIN), id="the role"),
        pytest.param(deny(ACCOUNT), id="the account, which is everybody in it"),
        pytest.param(deny("*", "*"), id="everybody"),
        pytest.param(deny(f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/bob"), id="another session of the role"),
        pytest.param(without(deny("*"), "Principal", NotPrincipal={"AWS": ADMIN}), id="the account is not spared"),
        pytest.param(without(deny("*"), "Principal", NotPrincipal={"AWS": ACCOUNT}), id="the role is not spared"),
        pytest.param(
            without(deny("*"), "Principal", NotPrincipal={"AWS": [f"{SESSION}2", ACCOUNT]}),
            id="another session is spared",
        ),
        pytest.param(without(deny("*"), "Action", NotAction="kms:Get*"), id="all other actions"),
        pytest.param(deny("*", Resource="arn:aws:kms:us-east-1:111122223333:key/1"), id="some resource"),
    ],
)
def test_a_deny_is_honoured_before_any_allow(statement):
    assert (
        lockout(DELEGATED, allow(ADMIN), statement) == f"a statement without Sid denies kms:PutKeyPolicy to {SESSION}"
    )


def test_the_one_left_with_access_is_named():
    reason = lockout(allow([OTHER, USER]))
    assert reason == f"kms:PutKeyPolicy is allowed to {OTHER}, {USER}, and not to {SESSION}"


def test_a_policy_that_nobody_could_change_is_told():
    reason = lockout(allow(ADMIN, "kms:Decrypt"))
    assert (
        reason
        == "no statement allows kms:PutKeyPolicy to anybody without conditions: the policy could never be changed"
    )


@pytest.mark.parametrize("caller", [ROOT, USER, f"arn:aws:sts::{ACCOUNT}:federated-user/carol"])
def test_other_kinds_of_caller_are_known_by_their_arn(caller):
    assert lockout(allow(caller), caller=caller) is None
    assert lockout(allow(ADMIN), caller=caller) is not None
    assert lockout(DELEGATED, deny("*", Condition={"ArnNotLike": {"aws:PrincipalArn": caller}}), caller=caller) is None


def test_a_role_is_not_spared_by_the_name_of_one_with_another_path():
    condition = {"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/Admin"}}
    assert lockout(DELEGATED, deny("*", Condition=condition), caller=ADMIN) is not None
    condition["StringNotEquals"]["aws:PrincipalArn"] = ADMIN
    assert lockout(DELEGATED, deny("*", Condition=condition), caller=ADMIN) is None


@pytest.mark.parametrize("caller", ["arn:aws:iam::444455556666:role/Admin", "nobody", "\x1b[31m"])
def test_a_caller_of_another_account_is_locked_out_whatever_the_policy_says(caller):
    reason = lockout(DELEGATED, allow("*"), allow("arn:aws:iam::444455556666:role/Admin"), caller=caller)
    assert "does not work across accounts" in reason
    assert "\x1b" not in reason


def test_names_in_a_reason_are_safe_to_print():
    reason = lockout(DELEGATED, deny("*", Sid="\x9b31m"))
    assert "\x9b" not in reason
