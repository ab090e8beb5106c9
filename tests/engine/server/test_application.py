"""The application without a socket: whatever comes in, a well-formed answer of AWS goes out."""

from __future__ import annotations

import base64
import json

import pytest

from reconciler.engine.server.application import HEALTH, RESET, Application
from reconciler.engine.server.authentication import anyone
from reconciler.engine.server.messages import Request
from reconciler.kit.errors import KmsctlError
from tests.engine.server.asking import ask, error_of

SCOPE = "AWS4-HMAC-SHA256 Credential={key}/20261122/{region}/kms/aws4_request, SignedHeaders=host, Signature=0"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"1",
        b'"x"',
        b"null",
        b"true",
        b"[" * 5_000,
        b'{"Limit": NaN}',
        b'{"a": "\\ud800"}',
        b"{}{}",
    ],
)
def test_a_body_that_is_no_json_object_cannot_be_read(application, body):
    assert error_of(ask(application, "ListKeys", body)) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("ListKeys", {"Limit": "5"}),
        ("ListKeys", {"Limit": 5.5}),
        ("ListKeys", {"Limit": True}),
        ("ListKeys", {"Limit": 10**30}),
        ("ListKeys", {"Marker": 5}),
        ("ListKeys", {"Marker": {}}),
        ("CreateKey", {"Tags": {}}),
        ("CreateKey", {"Tags": [5]}),
        ("CreateKey", {"Tags": [{"TagKey": []}]}),
        ("CreateKey", {"MultiRegion": "true"}),
        ("Encrypt", {"EncryptionContext": []}),
        ("Encrypt", {"EncryptionContext": {"a": 5}}),
        ("Encrypt", {"Plaintext": 5}),
        ("Encrypt", {"Plaintext": "a"}),
        ("Encrypt", {"Plaintext": "aGVsbG8"}),
        ("Encrypt", {"Plaintext": "aGVs bG8="}),
        ("Encrypt", {"Plaintext": "aGVsbG8=\n"}),
        ("Encrypt", {"Plaintext": "aGVsbG8=aGVsbG8="}),
        ("Encrypt", {"Plaintext": "aGVsbG8é"}),
        ("Encrypt", {"Plaintext": "===="}),
        ("Encrypt", {"Plaintext": "_-_-"}),
        ("ImportKeyMaterial", {"ValidTo": "2030-01-01"}),
        ("ImportKeyMaterial", {"ValidTo": 1e300}),
        ("ImportKeyMaterial", {"ValidTo": -(10**18)}),
    ],
)
def test_a_value_of_another_type_cannot_be_read(application, operation, parameters):
    assert error_of(ask(application, operation, json.dumps(parameters).encode())) == (400, "SerializationException")


def test_null_counts_as_absent_and_what_is_not_known_is_passed_over(application):
    assert ask(application, "ListKeys", b'{"Limit": null, "NextVersionOfKms": {"a": [1]}}').status == 200
    assert ask(application, "GenerateRandom", b'{"NumberOfBytes": 8, "New": 1}').status == 200


def test_blobs_of_any_length_are_read_and_written(application, engine):
    key = engine.client()("CreateKey", {})["KeyMetadata"]["KeyId"]
    for size in range(1, 40):
        plaintext = base64.b64encode(bytes(range(size))).decode()
        sealed = ask(application, "Encrypt", json.dumps({"KeyId": key, "Plaintext": plaintext}).encode())
        opened = ask(
            application, "Decrypt", json.dumps({"CiphertextBlob": json.loads(sealed.body)["CiphertextBlob"]}).encode()
        )
        assert json.loads(opened.body)["Plaintext"] == plaintext


def test_the_request_id_is_the_one_on_record(application, engine):
    answers = [
        ask(application, "GenerateRandom", body) for body in (b'{"NumberOfBytes": 8}', b'{"NumberOfBytes": 8000}')
    ]
    told = {dict(answer.headers)["x-amzn-requestid"] for answer in answers}
    assert told <= {event["requestID"] for event in engine.events(name="GenerateRandom")}


def test_an_instant_is_a_number_of_seconds(application):
    created = json.loads(ask(application, "CreateKey").body)["KeyMetadata"]["CreationDate"]
    assert isinstance(created, float)
    assert created == round(created, 3)


def test_a_plaintext_is_for_nobodys_cache(application):
    assert "no-store" in dict(ask(application, "ListKeys").headers)["cache-control"]


