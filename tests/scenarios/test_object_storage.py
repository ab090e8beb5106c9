"""Amazon S3: SSE-KMS with and without bucket keys, under the key policy of examples/aws-services."""

from __future__ import annotations

import pytest

from tests.scenarios.played import Bucket, refused
from tests.support.world import MAIN, OTHER, session_arn

DOCUMENTS = session_arn("documents")
DENIED = "AccessDeniedException"
LOGGED = "AccessDenied"  # CloudTrail's code for it
OBJECTS = [f"letter-{number}" for number in range(20)]


@pytest.fixture
def key(key_of):
    return key_of("s3/documents")


@pytest.fixture
def s3(there):
    """S3, called by the role whose documents these are."""
    return there.through("s3", DOCUMENTS)


def test_without_a_bucket_key_each_object_costs_a_call_to_write_and_one_to_read(there, key, s3):
    watch = there.watch(key)
    bucket = Bucket("documents-eu", key)
    for name in OBJECTS[:5]:
        bucket.put(s3, name, name.encode())
    assert [bucket.get(s3, name) for name in OBJECTS[:5]] == [name.encode() for name in OBJECTS[:5]]
    contexts = [bucket.context(name) for name in OBJECTS[:5]]
    for event in ("GenerateDataKey", "Decrypt"):
        found = watch.events(event)
        assert [one["requestParameters"]["encryptionContext"] for one in found] == contexts


def test_with_a_bucket_key_twenty_objects_cost_one_call_to_write_and_one_to_read(there, key, s3):
    watch = there.watch(key)
    bucket = Bucket("documents-eu", key, bucket_key=True)
    for name in OBJECTS:
        bucket.put(s3, name, name.encode())
    assert [bucket.get(s3, name) for name in OBJECTS] == [name.encode() for name in OBJECTS]
    made, read = watch.events()
    assert (made["eventName"], read["eventName"]) == ("GenerateDataKey", "Decrypt")
    for event in (made, read):
        assert event["requestParameters"]["encryptionContext"] == {"aws:s3:arn": "arn:aws:s3:::documents-eu"}
        assert event["userIdentity"]["invokedBy"] == "s3.amazonaws.com"
        assert event["userIdentity"]["arn"] == DOCUMENTS
        assert event["sourceIPAddress"] == "s3.amazonaws.com"
    assert len({stored.content[:32] for stored in bucket.objects.values()}) == len(OBJECTS)


def test_the_record_holds_no_data_key(there, key, s3):
    watch = there.watch(key)
    Bucket("documents-eu", key).put(s3, "one", b"content")
    (made,) = watch.events("GenerateDataKey")
    assert made["responseElements"] is None
    assert set(made["requestParameters"]) == {"keyId", "keySpec", "encryptionContext"}


def direct(there):
    return there.role("documents")


def through_another_service(there):
    return there.through("rds", DOCUMENTS)


def another_role(there):
    return there.through("s3", session_arn("deployer"))


def s3_for_itself(there):
    return there.service("s3", "arn:aws:s3:::documents-eu")


def in_words(case):
    return case.__name__.replace("_", " ")


@pytest.mark.parametrize("who", [direct, through_another_service, another_role, s3_for_itself], ids=in_words)
def test_nobody_else_gets_a_data_key_or_reads(there, key, s3, who):
    bucket = Bucket("documents-eu", key)
    bucket.put(s3, "letter", b"x")
    encrypted, context = bucket.objects["letter"].data_key, bucket.context("letter")
    watch, kms = there.watch(key), who(there)
    assert refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256", EncryptionContext=context) == DENIED
    assert refused(kms.decrypt, CiphertextBlob=encrypted, EncryptionContext=context) == DENIED
    assert [event["errorCode"] for event in watch.events()] == [LOGGED] * 2


def test_another_account_gets_nothing_and_has_the_record_of_it_to_itself(there, key, s3):
    bucket = Bucket("documents-eu", key)
    bucket.put(s3, "letter", b"x")
    encrypted, context = bucket.objects["letter"].data_key, bucket.context("letter")
    mine, theirs = there.watch(key), there.watch(key, account=OTHER)
    kms = there.through("s3", session_arn("restore", OTHER))
    assert refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256", EncryptionContext=context) == DENIED
    assert refused(kms.decrypt, CiphertextBlob=encrypted, EncryptionContext=context) == DENIED
    assert mine.events() == []
    assert [event["eventName"] for event in theirs.events()] == ["GenerateDataKey"]


def test_an_object_of_another_bucket_is_denied_by_the_encryption_context(there, key, s3):
    assert refused(Bucket("private", key).put, kms=s3, name="letter", content=b"x") == DENIED


def test_a_data_key_moved_to_another_object_opens_nothing(key, s3):
    bucket = Bucket("documents-eu", key)
    bucket.put(s3, "letter", b"x")
    bucket.objects["other"] = bucket.objects["letter"]
    assert refused(bucket.get, kms=s3, name="other") == "InvalidCiphertextException"


def test_the_managed_key_of_s3_serves_whoever_may_use_s3_in_its_account_and_nobody_directly(there):
    application = session_arn("application")
    s3 = there.through("s3", application)
    bucket = Bucket("plain", "alias/aws/s3")
    bucket.put(s3, "letter", b"x")
    assert bucket.get(s3, "letter") == b"x"
    managed = there.user().describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert (managed["KeyManager"], managed["AWSAccountId"]) == ("AWS", MAIN)
    stolen = bucket.objects["letter"].data_key
    for kms in (there.role("application"), there.through("sqs", application)):
        assert refused(kms.decrypt, CiphertextBlob=stolen, EncryptionContext=bucket.context("letter")) == DENIED
    stranger = there.through("s3", session_arn("restore", OTHER))
    assert refused(stranger.decrypt, CiphertextBlob=stolen, EncryptionContext=bucket.context("letter")) == (DENIED)
