"""Users and roles, read from IAM."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kms.iam import OPERATION, read_identities
from reconciler.model.observed import Account
from reconciler.policy.access import Ask, Standing, can
from reconciler.policy.evaluate import Unparsable
from tests.policy.access.world import ACCOUNT, APP, BOB, DELEGATED, key

ME = Account(ACCOUNT, "us-east-1", "aws", f"arn:aws:iam::{ACCOUNT}:root")
DECRYPT = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}}
NOTHING = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
MANAGED = f"arn:aws:iam::{ACCOUNT}:policy/decrypt"
LONG = {**DECRYPT, "Statement": [{**DECRYPT["Statement"], "Sid": f"S{n}"} for n in range(200)]}


def managed(document, arn=MANAGED):
    versions = [
        {"VersionId": "v1", "IsDefaultVersion": False, "Document": NOTHING},
        {"VersionId": "v2", "IsDefaultVersion": True, "Document": document},
    ]
    return {"PolicyName": arn.rpartition("/")[2], "Arn": arn, "PolicyVersionList": versions}


def user(**more):
    return {"UserName": "bob", "Arn": BOB, **more}


def role(**more):
    return {"RoleName": "App", "Arn": APP, **more}


def inline(document):
    return [{"PolicyName": "inline", "PolicyDocument": document}]


def attached(arn=MANAGED):
    return [{"PolicyName": "decrypt", "PolicyArn": arn}]


def read(*pages):
    """What is read of IAM, when it answers with these pages."""
    answers = iter(pages)
    asked = []

    def kms(operation, parameters):
        assert operation == OPERATION
        asked.append(parameters.get("Marker"))
        return next(answers)

    return read_identities(kms, ME), asked


def standing(principal, *pages):
    identities, _ = read(*pages)
    ask = identities.informed(Ask(principal, "kms:Decrypt"))
    return can(key(DELEGATED), ask, identities.policies_of(principal)).standing


GROUP = {"GroupName": "readers", "GroupPolicyList": inline(DECRYPT)}


@pytest.mark.parametrize(
    ("principal", "page", "expected"),
    [
        pytest.param(BOB, {"UserDetailList": [user(UserPolicyList=inline(DECRYPT))]}, "ALLOWED", id="inline"),
        pytest.param(APP, {"RoleDetailList": [role(RolePolicyList=inline(DECRYPT))]}, "ALLOWED", id="of a role"),
        pytest.param(
            BOB,
            {"UserDetailList": [user(UserPolicyList=inline(quote(json.dumps(DECRYPT))))]},
            "ALLOWED",
            id="as IAM sends it",
        ),
        pytest.param(
            BOB,
            {"UserDetailList": [user(AttachedManagedPolicies=attached())], "Policies": [managed(DECRYPT)]},
            "ALLOWED",
            id="attached, in its default version",
        ),
        pytest.param(
            BOB,
            {"UserDetailList": [user(AttachedManagedPolicies=attached())], "Policies": [managed(LONG)]},
            "ALLOWED",
            id="longer than anybody but AWS may have it",
        ),
        pytest.param(
            BOB,
            {"UserDetailList": [user(GroupList=["readers", "gone"])], "GroupDetailList": [GROUP]},
            "ALLOWED",
            id="of a group",
        ),
        pytest.param(
            BOB,
            {
                "UserDetailList": [user(GroupList=["g"])],
                "GroupDetailList": [{"GroupName": "g", "AttachedManagedPolicies": attached()}],
                "Policies": [managed(DECRYPT)],
            },
            "ALLOWED",
            id="attached to a group",
        ),
        pytest.param(
            BOB,
            {
                "UserDetailList": [
                    user(
                        UserPolicyList=inline(DECRYPT),
                        PermissionsBoundary={"PermissionsBoundaryArn": MANAGED},
                    )
                ],
                "Policies": [managed(NOTHING)],
            },
            "DENIED",
            id="within a boundary",
        ),
        pytest.param(BOB, {}, "DENIED", id="nobody is there"),
        pytest.param(
            BOB,
            {"UserDetailList": [user(UserPolicyList=inline(DECRYPT), AttachedManagedPolicies=attached())]},
            "DENIED",
            id="a policy that is not listed might deny",
        ),
        pytest.param(BOB, {"UserDetailList": [user(UserPolicyList=inline("{"))]}, "DENIED", id="no JSON"),
        pytest.param(BOB, {"UserDetailList": [user(UserPolicyList=inline({}))]}, "DENIED", id="no policy"),
    ],
)
def test_every_kind_of_policy_counts(principal, page, expected):
    assert standing(principal, page) is Standing[expected]


def test_a_managed_policy_without_a_default_version_cannot_be_read():
    hidden = {"Arn": MANAGED, "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": False}]}
    identities, _ = read({"UserDetailList": [user(AttachedManagedPolicies=attached())], "Policies": [hidden]})
    (policy,) = identities.policies_of(BOB).policies
    assert policy.document == Unparsable("IAM does not show its default version")


def test_tags_are_known():
    identities, _ = read({"UserDetailList": [user(Tags=[{"Key": "team", "Value": "a"}])]})
    assert identities.informed(Ask(BOB, "kms:Decrypt")).facts["aws:principaltag/team"] == ("a",)


def test_every_page_is_read():
    first = {"UserDetailList": [user(AttachedManagedPolicies=attached())], "IsTruncated": True, "Marker": "m"}
    second = {"Policies": [managed(DECRYPT)], "IsTruncated": False}
    assert read(first, second)[1] == [None, "m"]
    assert standing(BOB, first, second) is Standing.ALLOWED


@pytest.mark.parametrize("pages", [[{"IsTruncated": True}], [{"IsTruncated": True, "Marker": "m"}] * 2])
def test_half_a_list_is_not_taken_for_a_whole_one(pages):
    with pytest.raises(KmsctlError, match="incomplete"):
        read(*pages)


def refusing(code):
    def kms(operation, parameters):
        raise KmsError(code, "no", operation=operation)

    return kms


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_who_may_not_read_iam_is_told_what_it_takes(code):
    with pytest.raises(KmsctlError, match="may not be read from IAM") as refused:
        read_identities(refusing(code), ME)
    assert "iam:GetAccountAuthorizationDetails" in refused.value.fix


def test_other_failures_of_iam_stay_what_they_are():
    with pytest.raises(KmsError, match="Throttling"):
        read_identities(refusing("Throttling"), ME)
