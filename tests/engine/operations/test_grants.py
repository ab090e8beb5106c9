"""Grants."""

from __future__ import annotations

import pytest

APP = "arn:aws:iam::111122223333:role/app"
RETIRE = "arn:aws:iam::111122223333:role/retire"
CONTEXT = {"EncryptionContextSubset": {"tenant": "a"}}


@pytest.fixture
def key(new_key):
    return new_key()


@pytest.fixture
def grant(kms, key):
    def create(**parameters):
        given = {"KeyId": key["KeyId"], "GranteePrincipal": APP, "Operations": ["Decrypt"], **parameters}
        return kms("CreateGrant", {name: value for name, value in given.items() if value is not None})

    return create


def listed(kms, key, **parameters):
    return kms("ListGrants", {"KeyId": key["KeyId"], **parameters})["Grants"]


def test_a_grant_is_listed_with_all_that_it_says(kms, key, grant, clock):
    made = grant(Name="app", Operations=["Encrypt", "Decrypt"], Constraints=CONTEXT, RetiringPrincipal=RETIRE)
    assert listed(kms, key) == [
        {
            "KeyId": key["Arn"],
            "GrantId": made["GrantId"],
            "Name": "app",
            "CreationDate": clock.now(),
            "GranteePrincipal": APP,
            "RetiringPrincipal": RETIRE,
            "IssuingAccount": "arn:aws:iam::111122223333:root",
            "Operations": ["Decrypt", "Encrypt"],
            "Constraints": CONTEXT,
        }
    ]


def test_the_same_named_grant_is_the_same_grant_with_a_new_token(kms, key, grant):
    first, second = grant(Name="app"), grant(Name="app")
    assert first["GrantId"] == second["GrantId"]
    assert first["GrantToken"] != second["GrantToken"]
    assert len(listed(kms, key)) == 1


@pytest.mark.parametrize(
    "change",
    [{"Operations": ["Encrypt"]}, {"Constraints": CONTEXT}, {"RetiringPrincipal": RETIRE}, {"Name": "other"}],
    ids=["operations", "constraints", "retiring principal", "name"],
)
def test_a_named_grant_that_says_something_else_is_another_grant(kms, key, grant, change):
    assert grant(Name="app")["GrantId"] != grant(**{"Name": "app", **change})["GrantId"]
    assert len(listed(kms, key)) == 2


def test_grants_without_a_name_are_never_the_same(kms, key, grant):
    assert grant()["GrantId"] != grant()["GrantId"]


def test_order_and_repetition_of_operations_mean_nothing(grant):
    first = grant(Name="app", Operations=["Encrypt", "Decrypt", "Encrypt"])
    assert grant(Name="app", Operations=["Decrypt", "Encrypt"])["GrantId"] == first["GrantId"]


def test_grants_are_found_by_grantee_and_id(kms, key, grant):
    first, second = grant(), grant(GranteePrincipal=RETIRE)
    assert [one["GrantId"] for one in listed(kms, key, GranteePrincipal=RETIRE)] == [second["GrantId"]]
    assert [one["GrantId"] for one in listed(kms, key, GrantId=first["GrantId"])] == [first["GrantId"]]
    assert listed(kms, key, GrantId=first["GrantId"], GranteePrincipal=RETIRE) == []


def test_grants_are_paged(kms, key, grant):
    made = [grant()["GrantId"] for _ in range(3)]
    first = kms("ListGrants", {"KeyId": key["KeyId"], "Limit": 2})
    second = kms("ListGrants", {"KeyId": key["KeyId"], "Limit": 2, "Marker": first["NextMarker"]})
    assert [one["GrantId"] for one in first["Grants"] + second["Grants"]] == made


def test_a_service_may_be_the_grantee(kms, key, grant):
    service = {
        "GranteePrincipal": None,
        "GranteeServicePrincipal": "ec2.us-east-1.amazonaws.com",
        "RetiringServicePrincipal": "ec2.us-east-1.amazonaws.com",
        "Constraints": {"SourceArn": "arn:aws:ec2:us-east-1:111122223333:volume/v"},
    }
    grant(**service)
    (entry,) = listed(kms, key)
    assert entry["GranteeServicePrincipal"] == "ec2.us-east-1.amazonaws.com"
    assert "GranteePrincipal" not in entry


