"""Query answers as botocore reads them, and what no operation of ours needs but the protocols have."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import botocore.session
import pytest
from botocore.parsers import create_parser

from reconciler.engine.server.messages import Request
from reconciler.engine.server.protocols import awsjson, query
from reconciler.engine.server.protocols.decode import decoder
from reconciler.kit.errors import KmsError

EXPIRES = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ASSUMED = {
    "Credentials": {
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": "a<b>&c",
        "SessionToken": "token",
        "Expiration": EXPIRES,
    },
    "AssumedRoleUser": {"AssumedRoleId": "AROA:run", "Arn": "arn:aws:sts::111122223333:assumed-role/orders/run"},
    "PackedPolicySize": 5,
}


def parsed(operation, response):
    model = botocore.session.get_session().get_service_model("sts").operation_model(operation)
    told = {"status_code": response.status, "headers": dict(response.headers), "body": response.body, "context": {}}
    return create_parser("query").parse(told, model.output_shape)


def test_botocore_reads_what_query_writes():
    read = parsed("AssumeRole", query.success("sts:AssumeRole", ASSUMED, "the-id"))
    assert read.pop("ResponseMetadata")["RequestId"] == "the-id"
    assert read == ASSUMED


def test_botocore_reads_errors_whatever_is_in_their_words():
    error = KmsError("AccessDenied", "no & <never>\x00\ud800\r\n", request_id="the-id")
    read = parsed("AssumeRole", query.failure(error, "sts"))
    assert read["Error"] == {"Type": "Sender", "Code": "AccessDenied", "Message": "no & <never>??\r\n"}
    assert read["ResponseMetadata"]["HTTPStatusCode"] == 403


def form(text):
    return Request("POST", "/", "", {}, text.encode(), "", False)


def test_query_reads_lists_structures_and_numbers():
    text = (
        "Action=AssumeRole&RoleArn=arn&RoleSessionName=run&DurationSeconds=900&Tags.member.1.Key=a&Tags.member.1.Value=b"
        "&Tags.member.2.Key=c&PolicyArns.member.1.arn=p&TransitiveTagKeys.member.1=a&TransitiveTagKeys.member.3=lost"
    )
    assert query.parameters("sts:AssumeRole", form(text)) == {
        "RoleArn": "arn",
        "RoleSessionName": "run",
        "DurationSeconds": 900,
        "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c"}],
        "PolicyArns": [{"arn": "p"}],
        "TransitiveTagKeys": ["a"],
    }


@pytest.mark.parametrize("text", ["many", "9" * 30, "-", "²", "1.5"])
def test_a_number_that_is_none_is_left_to_validation(text):
    read = query.parameters("sts:AssumeRole", form(f"RoleArn=a&RoleSessionName=b&DurationSeconds={text}"))
    assert read["DurationSeconds"] == text


def test_lists_and_truth_values_have_their_form_in_xml():
    shapes = {
        "Out": {"type": "structure", "members": {"Names": {"shape": "Names"}, "Yes": {"shape": "Flag"}}},
        "Names": {"type": "list", "member": {"shape": "Name"}},
        "Name": {"type": "string"},
        "Flag": {"type": "boolean"},
    }
    written = query._members(shapes, shapes["Out"], {"Names": ["a", "b"], "Yes": True})
    assert written == "<Names><member>a</member><member>b</member></Names><Yes>true</Yes>"
    assert query._value(shapes, shapes["Flag"], "Yes", {"Yes": "true"}) is True
    assert query._value(shapes, shapes["Flag"], "Yes", {"Yes": "maybe"}) == "maybe"
    assert query._value(shapes, shapes["Flag"], "Yes", {}) is None


def test_what_has_no_form_in_json_is_a_mistake_of_ours():
    with pytest.raises(TypeError):
        awsjson.success("ListKeys", {"Keys": object()}, "the-id")


@pytest.mark.parametrize(("message", "told"), [("words", {"message": "words"}), ("", {})], ids=["words", "no words"])
def test_an_error_without_words_has_no_message(message, told):
    error = KmsError("UnsupportedOperationException", message, request_id="the-id")
    written = json.loads(awsjson.failure(error, "kms").body)
    assert written == {"__type": "UnsupportedOperationException", **told}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (True, "TRUE_VALUE can not be converted to a String"),
        (5, "NUMBER_VALUE can not be converted to a String"),
        ([], "Start of list found where not expected"),
        ({}, "Start of structure or map found where not expected."),
    ],
)
def test_a_value_of_another_type_is_told_by_its_type_alone(value, told):
    with pytest.raises(KmsError) as caught:
        decoder("DescribeKey")({"KeyId": value})
    assert (caught.value.code, caught.value.message) == ("SerializationException", told)


def test_nothing_that_was_sent_is_repeated():
    with pytest.raises(KmsError) as caught:
        decoder("CreateKey")({"MultiRegion": "top secret"})
    assert caught.value.message == "STRING_VALUE can not be converted to a Boolean"