@pytest.mark.parametrize(
    ("method", "path", "target"),
    [
        ("POST", "/", "TrentService.Nonsense"),
        ("POST", "/", "TrentService."),
        ("POST", "/", ""),
        ("POST", "/", "DynamoDB_20120810.ListTables"),
        ("POST", "/", "TrentService.Encrypt\ud800"),
        ("GET", "/", "TrentService.ListKeys"),
        ("POST", "/keys", "TrentService.ListKeys"),
    ],
)
def test_what_is_no_operation_is_unknown(application, method, path, target):
    response = application.answer(Request(method, path, "", {"x-amz-target": target}, b"{}", "", False))
    assert error_of(response) == (400, "UnknownOperationException")


def test_a_request_without_anything_is_unknown(application):
    visited = application.answer(Request("GET", "/", "", {}, b"", "", False))
    assert error_of(visited)[1] == "UnknownOperationException"
    assert b"clients POST to / with X-Amz-Target" in visited.body


@pytest.mark.parametrize(
    ("authorization", "account", "region"),
    [
        (SCOPE.format(key="210987654321", region="eu-west-1"), "210987654321", "eu-west-1"),
        (SCOPE.format(key="2109876543210", region="eu-west-1"), "111122223333", "eu-west-1"),
        (SCOPE.format(key="21098765432é", region="mars"), "111122223333", "us-east-1"),
        ("Bearer nonsense", "111122223333", "us-east-1"),
        ("", "111122223333", "us-east-1"),
    ],
)
def test_without_authentication_everybody_is_a_root_user(application, authorization, account, region):
    made = json.loads(ask(application, "CreateKey", authorization=authorization).body)["KeyMetadata"]
    assert made["Arn"].split(":")[3:5] == [region, account]


def test_without_authentication_a_header_names_the_service_that_calls(application, engine):
    key = json.loads(ask(application, "CreateKey").body)["KeyMetadata"]["Arn"]
    body = json.dumps({"KeyId": key}).encode()
    assert ask(application, "DescribeKey", body, x_kmsctl_via_service="s3").status == 200
    role = "arn:aws:iam::111122223333:role/nobody"
    through = ask(application, "DescribeKey", body, x_kmsctl_via_service="s3", x_kmsctl_on_behalf_of=role)
    itself = ask(application, "DescribeKey", body, x_kmsctl_via_service="s3.amazonaws.com", x_kmsctl_source_arn=role)
    assert error_of(through)[1] == error_of(itself)[1] == "AccessDeniedException"
    assert error_of(ask(application, "DescribeKey", body, x_kmsctl_via_service="S 3"))[1] == "ValidationException"


def test_a_web_page_is_nobody(application):
    assert error_of(ask(application, "ListKeys", origin="https://example.com"))[1] == "AccessDeniedException"
    reset = application.answer(Request("POST", RESET, "", {"origin": "null"}, b"", "", False))
    assert reset.status == 404


def test_the_server_is_ready_and_can_be_emptied(application, engine):
    ready = application.answer(Request("GET", HEALTH, "", {}, b"", "", False))
    assert (ready.status, json.loads(ready.body)["status"]) == (200, "ready")
    ask(application, "CreateKey")
    assert application.answer(Request("POST", RESET, "", {}, b"", "", False)).status == 200
    assert json.loads(ask(application, "ListKeys").body)["Keys"] == []
    closed = Application(engine, anyone, now=lambda: 0.0)
    assert closed.answer(Request("POST", RESET, "", {}, b"", "", False)).status == 404
    assert closed.answer(Request("GET", RESET, "", {}, b"", "", False)).status == 404


class Broken:
    def __init__(self, error):
        self.error = error

    def perform(self, *_, **__):
        raise self.error

    def clear(self):
        raise self.error


@pytest.mark.parametrize(
    "error", [KmsctlError("the disk is full"), ZeroDivisionError("top secret")], ids=["ours", "a bug"]
)
def test_what_goes_wrong_inside_is_kms_s_fault_and_tells_nothing(capfd, error):
    application = Application(Broken(error), anyone, allow_reset=True, now=lambda: 0.0)
    response = ask(application, "ListKeys")
    assert error_of(response) == (500, "KMSInternalException")
    assert application.answer(Request("POST", RESET, "", {}, b"", "", False)).status == 500
    said = capfd.readouterr().err
    assert said.startswith("error: ")
    assert "top secret" not in said
    assert "top secret" not in response.body.decode()
