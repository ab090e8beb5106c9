"""The application without a socket: whatever comes in, a well-formed answer of AWS goes out."""

from __future__ import annotations

import asyncio
import base64
import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.engine.engine import Engine
from reconciler.engine.operations import OPERATIONS
from reconciler.engine.server.application import HEALTH, RESET, Application
from reconciler.engine.server.authentication import anyone
from reconciler.engine.server.limits import BODY_TIMEOUT, MAX_BODY
from reconciler.engine.server.messages import Request
from reconciler.kit.errors import KmsctlError

KMS_OPERATIONS = sorted(name for name in OPERATIONS if ":" not in name)
SCOPE = "AWS4-HMAC-SHA256 Credential={key}/20261122/{region}/kms/aws4_request, SignedHeaders=host, Signature=0"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with Engine.open(tmp_path_factory.mktemp("application") / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def application(engine):
    return Application(engine, anyone, allow_reset=True, now=lambda: 0.0)


def ask(application, operation, body=b"{}", **headers):
    sent = {
        "x-amz-target": f"TrentService.{operation}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return application.answer(Request("POST", "/", "", sent, body, "127.0.0.1", False))


def error_of(response):
    told = json.loads(response.body)
    assert set(told) == {"__type", "message"}
    headers = dict(response.headers)
    assert len(headers["x-amzn-requestid"]) == 36
    assert headers["x-amzn-errortype"] == told["__type"]
    assert headers["content-type"] == "application/x-amz-json-1.1"
    return response.status, told["__type"]


def form(application, text, method="POST"):
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    sent = Request(
        method, "/", "" if method == "POST" else text, headers, text.encode() if method == "POST" else b"", "", False
    )
    response = application.answer(sent)
    return response.status, ET.fromstring(response.body)


NAMESPACE = "{https://sts.amazonaws.com/doc/2011-06-15/}"


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


def test_sts_speaks_the_query_protocol(application):
    for method in ("POST", "GET"):
        status, answer = form(application, "Action=GetCallerIdentity&Version=2011-06-15", method)
        assert status == 200
        assert answer.tag == f"{NAMESPACE}GetCallerIdentityResponse"
        assert answer.findtext(f"{NAMESPACE}GetCallerIdentityResult/{NAMESPACE}Account") == "111122223333"
        assert len(answer.findtext(f"{NAMESPACE}ResponseMetadata/{NAMESPACE}RequestId")) == 36


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("Action=Nonsense&Version=2011-06-15", 400, "InvalidAction"),
        ("Action=GetCallerIdentity&Version=1999-01-01", 400, "InvalidAction"),
        ("", 400, "InvalidAction"),
        ("Action=%FF", 400, "MalformedInput"),
        ("&".join(f"a{n}=b" for n in range(2_000)), 400, "MalformedInput"),
        ("Action=AssumeRole&Version=2011-06-15", 400, "ValidationError"),
        ("Action=AssumeRole&RoleArn=x&RoleSessionName=%00%1b<&DurationSeconds=many", 400, "ValidationError"),
        (
            (
                "Action=AssumeRole&RoleArn=arn:aws:iam::111122223333:role/nobody&RoleSessionName=run&DurationSeconds=900"
                "&Tags.member.1.Key=a&Tags.member.1.Value=b&TransitiveTagKeys.member.1=a"
            ),
            403,
            "AccessDenied",
        ),
    ],
)
def test_sts_errors_are_xml(application, text, status, code):
    found, answer = form(application, text)
    assert answer.tag == f"{NAMESPACE}ErrorResponse"
    assert (found, answer.findtext(f"{NAMESPACE}Error/{NAMESPACE}Code")) == (status, code)
    assert answer.findtext(f"{NAMESPACE}Error/{NAMESPACE}Type") == "Sender"
    assert len(answer.findtext(f"{NAMESPACE}RequestId")) == 36


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["aGVsbG8=", "alias/a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["KeyId", "Plaintext", "CiphertextBlob", "EncryptionContext", "Tags", "Limit", "GrantTokens", "ValidTo"]
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    operation=st.sampled_from(KMS_OPERATIONS),
    body=st.binary(max_size=60)
    | st.dictionaries(NAMES | st.text(max_size=5), JSON_VALUES, max_size=4).map(
        lambda value: json.dumps(value).encode()
    ),
)
def test_no_body_makes_a_fault_of_the_service(application, operation, body):
    response = ask(application, operation, body)
    assert response.status in (200, 400), response.body
    assert response.status == 200 or error_of(response)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "X"]),
    path=st.just("/") | st.text(max_size=10).map(lambda text: f"/{text}"),
    query=st.text(max_size=20) | st.just("Action=AssumeRole&Version=2011-06-15"),
    headers=st.dictionaries(
        st.sampled_from(
            ["x-amz-target", "content-type", "authorization", "x-kmsctl-via-service", "x-kmsctl-source-arn"]
        ),
        st.text(max_size=20) | st.sampled_from(["TrentService.ListKeys", "application/x-www-form-urlencoded", "s3"]),
    ),
    body=st.binary(max_size=40),
)
def test_no_request_makes_a_fault_of_the_service(application, method, path, query, headers, body):
    response = application.answer(Request(method, path, query, headers, body, "127.0.0.1", False))
    assert response.status < 500
    assert all(text.isprintable() for header in response.headers for text in header)


