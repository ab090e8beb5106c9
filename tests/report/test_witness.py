"""How a difference in meaning is told: in one line, and as JSON."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.model.observed import Account
from reconciler.policy.compare import PolicyDiff
from reconciler.policy.meaning import Effectiveness, Undecided, Witness
from reconciler.report.json import policy as as_json
from reconciler.report.lines import Mark
from reconciler.report.policylines import Place, diff_lines, policy_lines
from reconciler.report.witnesslines import witness_line

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text("utf-8"))

NOT, DELEGATED, LIMITED, DIRECT, DENIED = Effectiveness
APP = "arn:aws:iam::111122223333:role/app"
KEY = "arn:aws:kms:us-east-1:111122223333:key/k"
HERE = Place(Account("111122223333", "us-east-1", "aws", APP), "k")


def witness(before, after, **facts):
    return Witness(APP, "kms:Decrypt", KEY, facts, before, after)


@pytest.mark.parametrize(
    ("before", "after", "turn"),
    [
        (NOT, LIMITED, "now allowed"),
        (NOT, DIRECT, "now allowed"),
        (NOT, DELEGATED, "now left to IAM policies"),
        (NOT, DENIED, "now denied"),
        (DENIED, NOT, "no longer denied"),
        (DENIED, DIRECT, "now allowed"),
        (DENIED, DELEGATED, "now left to IAM policies"),
        (LIMITED, NOT, "no longer allowed"),
        (LIMITED, DELEGATED, "now only left to IAM policies"),
        (DELEGATED, LIMITED, "now allowed without IAM policies"),
        (DELEGATED, NOT, "no longer allowed"),
        (LIMITED, DIRECT, "now allowed beyond permission boundaries and session policies"),
        (DIRECT, LIMITED, "now only allowed within permission boundaries and session policies"),
    ],
)
def test_what_becomes_of_a_request_is_said_in_so_many_words(before, after, turn):
    assert witness_line(witness(before, after)).text == f"{turn}: {APP} kms:Decrypt"


def test_the_condition_keys_that_matter_are_told_as_aws_spells_them():
    found = witness(NOT, LIMITED, **{"kms:viaservice": ("s3",), "aws:tagkeys": ("a", "b"), "x:y": ()})
    told = witness_line(found).text
    assert told.endswith("when kms:ViaService is s3 and aws:TagKeys is a, b and x:y is missing")


def test_what_nobody_could_tell_is_said():
    line = witness_line(Undecided("there is too much"))
    assert (line.mark, line.text) == (Mark.NOTED, "taken for different: there is too much")


def test_a_hostile_value_is_escaped():
    assert "\x1b" not in witness_line(witness(NOT, LIMITED, **{"x:y": ("\x1b[31m",)})).text


def statement(action):
    return {"Effect": "Allow", "Principal": {"AWS": APP}, "Action": action, "Resource": "*"}


def text(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_other_words_are_cosmetic_lines_all_of_them():
    after = text(statement("kms:Sign"), statement("kms:Verify"))
    lines = [*policy_lines("policy", text(statement(["kms:Sign", "kms:Verify"])), after, HERE)]
    assert {line.mark for line in lines} == {Mark.COSMETIC}
    assert [line.text for line in lines[:2]] == ["policy", "other words (mean the same):"]
    assert any(line.text.startswith("+ ") for line in lines)


@pytest.mark.parametrize(
    "diff",
    [
        PolicyDiff(),
        PolicyDiff(difference=witness(NOT, LIMITED, **{"kms:viaservice": ("s3",)})),
        PolicyDiff(difference=Undecided("there is too much")),
    ],
    ids=["none", "witness", "undecided"],
)
def test_json_of_a_difference_is_as_its_schema_says(diff):
    encoded = as_json.encode(diff)
    Draft202012Validator({"$ref": "#/$defs/policyDiff", "$defs": SCHEMA["$defs"]}).validate(encoded)
    assert [line.text for line in diff_lines(diff)][:1] == (
        [] if diff.difference is None else [witness_line(diff.difference).text]
    )


def test_json_of_a_witness():
    encoded = as_json.encode(PolicyDiff(difference=witness(NOT, DENIED, **{"kms:viaservice": ("s3",), "x:y": ()})))
    assert encoded["difference"] == {
        "principal": APP,
        "action": "kms:Decrypt",
        "resource": KEY,
        "context": {"kms:ViaService": ["s3"], "x:y": []},
        "before": "not-allowed",
        "after": "denied",
    }
