"""Key policies as KMS takes them: what a text rules, or why it cannot be read."""

from __future__ import annotations

import json

import pytest

from reconciler.policy.accepted import read_key_policy
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import Unparsable

GOOD = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
WITHOUT_ACTION = {"Effect": "Deny", "Principal": "*", "Resource": "*"}


def read(*statements, **elements):
    return read_key_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | elements))


@pytest.mark.parametrize(
    ("statements", "count"),
    [([GOOD], 1), ([GOOD, WITHOUT_ACTION], 1), ([WITHOUT_ACTION, WITHOUT_ACTION], 0)],
    ids=["all rule", "one rules", "none rules"],
)
def test_statements_that_rule_nothing_are_left_out(statements, count):
    document = read(*statements)
    assert isinstance(document, PolicyDocument)
    assert len(document.statements) == count


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "7",
        "[" * 100_000,
        '{"Statement": []}',
        '{"Statement": {"Effect": "Allow"}}',
        json.dumps({"Statement": [WITHOUT_ACTION, {**GOOD, "Action": 7}]}),
        json.dumps({"Statement": WITHOUT_ACTION, "Versoin": "2012-10-17"}),
    ],
    ids=["no JSON", "a list", "a number", "deep", "no statement", "no principal", "another fault", "unknown element"],
)
def test_what_cannot_be_read_says_why(text):
    document = read_key_policy(text)
    assert isinstance(document, Unparsable)
    assert document.why


def test_one_statement_needs_no_list():
    assert read(Statement=WITHOUT_ACTION) == read(WITHOUT_ACTION)
