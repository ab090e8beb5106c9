"""Policies as large as KMS takes them are looked at in seconds, however their conditions are written."""

from __future__ import annotations

import json

import pytest

from reconciler.lint import Subject, lint

ROOT = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}
DENIED = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "kms:Sign", "Resource": "*"}


def conditioned(number: int) -> dict[str, object]:
    """A statement whose condition is as hard to compare as they come."""
    return {
        "Sid": f"S{number}",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::111122223333:role/r{number % 9}"},
        "Action": ["kms:Decrypt", "kms:Gen*"],
        "Resource": "*",
        "Condition": {"StringLike": {"kms:EncryptionContext:a": f"*x{number}*?y*"}},
    }


def found(*statements: object) -> set[str]:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ROOT, *statements]})
    return {one.check.id for one in lint([Subject("Key/k", account="111122223333", policy=policy)])}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("count", [6, 20, 90])
def test_a_policy_with_many_conditions_is_looked_at_soon(count):
    shadowed = {**DENIED, "Sid": "Yes", "Effect": "Allow", "Principal": ROOT["Principal"]}
    assert "KC131" in found(shadowed, DENIED, *map(conditioned, range(count)))


@pytest.mark.timeout(60)
def test_a_policy_of_many_plain_statements_is_looked_at_whole():
    roles = [f"arn:aws:iam::111122223333:role/r{number}" for number in range(150)]
    plain = [{**ROOT, "Principal": {"AWS": role}, "Action": "kms:Decrypt"} for role in roles]
    assert "KC131" in found(*plain, {**DENIED, "Effect": "Allow", "Sid": "Yes", "Principal": {"AWS": roles[0]}}, DENIED)