REFUSALS = {
    "no grantee": ({"GranteePrincipal": None}, "ValidationException", "either GranteePrincipal or"),
    "two grantees": ({"GranteeServicePrincipal": "a.b.com"}, "ValidationException", "but not both"),
    "two retiring principals": (
        {"RetiringPrincipal": RETIRE, "RetiringServicePrincipal": "a.b.com"},
        "ValidationException",
        "RetiringPrincipal or RetiringServicePrincipal, but not both",
    ),
    "a service without source": (
        {"GranteePrincipal": None, "GranteeServicePrincipal": "a.b.com", "RetiringPrincipal": RETIRE},
        "ValidationException",
        "SourceArn",
    ),
    "a service that nobody retires": (
        {
            "GranteePrincipal": None,
            "GranteeServicePrincipal": "a.b.com",
            "Constraints": {"SourceArn": "arn:aws:ec2:us-east-1:111122223333:volume/v"},
        },
        "ValidationException",
        "must specify RetiringPrincipal",
    ),
    "a grantee that is no ARN": ({"GranteePrincipal": "app"}, "InvalidArnException", "app"),
    "a grantee that is a bucket": ({"GranteePrincipal": "arn:aws:s3:::b"}, "InvalidArnException", "arn:aws:s3:::b"),
    "a grantee with a Region": (
        {"GranteePrincipal": "arn:aws:iam:us-east-1:111122223333:role/a"},
        "InvalidArnException",
        "role/a",
    ),
    "a grantee of no account": ({"GranteePrincipal": "arn:aws:iam::aws:role/a"}, "InvalidArnException", "role/a"),
    "a grantee with a wrong account": (
        {"GranteePrincipal": "arn:aws:iam::aaaabbbbcccc:role/a"},
        "InvalidArnException",
        "role/a",
    ),
    "no operations": ({"Operations": []}, "ValidationException", "at least one operation"),
    "operations of another key": ({"Operations": ["Sign", "Encrypt"]}, "ValidationException", "operations Sign are"),
    "an operation that cannot be granted": ({"Operations": ["EnableKey"]}, "ValidationException", "enum value set"),
    "nine pairs": (
        {"Constraints": {"EncryptionContextSubset": {f"pair {number}": "x" for number in range(9)}}},
        "ValidationException",
        "up to 8 encryption context pairs",
    ),
    "a long value": (
        {"Constraints": {"EncryptionContextEquals": {"pair": "x" * 385}}},
        "ValidationException",
        "cannot exceed 384 characters",
    ),
    "both contexts": (
        {"Constraints": {**CONTEXT, "EncryptionContextEquals": {}}},
        "ValidationException",
        "but not both",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_grant_that_cannot_be_is_refused(refused, kms, key, case):
    change, code, words = REFUSALS[case]
    given = {"KeyId": key["KeyId"], "GranteePrincipal": APP, "Operations": ["Decrypt"], **change}
    error = refused("CreateGrant", **given)
    assert error.code == code
    assert words in error.message
    assert listed(kms, key) == []


@pytest.mark.parametrize(
    ("kind", "allowed", "refused_one"),
    [
        ("RSA_2048 SIGN_VERIFY", ["Sign", "Verify", "GetPublicKey", "DescribeKey"], "Encrypt"),
        ("RSA_2048 ENCRYPT_DECRYPT", ["Encrypt", "ReEncryptTo", "GetPublicKey"], "GenerateDataKey"),
        ("HMAC_256 GENERATE_VERIFY_MAC", ["GenerateMac", "VerifyMac", "RetireGrant"], "GetPublicKey"),
        ("ECC_NIST_P256 KEY_AGREEMENT", ["DeriveSharedSecret", "CreateGrant"], "Sign"),
        ("ML_KEM_768 ENCAPSULATE_DECAPSULATE", ["Encapsulate", "Decapsulate"], "Decrypt"),
    ],
)
def test_operations_follow_the_keys_usage(kms, refused, new_key, kind, allowed, refused_one):
    spec, usage = kind.split()
    key = new_key(KeySpec=spec, KeyUsage=usage)["KeyId"]
    kms("CreateGrant", {"KeyId": key, "GranteePrincipal": APP, "Operations": allowed})
    assert refused("CreateGrant", KeyId=key, GranteePrincipal=APP, Operations=[refused_one]).code == (
        "ValidationException"
    )


def test_a_context_constraint_needs_a_symmetric_encryption_key(refused, new_key):
    key = new_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    error = refused("CreateGrant", KeyId=key, GranteePrincipal=APP, Operations=["Decrypt"], Constraints=CONTEXT)
    assert "only supported on symmetric encryption KMS keys" in error.message


def test_a_key_has_a_most_of_grants(engine, refused, key, grant):
    engine.set_limit("111122223333", "us-east-1", "grants-per-key", 2)
    grant(Name="one")
    grant(Name="two")
    error = refused("CreateGrant", KeyId=key["KeyId"], GranteePrincipal=APP, Operations=["Decrypt"])
    assert error.code == "LimitExceededException"
    grant(Name="two")


def test_a_grant_is_retired_by_token_or_by_key_and_id_and_revoked(kms, key, grant):
    kms("RetireGrant", {"GrantToken": grant()["GrantToken"]})
    kms("RetireGrant", {"KeyId": key["Arn"], "GrantId": grant()["GrantId"]})
    kms("RetireGrant", {"KeyId": key["KeyId"], "GrantId": grant()["GrantId"]})
    kms("RevokeGrant", {"KeyId": key["KeyId"], "GrantId": grant()["GrantId"]})
    assert listed(kms, key) == []


def test_a_grant_that_is_gone_is_not_found(kms, refused, key, grant):
    made = grant()
    kms("RetireGrant", {"GrantToken": made["GrantToken"]})
    assert refused("RetireGrant", GrantToken=made["GrantToken"]).code == "NotFoundException"
    assert refused("RevokeGrant", KeyId=key["KeyId"], GrantId=made["GrantId"]).code == "NotFoundException"


def test_wrong_ways_to_name_a_grant_are_refused(refused, key, grant):
    made = grant()
    assert refused("RevokeGrant", KeyId=key["KeyId"], GrantId="x").code == "InvalidGrantIdException"
    assert refused("RetireGrant").code == "ValidationException"
    assert refused("RetireGrant", KeyId=key["Arn"]).code == "ValidationException"
    assert refused("RetireGrant", KeyId=key["Arn"], GrantToken=made["GrantToken"]).code == "ValidationException"
    assert refused("RetireGrant", GrantToken="x").code == "InvalidGrantTokenException"


def test_dry_runs_change_nothing(kms, refused, key, grant):
    given = {"KeyId": key["KeyId"], "GranteePrincipal": APP, "Operations": ["Decrypt"], "DryRun": True}
    assert refused("CreateGrant", **given).code == "DryRunOperationException"
    assert listed(kms, key) == []
    made = grant()
    assert refused("RetireGrant", GrantToken=made["GrantToken"], DryRun=True).code == "DryRunOperationException"
    revoke = {"KeyId": key["KeyId"], "GrantId": made["GrantId"], "DryRun": True}
    assert refused("RevokeGrant", **revoke).code == "DryRunOperationException"
    assert len(listed(kms, key)) == 1


def test_a_grant_token_is_accepted_where_tokens_are(kms, key, grant):
    kms("DescribeKey", {"KeyId": key["KeyId"], "GrantTokens": [grant()["GrantToken"]]})


def test_retirable_grants_are_listed_over_all_keys_of_the_region(engine, kms, new_key, grant):
    first = grant(RetiringPrincipal=RETIRE)
    grant()
    other = new_key()
    second = kms(
        "CreateGrant",
        {"KeyId": other["KeyId"], "GranteePrincipal": APP, "RetiringPrincipal": RETIRE, "Operations": ["Encrypt"]},
    )
    grants = kms("ListRetirableGrants", {"RetiringPrincipal": RETIRE})["Grants"]
    assert [one["GrantId"] for one in grants] == [first["GrantId"], second["GrantId"]]
    assert grants[1]["KeyId"] == other["Arn"]
    assert engine.client(region="eu-west-1")("ListRetirableGrants", {"RetiringPrincipal": RETIRE})["Grants"] == []


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "ValidationException"),
        ({"RetiringPrincipal": RETIRE, "RetiringServicePrincipal": "a.b.com"}, "ValidationException"),
        ({"RetiringServicePrincipal": "a.b.com"}, "AccessDeniedException"),
        ({"RetiringPrincipal": "retire"}, "InvalidArnException"),
        ({"RetiringPrincipal": RETIRE.replace("1111", "4444")}, "AccessDeniedException"),
    ],
    ids=["none", "both", "service", "no ARN", "another account"],
)
def test_only_ones_own_retiring_principals_may_be_asked_for(refused, parameters, code):
    assert refused("ListRetirableGrants", **parameters).code == code


def test_only_one_grantee_may_be_asked_for(refused, key):
    both = {"GranteePrincipal": APP, "GranteeServicePrincipal": "a.b.com"}
    assert refused("ListGrants", KeyId=key["KeyId"], **both).code == "ValidationException"
