"""What is said against a new key policy: a table of policies and of who puts them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.model.observed import Account
from reconciler.plan.changes import RiskLevel
from reconciler.plan.risk.policy import policy_risks
from tests.plan.access.saying import APP, DELEGATE, LOGS, ROOT, THEIR_ROOT, THEIRS, THEM, US, VIA_S3, allow, deny
from tests.support.pools import policy

DEPLOYER = f"arn:aws:sts::{US}:assumed-role/deployer/ci"
AS_ROOT = Account(US, "us-east-1", "aws", ROOT)
AS_DEPLOYER = replace(AS_ROOT, caller_arn=DEPLOYER)
AS_ALICE = replace(AS_ROOT, caller_arn=f"arn:aws:iam::{US}:user/alice")
MANAGE = "kms:PutKeyPolicy"
ADMIN = f"arn:aws:iam::{US}:role/admin"
IN_US = {"StringEquals": {"aws:PrincipalAccount": US}}


def risks(account: Account, *after: dict[str, Any], before: str | None = None) -> dict[str, str]:
    return {risk.name: risk.why for risk in policy_risks(account, policy(*after), before)}


@pytest.mark.parametrize(
    ("account", "after", "expected"),
    [
        pytest.param(AS_DEPLOYER, [DELEGATE], set(), id="the account decides"),
        pytest.param(AS_DEPLOYER, [allow(ADMIN, MANAGE)], {"policy-lockout"}, id="another one is left"),
        pytest.param(
            AS_DEPLOYER, [allow(APP, "kms:Decrypt")], {"policy-lockout", "last-administrator"}, id="nobody is left"
        ),
        pytest.param(
            AS_DEPLOYER,
            [DELEGATE, deny(f"arn:aws:iam::{US}:role/deployer", "kms:*")],
            {"policy-lockout"},
            id="a Deny hits the caller",
        ),
        pytest.param(
            AS_DEPLOYER, [DELEGATE, deny("*", MANAGE)], {"policy-lockout", "last-administrator"}, id="a Deny hits all"
        ),
        pytest.param(
            AS_ALICE,
            [allow(ROOT, "kms:*", when=IN_US)],
            set(),
            id="a condition that surely holds is no alarm",
        ),
        pytest.param(
            AS_ALICE,
            [allow(ROOT, "kms:*", when={"StringEquals": {"aws:PrincipalTag/team": "keys"}})],
            {"policy-lockout", "last-administrator"},
            id="one of which nobody knows is",
        ),
        pytest.param(
            AS_ALICE,
            [allow(ADMIN, "kms:*", when=IN_US)],
            {"policy-lockout"},
            id="somebody else who is surely allowed",
        ),
        pytest.param(
            AS_ALICE,
            [DELEGATE, deny("*", MANAGE, when={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{US}:role/b*"}})],
            set(),
            id="a Deny for others is no alarm",
        ),
        pytest.param(
            AS_DEPLOYER,
            [DELEGATE, deny("*", MANAGE, when={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{US}:role/b*"}})],
            {"policy-lockout"},
            id="but a session's ARN hides the path of its role",
        ),
        pytest.param(
            AS_ALICE,
            [allow(ROOT, "kms:*", when=IN_US, Resource=f"arn:aws:kms:*:{US}:key/a*")],
            {"policy-lockout", "last-administrator"},
            id="a key of another ARN may not be meant",
        ),
    ],
)
def test_whoever_puts_a_policy_must_be_able_to_put_the_next(account, after, expected):
    found = risks(account, *after)
    assert found.keys() == expected


def test_the_last_administrator_is_named():
    before = policy(allow(ADMIN, "kms:*"))
    assert ADMIN in risks(AS_ALICE, allow(APP, "kms:Sign"), before=before)["last-administrator"]
    assert "until now" not in risks(AS_ALICE, allow(APP, "kms:Sign"))["last-administrator"]
    assert "until now" not in risks(AS_ALICE, allow(APP, "kms:Sign"), before="no JSON")["last-administrator"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param([allow("*", "kms:Decrypt")], "role/anybody kms:Decrypt, by statement 2", id="everybody"),
        pytest.param([{**allow("*", "kms:Sign"), "Sid": "All"}], "kms:Sign, by statement All", id="by its Sid"),
        pytest.param(
            [allow("*", "kms:Decrypt", when=VIA_S3)],
            "kms:Decrypt, by statement 2",
            id="whoever calls through a service",
        ),
        pytest.param(
            [allow("*", "kms:Decrypt"), deny("*", "kms:Decrypt")], None, id="whom a Deny keeps out to the last"
        ),
        pytest.param(
            [
                allow("*", "kms:Decrypt"),
                deny("*", "kms:*", when={"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}),
            ],
            None,
            id="whom a Deny keeps out but for an organisation",
        ),
        pytest.param(
            [
                allow("*", "kms:Decrypt"),
                deny("*", "kms:*", when={"StringNotEquals": {"aws:PrincipalType": "User"}}),
            ],
            "use the key",
            id="a Deny for some strangers is not enough",
        ),
        pytest.param(
            [allow("*", "kms:Decrypt", when={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})],
            "use the key",
            id="of what nobody knows the request is not shown",
        ),
    ],
)
def test_a_public_policy_is_told_with_a_request_that_shows_it(more, expected):
    why = risks(AS_ROOT, DELEGATE, *more).get("public-policy")
    assert why is None if expected is None else why is not None and why.endswith(expected)


def test_nobody_chooses_where_he_is_from_to_meet_a_condition():
    ours = {"StringEquals": {"kms:CallerAccount": US, "kms:ViaService": "ssm.us-east-1.amazonaws.com"}}
    as_our_role = {"StringEquals": {"aws:PrincipalArn": f"arn:aws:iam::{US}:role/a"}}
    unsure = allow("*", "kms:Encrypt", when={"StringEquals": {"aws:PrincipalTag/team": "a"}})
    why = risks(
        AS_ROOT, DELEGATE, unsure, allow("*", "kms:Decrypt", when=ours), allow("*", "kms:Decrypt", when=as_our_role)
    )
    assert "Decrypt" not in why["public-policy"]


def test_what_was_public_before_and_who_was_let_in_is_no_news():
    before = policy(DELEGATE, allow("*", "kms:Decrypt"), allow(THEIRS, "kms:Sign"))
    assert risks(AS_ROOT, DELEGATE, allow("*", "kms:Sign"), allow(THEIR_ROOT, "kms:Encrypt"), before=before) == {}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param([allow(THEIR_ROOT, "kms:Decrypt")], f"{THEM}:role/anybody kms:Decrypt, by statement 2", id="all"),
        pytest.param([allow(THEIRS, "kms:GetPublicKey")], f"{THEIRS} kms:GetPublicKey, by statement 2", id="a role"),
        pytest.param([allow(THEIRS, MANAGE)], None, id="what works in the key's own account alone"),
        pytest.param([allow(THEIRS, "kms:Sign"), deny(THEIR_ROOT, "kms:*")], None, id="whom a Deny keeps out"),
        pytest.param(
            [allow(THEIRS, "kms:Sign", when={"Bool": {"aws:MultiFactorAuthPresent": "true"}})],
            f"{THEIRS} kms:Sign, by statement 2",
            id="under a condition",
        ),
        pytest.param(
            [allow(THEIRS, "kms:Sign", when={"NumericLessThan": {"aws:MultiFactorAuthAge": "9"}})],
            "gets access to the key",
            id="of what nobody knows the request is not shown",
        ),
    ],
)
def test_another_account_is_told_with_a_request_that_shows_it(more, expected):
    why = risks(AS_ROOT, DELEGATE, *more).get("external-account")
    assert why is None if expected is None else why is not None and why.endswith(expected)


def test_services_are_nobody_from_outside():
    assert risks(AS_ROOT, DELEGATE, allow({"Service": LOGS}, "kms:Decrypt")) == {}


def test_dangers_are_dangers_and_another_account_is_a_caution():
    found = policy_risks(AS_ROOT, policy(allow("*", "kms:Decrypt"), allow(THEIRS, "kms:Sign")), None)
    assert {risk.name: risk.level for risk in found} == {
        "policy-lockout": RiskLevel.DANGER,
        "last-administrator": RiskLevel.DANGER,
        "public-policy": RiskLevel.DANGER,
        "external-account": RiskLevel.CAUTION,
    }
