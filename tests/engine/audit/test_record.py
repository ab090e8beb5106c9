"""The audit record."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.engine.caller import Origin, ServiceCall, caller_of
from reconciler.engine.engine import Engine
from reconciler.engine.store import journal
from tests.support.people import ALL_OF_KMS, people, role, user

FORGED = base64.urlsafe_b64encode(b'["cloudtrail:LookupEvents", [1, "x"]]').decode()


ALICE = "arn:aws:iam::111122223333:user/team/alice"
APP = "arn:aws:iam::111122223333:role/app"


@pytest.fixture
def engine(data, clock):
    identities = people(user(ALICE, ALL_OF_KMS), role(APP, ALL_OF_KMS))
    with Engine.open(data, clock=clock, identities=identities) as opened:
        yield opened


def names(engine, **wanted):
    return [event["eventName"] for event in engine.events(**wanted)]


def test_a_mutation_is_recorded_as_cloudtrail_records_it(engine, clock):
    client = engine.client(principal=ALICE)
    arn = client("CreateKey", {"Description": "d", "Tags": [{"TagKey": "a", "TagValue": "b"}]})["KeyMetadata"]["Arn"]
    (event,) = engine.events()
    assert event.pop("responseElements")["keyMetadata"]["arn"] == arn
    identity = event.pop("userIdentity")
    assert identity.pop("principalId").startswith("AIDA")
    assert identity == {
        "type": "IAMUser",
        "arn": "arn:aws:iam::111122223333:user/team/alice",
        "accountId": "111122223333",
        "userName": "alice",
    }
    assert len({event.pop("requestID"), event.pop("eventID")}) == 2
    assert event == {
        "eventVersion": "1.11",
        "eventTime": "2026-01-01T00:00:00Z",
        "eventSource": "kms.amazonaws.com",
        "eventName": "CreateKey",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "127.0.0.1",
        "userAgent": "kmsctl",
        "requestParameters": {"description": "d", "tags": [{"tagKey": "a", "tagValue": "b"}]},
        "readOnly": False,
        "resources": [{"accountId": "111122223333", "type": "AWS::KMS::Key", "ARN": arn}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    }


def test_the_record_says_where_a_call_came_from_and_through_which_service(engine):
    root = "arn:aws:iam::111122223333:root"
    caller = caller_of("111122223333", "us-east-1", "aws", root, service=ServiceCall("s3.amazonaws.com"))
    engine.perform(replace(caller, access_key="AKIAEXAMPLE", origin=Origin("192.0.2.7", "aws-cli")), "ListKeys", {})
    (event,) = engine.events()
    assert event["userIdentity"]["accessKeyId"] == "AKIAEXAMPLE"
    assert event["userIdentity"]["invokedBy"] == event["sourceIPAddress"] == "s3.amazonaws.com"
    engine.perform(replace(caller, service=None, origin=Origin("192.0.2.7", "aws-cli")), "ListKeys", {})
    event = [*engine.events()][-1]
    assert (event["sourceIPAddress"], event["userAgent"]) == ("192.0.2.7", "aws-cli")


def test_failed_calls_are_recorded_with_their_error(engine, kms, refused, new_key):
    key = new_key()
    error = refused("CancelKeyDeletion", KeyId=key["KeyId"])
    (event,) = engine.events(name="CancelKeyDeletion")
    assert (event["errorCode"], event["errorMessage"]) == (error.code, error.message)
    assert event["requestID"] == error.request_id
    assert error.operation == "CancelKeyDeletion"
    assert event["requestParameters"] == {"keyId": key["KeyId"]}
    assert event["resources"][0]["ARN"] == key["Arn"]
    assert event["responseElements"] is None
    refused("CreateKey", KeySpec="none")
    assert [*engine.events(name="CreateKey")][-1]["requestParameters"] is None
    refused("other:Thing")
    (unknown,) = engine.events(name="Thing")
    assert (unknown["errorCode"], unknown["eventSource"]) == ("UnknownOperationException", "kms.amazonaws.com")


def test_the_record_is_in_order_and_can_be_narrowed(engine, kms, new_key, clock):
    first = new_key()
    clock.advance(timedelta(hours=1))
    kms("DescribeKey", {"KeyId": first["KeyId"]})
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": first["KeyId"]})
    noon = clock.now()
    clock.advance(timedelta(hours=1))
    engine.client(region="eu-west-1")("ListKeys", {})
    engine.client(account="444455556666")("sts:GetCallerIdentity", {})
    assert names(engine) == ["CreateKey", "DescribeKey", "CreateAlias", "ListKeys", "GetCallerIdentity"]
    assert names(engine, since=noon) == ["DescribeKey", "CreateAlias", "ListKeys", "GetCallerIdentity"]
    assert names(engine, until=noon) == ["CreateKey", "DescribeKey", "CreateAlias"]
    assert names(engine, region="eu-west-1") == ["ListKeys"]
    assert names(engine, account="444455556666") == ["GetCallerIdentity"]
    assert names(engine, resource=first["Arn"]) == ["CreateKey", "DescribeKey", "CreateAlias"]
    assert names(engine, resource="arn:aws:kms:us-east-1:111122223333:alias/a") == ["CreateAlias"]


def test_what_became_due_is_in_the_record_when_it_is_asked_for(engine, kms, new_key, clock):
    kms("ScheduleKeyDeletion", {"KeyId": new_key()["KeyId"], "PendingWindowInDays": 7})
    clock.advance(timedelta(days=8))
    assert names(engine)[-1] == "DeleteKey"


def test_a_long_record_is_given_whole(engine, kms, new_key):
    key = new_key()["KeyId"]
    for _ in range(1_100):
        kms("DescribeKey", {"KeyId": key})
    assert names(engine) == ["CreateKey"] + ["DescribeKey"] * 1_100


def test_reads_wait_in_memory_for_the_batch_and_no_longer(data, clock, monkeypatch):
    monkeypatch.setattr(journal, "BATCH_ENTRIES", 3)
    with Engine.open(data, clock=clock) as engine, Engine.open(data, clock=clock) as other:
        client = engine.client()
        waiting = engine._store._journal
        client("ListKeys", {})
        client("ListKeys", {})
        assert (len(waiting), names(other)) == (2, [])
        client("ListKeys", {})
        assert (len(waiting), names(other)) == (0, ["ListKeys"] * 3)
        client("ListKeys", {})
        clock.sleep(1)
        client("ListAliases", {})
        assert names(other) == ["ListKeys"] * 4 + ["ListAliases"]
        client("ListKeys", {})
        client("CreateKey", {})
        assert names(other)[-2:] == ["ListKeys", "CreateKey"]


def test_failed_calls_do_not_wait_without_bound(engine, refused, monkeypatch):
    monkeypatch.setattr(journal, "BATCH_ENTRIES", 3)
    for _ in range(7):
        refused("Nope")
    assert len(engine._store._journal) == 1
    assert names(engine) == ["Nope"] * 7


def test_what_waits_is_written_at_close(data, clock):
    with Engine.open(data, clock=clock) as engine:
        key = engine.client()("CreateKey", {})["KeyMetadata"]["KeyId"]
        engine.client()("Encrypt", {"KeyId": key, "Plaintext": b"x"})
    with Engine.open(data, clock=clock) as engine:
        assert names(engine) == ["CreateKey", "Encrypt"]
        assert engine.client()("GetKeyLastUsage", {"KeyId": key})["KeyLastUsage"]["Operation"] == "Encrypt"


def lookup(kms, **parameters):
    return [event["EventName"] for event in kms("cloudtrail:LookupEvents", parameters)["Events"]]


def attribute(name, value):
    return {"LookupAttributes": [{"AttributeKey": name, "AttributeValue": value}]}


def test_lookup_gives_the_newest_first_with_the_whole_record(kms, new_key, clock):
    key = new_key()
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key["KeyId"]})
    newest, oldest = kms("cloudtrail:LookupEvents", {})["Events"]
    record = json.loads(newest.pop("CloudTrailEvent"))
    assert newest == {
        "EventId": record["eventID"],
        "EventName": "CreateAlias",
        "ReadOnly": "false",
        "EventTime": clock.now(),
        "EventSource": "kms.amazonaws.com",
        "Username": "root",
        "Resources": [
            {"ResourceType": "AWS::KMS::Key", "ResourceName": key["Arn"]},
            {"ResourceType": "AWS::KMS::Alias", "ResourceName": "arn:aws:kms:us-east-1:111122223333:alias/a"},
        ],
    }
    assert record["requestParameters"] == {"aliasName": "alias/a", "targetKeyId": key["KeyId"]}
    assert oldest["EventName"] == "CreateKey"


@pytest.fixture
def history(engine, kms, new_key):
    key = new_key()
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key["KeyId"]})
    kms("sts:GetCallerIdentity", {})
    engine.client(principal="arn:aws:sts::111122223333:assumed-role/app/bob")("ListKeys", {})
    engine.client(region="eu-west-1")("ListKeys", {})
    return {"key": key, "event": next(engine.events(name="CreateKey"))["eventID"]}


LOOKUPS = {
    "EventName": (lambda _: ("EventName", "ListKeys"), ["ListKeys"]),
    "EventId": (lambda made: ("EventId", made["event"]), ["CreateKey"]),
    "EventSource": (lambda _: ("EventSource", "sts.amazonaws.com"), ["GetCallerIdentity"]),
    "Username": (lambda _: ("Username", "bob"), ["ListKeys"]),
    "ReadOnly": (lambda _: ("ReadOnly", "false"), ["CreateAlias", "CreateKey"]),
    "ResourceName ARN": (lambda made: ("ResourceName", made["key"]["Arn"]), ["CreateAlias", "CreateKey"]),
    "ResourceName id": (lambda made: ("ResourceName", made["key"]["KeyId"]), ["CreateAlias", "CreateKey"]),
    "ResourceName alias": (lambda _: ("ResourceName", "alias/a"), ["CreateAlias"]),
    "ResourceType key": (lambda _: ("ResourceType", "AWS::KMS::Key"), ["CreateAlias", "CreateKey"]),
    "ResourceType alias": (lambda _: ("ResourceType", "AWS::KMS::Alias"), ["CreateAlias"]),
    "AccessKeyId": (lambda _: ("AccessKeyId", "AKIA"), []),
}


@pytest.mark.parametrize("case", LOOKUPS)
def test_lookup_by_an_attribute_finds_what_has_it(kms, history, case):
    make, found = LOOKUPS[case]
    assert lookup(kms, **attribute(*make(history))) == found


def test_lookup_is_paged_and_narrowed_by_time(kms, history, clock):
    first = kms("cloudtrail:LookupEvents", {"MaxResults": 3})
    second = kms("cloudtrail:LookupEvents", {"NextToken": first["NextToken"]})
    assert [event["EventName"] for event in first["Events"] + second["Events"]] == [
        "ListKeys",
        "GetCallerIdentity",
        "CreateAlias",
        "CreateKey",
    ]
    assert "NextToken" not in second
    later = clock.now() + timedelta(seconds=1)
    assert lookup(kms, StartTime=later) == []
    assert "CreateKey" in lookup(kms, StartTime=clock.now(), EndTime=later)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"LookupAttributes": attribute("EventName", "x")["LookupAttributes"] * 2}, "InvalidLookupAttributesException"),
        ({"NextToken": "x"}, "InvalidNextTokenException"),
        ({"NextToken": FORGED}, "InvalidNextTokenException"),
        (attribute("Colour", "x"), "ValidationException"),
    ],
    ids=["two attributes", "a token of nobody", "a forged token", "an unknown attribute"],
)
def test_a_lookup_that_makes_no_sense_is_refused(refused, parameters, code):
    assert refused("cloudtrail:LookupEvents", **parameters).code == code


def test_a_time_range_that_ends_before_it_starts_is_refused(refused, clock):
    error = refused("cloudtrail:LookupEvents", StartTime=clock.now(), EndTime=clock.now() - timedelta(days=1))
    assert error.code == "InvalidTimeRangeException"


def test_reading_the_record_ends_though_calls_go_on(engine, clock):
    root = engine.client()
    root("ListKeys", {})
    clock.advance(timedelta(seconds=2))
    for count, _ in enumerate(engine.events(), 1):
        root("ListKeys", {})
        clock.advance(timedelta(seconds=2))
        root("CreateKey", {})
        assert count < 10


def test_parameters_that_are_too_large_are_omitted_as_by_cloudtrail(engine, refused):
    key = engine.client()("CreateKey", {})["KeyMetadata"]["KeyId"]
    error = refused("PutKeyPolicy", KeyId=key, Policy="x" * 130_000)
    assert error.code == "LimitExceededException"
    assert [event["requestParameters"] for event in engine.events(name="PutKeyPolicy")] == [{"omitted": True}]
