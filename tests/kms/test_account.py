"""Whose account it is, and whether it may be."""

from __future__ import annotations

import pytest

from reconciler.kit.errors import KmsctlError, Refused
from reconciler.kms.account import check_account, identify
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account
from reconciler.model.target import Target
from tests.support.faulty import Scripted

ACCOUNT = Account("111122223333", "cn-north-1", "aws-cn", "arn:aws-cn:iam::111122223333:user/ann")


def test_the_caller_is_identified_with_its_partition() -> None:
    answer = {"Account": ACCOUNT.account_id, "Arn": ACCOUNT.caller_arn, "UserId": "AIDA"}
    assert identify(Scripted(sts__GetCallerIdentity=lambda _: answer), "cn-north-1") == ACCOUNT


@pytest.mark.parametrize("answer", [{}, {"Account": "1"}, {"Arn": "arn:aws:iam::1:root"}, {"Account": "1", "Arn": "?"}])
def test_an_endpoint_that_does_not_say_who_calls_is_told(answer: dict) -> None:
    with pytest.raises(KmsctlError, match="does not say whose account"):
        identify(Scripted(sts__GetCallerIdentity=lambda _: answer), "us-east-1")


@pytest.mark.parametrize(
    "target",
    [
        Target(),
        Target(account_id="111122223333"),
        Target(allowed_account_ids=("999988887777", "111122223333")),
        Target(account_id="111122223333", allowed_account_ids=("111122223333",)),
    ],
    ids=["any", "the one", "listed", "both"],
)
def test_an_account_that_the_target_may_be_is_accepted(target: Target) -> None:
    check_account(target, ACCOUNT)


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (Target(TargetName("prod"), account_id="999988887777"), "target 'prod' is account 999988887777"),
        (Target(account_id="999988887777"), "the target is account 999988887777"),
        (Target(allowed_account_ids=("999988887777",)), "the target does not allow account 111122223333"),
        (Target(account_id="111122223333", allowed_account_ids=("999988887777",)), "does not allow"),
        (Target(TargetName("\x1b[2J"), account_id="999988887777"), r"target '\\x1b[2J'"),
    ],
    ids=["named", "unnamed", "not listed", "right but not listed", "hostile name"],
)
def test_another_account_is_refused(target: Target, says: str) -> None:
    with pytest.raises(Refused) as caught:
        check_account(target, ACCOUNT)
    assert says in caught.value.what
    assert caught.value.exit_code == 3
    assert caught.value.fix
