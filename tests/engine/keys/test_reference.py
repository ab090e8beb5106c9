"""What may stand for a key, and where."""

from __future__ import annotations

import pytest

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def key(kms, new_key):
    made = new_key()
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": made["KeyId"]})
    return made


@pytest.mark.parametrize("operation", ["DescribeKey", "Encrypt"])
@pytest.mark.parametrize("form", ["id", "ARN", "alias name", "alias ARN"])
def test_all_four_names_of_a_key_work(kms, key, operation, form):
    name = {
        "id": key["KeyId"],
        "ARN": key["Arn"],
        "alias name": "alias/a",
        "alias ARN": "arn:aws:kms:us-east-1:111122223333:alias/a",
    }[form]
    extra = {"Plaintext": b"x"} if operation == "Encrypt" else {}
    kms(operation, {"KeyId": name, **extra})


CASES = {
    "an unknown id": ("DescribeKey", UNKNOWN, "NotFoundException", f"key/{UNKNOWN}' does not exist"),
    "an unknown multi-Region id": ("DescribeKey", "mrk-" + "0" * 32, "NotFoundException", "does not exist"),
    "no id at all": ("DescribeKey", "nothing", "NotFoundException", "Invalid keyId 'nothing'"),
    "an unknown alias": (
        "DescribeKey",
        "alias/none",
        "NotFoundException",
        "Alias arn:aws:kms:us-east-1:111122223333:alias/none is not found.",
    ),
    "an alias in management": ("EnableKey", "alias/a", "NotFoundException", "Invalid keyId 'alias/a'"),
    "an alias ARN in management": (
        "EnableKey",
        "arn:aws:kms:us-east-1:111122223333:alias/a",
        "InvalidArnException",
        "Invalid arn",
    ),
    "another Region": (
        "DescribeKey",
        f"arn:aws:kms:eu-west-1:111122223333:key/{UNKNOWN}",
        "NotFoundException",
        "Invalid arn eu-west-1",
    ),
    "another partition": (
        "DescribeKey",
        f"arn:aws-cn:kms:us-east-1:111122223333:key/{UNKNOWN}",
        "NotFoundException",
        "Invalid arn",
    ),
    "another account": (
        "DescribeKey",
        f"arn:aws:kms:us-east-1:444455556666:key/{UNKNOWN}",
        "AccessDeniedException",
        "does not exist",
    ),
    "another kind of resource": (
        "DescribeKey",
        "arn:aws:kms:us-east-1:111122223333:grant/x",
        "InvalidArnException",
        "grant/x",
    ),
    "another service": ("DescribeKey", "arn:aws:s3:::bucket", "InvalidArnException", "arn:aws:s3:::bucket"),
    "half an ARN": ("DescribeKey", "arn:aws:kms", "InvalidArnException", "arn:aws:kms"),
    "another resource": (
        "DescribeKey",
        "arn:aws:kms:us-east-1:111122223333:thing/a",
        "InvalidArnException",
        "thing/a",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_name_that_means_no_key_is_refused_as_aws_does(refused, key, case):
    operation, name, code, words = CASES[case]
    error = refused(operation, KeyId=name)
    assert error.code == code
    assert words in error.message


@pytest.mark.parametrize("name", ["arn:aws:kms", "arn:aws:s3:::bucket", "arn:aws:kms:us-east-1:111122223333:thing/a"])
def test_operations_whose_model_lists_no_invalid_arn_say_that_there_is_no_such_key(refused, name):
    """The service model lists InvalidArnException neither for cryptography nor for CreateAlias and UpdateAlias."""
    for error in (
        refused("Encrypt", KeyId=name, Plaintext=b"x"),
        refused("CreateAlias", AliasName="alias/x", TargetKeyId=name),
    ):
        assert (error.code, error.message) == ("NotFoundException", f"Invalid arn {name}")


def test_accounts_and_regions_are_apart(engine, key, refused):
    other = engine.client(account="444455556666")
    abroad = engine.client(region="eu-west-1")
    for client in (other, abroad):
        assert client("ListKeys", {})["Keys"] == []
        assert client("ListAliases", {})["Aliases"] == []
        assert client("tagging:GetResources", {})["ResourceTagMappingList"] == []
        assert refused("DescribeKey", client, KeyId=key["KeyId"]).code == "NotFoundException"


def test_only_the_owners_account_may_use_a_key(engine, kms, key, refused):
    blob = kms("Encrypt", {"KeyId": key["Arn"], "Plaintext": b"x"})["CiphertextBlob"]
    stranger = engine.client(account="444455556666", principal="arn:aws:iam::444455556666:user/eve")
    error = refused("Encrypt", stranger, KeyId=key["Arn"], Plaintext=b"x")
    assert error.code == "AccessDeniedException"
    assert error.message.startswith(
        f"User: arn:aws:iam::444455556666:user/eve is not authorized to perform: kms:Encrypt on resource: {key['Arn']}"
    )
    assert refused("Decrypt", stranger, CiphertextBlob=blob).code == "AccessDeniedException"


def test_an_invalid_grant_token_is_refused(refused, key):
    for token in ("x", "AAAA", "é"):
        error = refused("DescribeKey", KeyId=key["KeyId"], GrantTokens=[token])
        assert error.code == "InvalidGrantTokenException"


def test_a_caller_without_identity_is_refused(engine, refused):
    from reconciler.engine.caller import Caller
    from reconciler.engine.client import Client

    nobody = Client(engine, Caller("111122223333", "us-east-1", "aws", ""))
    assert refused("ListKeys", nobody).code == "UnrecognizedClientException"
