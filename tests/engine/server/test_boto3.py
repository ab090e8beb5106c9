"""boto3 against a server process: what it sends is understood, and what it gets it can read."""

from __future__ import annotations

import hashlib

import pytest
from botocore.exceptions import ClientError

from reconciler.kit.clock import SystemClock

ACCOUNT = "123456789012"


def new_key(kms, **settings):
    return kms.create_key(**settings)["KeyMetadata"]


def refused(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response


def test_blobs_and_contexts_make_the_round_trip(kms):
    key = new_key(kms)["KeyId"]
    plaintext = bytes(range(256)) * 16
    context = {"tenant": "blau", "ключ": "значение"}
    sealed = kms.encrypt(KeyId=key, Plaintext=plaintext, EncryptionContext=context)["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)
    assert opened["Plaintext"] == plaintext
    assert refused(kms.decrypt, CiphertextBlob=sealed)["Error"]["Code"] == "InvalidCiphertextException"


def test_instants_are_instants(kms):
    before = SystemClock().now()
    created = new_key(kms)["CreationDate"]
    assert abs((created - before).total_seconds()) < 30


def test_an_operation_without_an_output_answers_with_nothing(kms):
    key = new_key(kms)["KeyId"]
    assert set(kms.create_alias(AliasName=f"alias/{key}", TargetKeyId=key)) == {"ResponseMetadata"}
    assert kms.describe_key(KeyId=f"alias/{key}")["KeyMetadata"]["KeyId"] == key


@pytest.mark.parametrize(
    ("spec", "algorithm"), [("RSA_2048", "RSASSA_PSS_SHA_256"), ("ECC_NIST_P256", "ECDSA_SHA_256")]
)
def test_signatures_are_made_and_verified(kms, spec, algorithm):
    key = new_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyId"]
    what = {
        "KeyId": key,
        "Message": hashlib.sha256(b"x").digest(),
        "MessageType": "DIGEST",
        "SigningAlgorithm": algorithm,
    }
    signature = kms.sign(**what)["Signature"]
    assert kms.verify(**what, Signature=signature)["SignatureValid"]
    error = refused(kms.verify, **what, Signature=signature[:-1] + bytes([signature[-1] ^ 1]))
    assert error["Error"]["Code"] == "KMSInvalidSignatureException"


def test_the_access_key_names_the_account_and_the_scope_the_region(server):
    for account, region in (("210987654321", "eu-central-1"), ("210987654321", "us-gov-west-1")):
        arn = new_key(server.client(key=account, region=region))["Arn"]
        assert arn.split(":")[3:5] == [region, account]
    assert new_key(server.client(key="AKIAIOSFODNN7EXAMPLE"))["AWSAccountId"] == "111122223333"


def test_a_region_that_is_none_is_the_default_one(server):
    assert ":us-east-1:" in new_key(server.client(region="nowhere"))["Arn"]


def test_an_error_has_its_code_message_status_and_request_id(kms):
    response = refused(kms.describe_key, KeyId="alias/none")
    assert response["Error"]["Code"] == "NotFoundException"
    assert response["Error"]["Message"] == f"Alias arn:aws:kms:us-east-1:{ACCOUNT}:alias/none is not found."
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(response["ResponseMetadata"]["RequestId"]) == 36


def test_sts_says_who_calls(server):
    identity = server.client("sts", key="210987654321").get_caller_identity()
    assert identity["Account"] == "210987654321"
    assert identity["Arn"] == "arn:aws:iam::210987654321:root"
    assert identity["ResponseMetadata"]["RequestId"]


def test_sts_errors_are_xml_with_its_own_codes(server):
    response = refused(server.client("sts").get_session_token)
    assert response["Error"]["Code"] == "InvalidAction"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_tagging_finds_keys_by_their_tags(server, kms):
    arn = new_key(kms, Tags=[{"TagKey": "found", "TagValue": "yes"}])["Arn"]
    tagging = server.client("resourcegroupstaggingapi")
    pages = tagging.get_paginator("get_resources").paginate(TagFilters=[{"Key": "found", "Values": ["yes"]}])
    assert arn in [each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]]


def test_cloudtrail_looks_up_events(server, kms):
    key = new_key(kms)
    lookup = [{"AttributeKey": "ResourceName", "AttributeValue": key["Arn"]}]
    (event,) = server.client("cloudtrail").lookup_events(LookupAttributes=lookup)["Events"]
    assert event["EventName"] == "CreateKey"
    assert abs((event["EventTime"] - key["CreationDate"]).total_seconds()) < 2


def test_pages_follow_each_other(kms):
    made = {new_key(kms)["KeyId"] for _ in range(3)}
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
    assert made <= {key["KeyId"] for page in pages for key in page["Keys"]}


def test_what_the_sdk_would_refuse_is_a_fault_of_the_service(kms):
    response = refused(kms.generate_random, NumberOfBytes=2000)
    assert response["Error"]["Code"] == "ValidationException"
    assert "Member must have value less than or equal to 1024" in response["Error"]["Message"]


def test_two_processes_agree(server):
    clients = [server.client() for _ in range(12)]
    for number, client in enumerate(clients):
        key = new_key(client, Description=str(number))["KeyId"]
        assert {other.describe_key(KeyId=key)["KeyMetadata"]["Description"] for other in clients} == {str(number)}
        client.disable_key(KeyId=key)
        assert {other.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for other in clients} == {"Disabled"}
