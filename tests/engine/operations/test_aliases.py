"""Aliases."""

from __future__ import annotations

from datetime import timedelta

import pytest


def names(kms, **parameters):
    return [entry["AliasName"] for entry in kms("ListAliases", parameters)["Aliases"]]


def test_an_alias_is_listed_with_its_target_and_dates(kms, new_key, clock):
    key = new_key()["KeyId"]
    kms("CreateAlias", {"AliasName": "alias/app/db-1_x", "TargetKeyId": key})
    assert kms("ListAliases", {}) == {
        "Aliases": [
            {
                "AliasName": "alias/app/db-1_x",
                "AliasArn": "arn:aws:kms:us-east-1:111122223333:alias/app/db-1_x",
                "TargetKeyId": key,
                "CreationDate": clock.now(),
                "LastUpdatedDate": clock.now(),
            }
        ],
        "Truncated": False,
    }


def test_an_alias_that_moves_is_updated_in_place(kms, new_key, clock):
    first, second = new_key(), new_key()
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": first["KeyId"]})
    kms("DescribeKey", {"KeyId": "alias/a"})
    created = clock.now()
    clock.advance(timedelta(hours=1))
    kms("UpdateAlias", {"AliasName": "alias/a", "TargetKeyId": second["Arn"]})
    (entry,) = kms("ListAliases", {})["Aliases"]
    assert (entry["TargetKeyId"], entry["CreationDate"]) == (second["KeyId"], created)
    assert entry["LastUpdatedDate"] == clock.now()
    assert kms("DescribeKey", {"KeyId": "alias/a"})["KeyMetadata"]["KeyId"] == second["KeyId"]


def test_a_deleted_alias_means_nothing_and_can_be_made_again(kms, refused, new_key):
    first, second = new_key()["KeyId"], new_key()["KeyId"]
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": first})
    kms("DescribeKey", {"KeyId": "alias/a"})
    kms("DeleteAlias", {"AliasName": "alias/a"})
    assert refused("DescribeKey", KeyId="alias/a").code == "NotFoundException"
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": second})
    assert kms("DescribeKey", {"KeyId": "alias/a"})["KeyMetadata"]["KeyId"] == second


def test_aliases_of_one_key_are_listed_by_its_id(kms, new_key):
    first, second = new_key()["KeyId"], new_key()["KeyId"]
    for name, key in (("alias/a", first), ("alias/b", second), ("alias/c", first)):
        kms("CreateAlias", {"AliasName": name, "TargetKeyId": key})
    assert names(kms, KeyId=first) == ["alias/a", "alias/c"]
    assert names(kms) == ["alias/a", "alias/b", "alias/c"]


@pytest.mark.parametrize("of_one_key", [True, False], ids=["of one key", "of the account"])
def test_pages_are_cut_where_asked(kms, new_key, of_one_key):
    key = new_key()["KeyId"]
    for index in range(5):
        kms("CreateAlias", {"AliasName": f"alias/{index}", "TargetKeyId": key})
    parameters, seen = {"Limit": 2} | ({"KeyId": key} if of_one_key else {}), []
    while True:
        page = kms("ListAliases", parameters)
        seen.append([entry["AliasName"] for entry in page["Aliases"]])
        if not page["Truncated"]:
            break
        parameters["Marker"] = page["NextMarker"]
    assert seen == [["alias/0", "alias/1"], ["alias/2", "alias/3"], ["alias/4"]]


NAMES = {
    "no prefix": ("a", "ValidationException", 'Alias must start with the prefix "alias/"'),
    "only the prefix": ("alias/", "ValidationException", "Invalid identifier"),
    "a colon": ("alias/a:b", "ValidationException", "invalid characters for an alias"),
    "a blank": ("alias/a b", "ValidationException", "regular expression pattern: ^[a-zA-Z0-9:/_-]+$"),
    "too long": ("alias/" + "x" * 251, "ValidationException", "length less than or equal to 256"),
    "reserved": ("alias/aws/s3", "NotAuthorizedException", ""),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_that_cannot_be_is_refused(refused, new_key, case):
    name, code, words = NAMES[case]
    error = refused("CreateAlias", AliasName=name, TargetKeyId=new_key()["KeyId"])
    assert error.code == code
    assert words in error.message


def test_an_alias_that_is_there_is_not_created_again(kms, refused, new_key):
    key = new_key()["KeyId"]
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key})
    error = refused("CreateAlias", AliasName="alias/a", TargetKeyId=key)
    assert error.code == "AlreadyExistsException"
    assert error.message == "An alias with the name arn:aws:kms:us-east-1:111122223333:alias/a already exists"


@pytest.mark.parametrize("operation", ["UpdateAlias", "DeleteAlias"])
@pytest.mark.parametrize("name", ["alias/none", "alias/aws/s3"])
def test_an_alias_that_is_not_there_is_not_found(refused, new_key, operation, name):
    extra = {"TargetKeyId": new_key()["KeyId"]} if operation == "UpdateAlias" else {}
    error = refused(operation, AliasName=name, **extra)
    assert (error.code, error.message.rpartition(":")[2]) == ("NotFoundException", f"{name} is not found.")


@pytest.mark.parametrize(
    ("spec", "usage"),
    [("RSA_2048", "ENCRYPT_DECRYPT"), ("HMAC_256", "GENERATE_VERIFY_MAC"), ("ECC_NIST_P256", "SIGN_VERIFY")],
)
def test_an_alias_does_not_move_to_a_key_of_another_kind(kms, refused, new_key, spec, usage):
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": new_key()["KeyId"]})
    other = new_key(KeySpec=spec, KeyUsage=usage)["KeyId"]
    error = refused("UpdateAlias", AliasName="alias/a", TargetKeyId=other)
    assert error.code == "ValidationException"
    assert "same type and have the same key usage" in error.message


def test_an_alias_moves_between_asymmetric_keys_of_one_usage(kms, new_key):
    rsa = new_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyId"]
    ecc = new_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": rsa})
    kms("UpdateAlias", {"AliasName": "alias/a", "TargetKeyId": ecc})
    assert names(kms, KeyId=ecc) == ["alias/a"]


def test_a_key_has_at_most_50_aliases(kms, refused, new_key):
    key, other = new_key()["KeyId"], new_key()["KeyId"]
    for index in range(50):
        kms("CreateAlias", {"AliasName": f"alias/{index}", "TargetKeyId": key})
    assert refused("CreateAlias", AliasName="alias/x", TargetKeyId=key).code == "LimitExceededException"
    kms("CreateAlias", {"AliasName": "alias/x", "TargetKeyId": other})
    assert refused("UpdateAlias", AliasName="alias/x", TargetKeyId=key).code == "LimitExceededException"
    kms("UpdateAlias", {"AliasName": "alias/7", "TargetKeyId": key})
