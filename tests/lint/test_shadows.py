"""Statements without which a policy would mean the same."""

from __future__ import annotations

import json

import pytest

from reconciler.lint import lint
from tests.lint.build import policy, subject

ROLE = {"AWS": "arn:aws:iam::111122223333:role/app"}


def statement(action, effect="Allow", principal=ROLE, **more):
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}


def idle(*statements, **fields):
    """The ids of what is found, and the statements that it is about, the account's own the first."""
    found = lint([subject(policy=policy(*statements), **fields)])
    return {(one.check.id, one.path[1]) for one in found if one.check.id in ("KC131", "KC132")}


WHEN = {"Condition": {"StringEquals": {"kms:EncryptionContext:app": "a"}}}
SOMETIMES = {"Condition": {"StringEquals": {"kms:EncryptionContext:app": ["a", "b"]}}}
DECRYPT, ENCRYPT = statement("kms:Decrypt"), statement("kms:Encrypt")
REFUSED = statement("kms:Decrypt", "Deny")
EVERYBODY_REFUSED = statement("kms:*", "Deny", "*")


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        pytest.param((DECRYPT, statement("kms:De*")), {("KC132", 1)}, id="a wider action"),
        pytest.param((DECRYPT | WHEN, DECRYPT), {("KC132", 1)}, id="no condition"),
        pytest.param((DECRYPT | WHEN, DECRYPT | SOMETIMES), {("KC132", 1)}, id="a wider condition"),
        pytest.param((DECRYPT, DECRYPT | WHEN), {("KC132", 2)}, id="a narrower condition"),
        pytest.param((DECRYPT, REFUSED | WHEN), set(), id="a denial at times"),
        pytest.param((DECRYPT | WHEN, REFUSED | SOMETIMES), {("KC131", 1)}, id="a denial whenever it is allowed"),
        pytest.param((DECRYPT, REFUSED | {"Principal": "*"}), {("KC131", 1)}, id="a denial to everybody"),
        pytest.param((REFUSED, EVERYBODY_REFUSED | WHEN), set(), id="another denial at times"),
        pytest.param(
            (statement(["kms:Decrypt", "kms:Encrypt"]), DECRYPT, ENCRYPT | {"Effect": "Deny"}),
            {("KC132", 1), ("KC132", 2)},
            id="one of two, and neither of them",
        ),
        pytest.param((statement("kms:ListKeys"), statement("kms:List*")), set(), id="nothing by itself"),
        pytest.param((DECRYPT, DECRYPT), set(), id="its double"),
    ],
)
def test_a_statement_that_changes_nothing_is_found(statements, found):
    assert idle(*statements) == found
    assert idle(*statements, account=None) == found


def test_a_statement_among_very_many_about_the_same_is_not_looked_at():
    many = [
        statement("kms:Encrypt", Sid=f"S{number}", Condition={"StringLike": {"kms:ViaService": f"s{number}.*"}})
        for number in range(20)
    ]
    assert idle(statement("kms:Encrypt", **WHEN), statement("kms:Encrypt"), *many[:3])
    assert not idle(statement("kms:Encrypt", **WHEN), *many, statement("kms:Encrypt"))


def test_a_policy_that_names_no_account_is_not_looked_at():
    service = {"Service": "s3.amazonaws.com"}
    text = json.dumps(
        {"Statement": [statement("kms:Decrypt", principal=service), statement("kms:De*", principal=service)]}
    )
    assert not {"KC131", "KC132"} & {one.check.id for one in lint([subject(policy=text, account=None)])}
