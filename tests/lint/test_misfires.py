"""What is right, and what linters like to find fault with: here nobody says more than a note."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from reconciler.kit.absent import ABSENT
from reconciler.lint import IdentitySubject, Severity, lint
from reconciler.model.desired import AutomaticRotation, ManualRotation
from reconciler.model.identifiers import Days
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from tests.lint.build import policy, subject

HMAC = {"key_spec": KeySpec.HMAC_256, "key_usage": KeyUsage.GENERATE_VERIFY_MAC}
SIGNING = {"key_spec": KeySpec.ECC_NIST_P256, "key_usage": KeyUsage.SIGN_VERIFY}


def told(**fields):
    return {one.check.id for one in lint([subject(**fields)]) if one.severity is not Severity.NOTE}


def cases(file):
    return yaml.safe_load((Path(__file__).parent / "good" / file).read_text("utf-8"))


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({**HMAC, "rotation": ABSENT}, id="HMAC keys, which CKV_AWS_7 finds"),
        pytest.param({**SIGNING, "rotation": ABSENT}, id="asymmetric keys"),
        pytest.param({"origin": Origin.EXTERNAL, "rotation": ABSENT}, id="imported keys"),
        pytest.param({"origin": Origin.AWS_CLOUDHSM, "rotation": ABSENT}, id="keys of a key store"),
        pytest.param({"replica": True, "multi_region": True, "rotation": ABSENT}, id="replicas"),
        pytest.param({"rotation": ManualRotation(Days(365))}, id="keys that are replaced"),
        pytest.param({"rotation": None}, id="keys whose rotation was not read"),
        pytest.param({"rotation": AutomaticRotation(Days(90))}, id="keys that are rotated"),
    ],
)
def test_rotation_is_not_asked_of(fields):
    assert told(**fields) == set()


def test_rotation_is_not_asked_of_a_key_that_is_about_to_go():
    assert told(state=KeyState.PENDING_DELETION, rotation=ABSENT) == {"KC501"}


@pytest.mark.parametrize("case", cases("statements.yaml"), ids=lambda case: case["right"])
def test_a_policy_is_right_that_has(case):
    assert told(policy=policy(*case["statements"])) == set()


def test_a_date_that_kms_compares_as_a_number_is_right_as_its_documentation_has_it():
    until = {"NumericLessThanEquals": {"kms:ValidTo": "1546257599.0"}}
    importing = {**OPEN, "Principal": {"AWS": APP}, "Action": "kms:ImportKeyMaterial", "Condition": until}
    assert told(origin=Origin.EXTERNAL, rotation=ABSENT, policy=policy(importing)) == set()


APP = "arn:aws:iam::111122223333:role/app"
OPEN = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
FENCE = {**OPEN, "Effect": "Deny"}
ORGANISATION = {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}


@pytest.mark.parametrize("case", cases("fences.yaml"), ids=lambda case: case["fence"])
def test_a_fence_around_a_public_statement_counts_when_it_keeps_strangers_out(case):
    fence = {**FENCE, "Condition": case["condition"]}
    assert ("KC201" in told(policy=policy(OPEN, fence))) is not case["closed"]


def test_a_fence_that_names_only_some_actions_leaves_the_others_open():
    fence = {**FENCE, "Condition": ORGANISATION, "Action": "kms:Encrypt"}
    assert "KC201" in told(policy=policy(OPEN, fence))


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        pytest.param({"StringEquals": {"aws:ResourceTag/team": "a"}}, set(), id="by a tag"),
        pytest.param({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/app-*"}}, set(), id="by an alias"),
        pytest.param({"StringLike": {"aws:ResourceTag/team": "*"}}, {"KC306"}, id="by any value of a tag"),
        pytest.param({"StringEqualsIfExists": {"aws:ResourceTag/team": "a"}}, {"KC306"}, id="and those without tags"),
        pytest.param(
            {"ForAllValues:StringEquals": {"kms:ResourceAliases": "alias/a"}}, {"KC306"}, id="or without aliases"
        ),
        pytest.param({"StringNotEquals": {"aws:ResourceTag/team": "a"}}, {"KC306"}, id="of all others"),
        pytest.param({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, {"KC306"}, id="of a Region"),
    ],
)
def test_keys_that_an_iam_policy_chooses_are_not_every_key(condition, found):
    statement = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": condition}
    policy_ = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert {one.check.id for one in lint([IdentitySubject("policy/reports", policy_)])} == found