class Connection:
    """Granian's protocol object, as the server uses it."""

    def __init__(self, chunks, *, hang=False, fail=False):
        self.chunks, self.hang, self.fail, self.sent = chunks, hang, fail, None

    async def __call__(self):
        if self.hang:
            await asyncio.get_running_loop().create_future()
        if self.fail:
            raise RuntimeError("closed")
        return b"".join(self.chunks)

    async def __aiter__(self):
        for chunk in self.chunks:
            yield chunk

    def response_bytes(self, status, headers, body):
        self.sent = (status, headers, body)


class Headers:
    def __init__(self, items):
        self.listed = items

    def items(self):
        return self.listed


class Scope:
    method, path, query_string, client, scheme = "POST", "/", "", "127.0.0.1:5000", "http"

    def __init__(self, *headers):
        self.headers = Headers([("x-amz-target", "TrentService.ListKeys"), *headers])


def served(application, scope, connection):
    asyncio.run(application.__rsgi__(scope, connection))
    status, _, body = connection.sent
    return status, json.loads(body).get("__type")


def test_a_body_comes_whole_or_in_chunks(application):
    assert served(application, Scope(("content-length", "2")), Connection([b"{}"])) == (200, None)
    assert served(application, Scope(), Connection([b"{", b"}"])) == (200, None)
    assert served(application, Scope(("content-length", "0")), Connection([])) == (400, "SerializationException")


@pytest.mark.parametrize("length", [str(MAX_BODY + 1), "9" * 30, "-1", "x", "²"])
def test_a_body_that_is_declared_too_large_is_not_read(application, length):
    assert served(application, Scope(("content-length", length)), Connection([b"{}"])) == (413, "RequestEntityTooLarge")


def test_a_body_that_becomes_too_large_is_not_read_on(application):
    chunks = [bytes(MAX_BODY // 2)] * 3
    assert served(application, Scope(), Connection(chunks)) == (413, "RequestEntityTooLarge")


def test_a_body_that_breaks_off_is_told(application):
    assert served(application, Scope(("content-length", "9")), Connection([], fail=True)) == (400, "IncompleteBody")


def test_headers_that_come_twice_are_joined(application):
    twice = Scope(("content-length", "2"), ("x-amz-target", "TrentService.ListKeys"))
    assert served(application, twice, Connection([b"{}"])) == (400, "UnknownOperationException")


def test_a_body_that_does_not_come_is_given_up(engine):
    times = iter((0.0, BODY_TIMEOUT - 1, BODY_TIMEOUT + 1, BODY_TIMEOUT + 2))
    application = Application(engine, anyone, now=lambda: next(times))
    connection = Connection([], hang=True)

    async def wait():
        loop = asyncio.get_running_loop()
        request = asyncio.create_task(application.__rsgi__(Scope(("content-length", "2")), connection))
        await asyncio.sleep(0)
        application._tick(loop)
        await asyncio.sleep(0)
        assert not request.done()
        application._tick(loop)
        application._tick(loop)
        await request
        application._timer.cancel()

    asyncio.run(wait())
    assert connection.sent[0] == 408


def test_a_request_that_is_cancelled_otherwise_is_cancelled(application):
    async def cancel():
        request = asyncio.create_task(application.__rsgi__(Scope(("content-length", "2")), Connection([], hang=True)))
        await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request

    asyncio.run(cancel())


def test_a_worker_closes_the_engine_when_it_stops(tmp_path):
    opened = Engine.open(tmp_path / "data")
    application = Application(opened, anyone, now=lambda: 0.0)

    async def live():
        loop = asyncio.get_running_loop()
        application.__rsgi_init__(loop)
        application._tick(loop)
        application.__rsgi_del__(loop)

    asyncio.run(live())
    with pytest.raises(KmsctlError):
        opened.client()("ListKeys", {})
