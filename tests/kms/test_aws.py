"""AwsKms against a server that misbehaves as it is told, and against the configuration that people get wrong."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler import __version__
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kms import aws
from reconciler.kms.aws import AwsKms, StaticCredentials, connect, region_of
from reconciler.kms.translate import Unreachable, host_of
from reconciler.model.target import SecretCredentials, Target
from tests.kms.aws_calls import ROLE, SECRET, call, failure, target, told
from tests.support.moto import free_port
from tests.support.rawserver import Request, answer_error, answer_json, answer_query, raw_server

pytestmark = pytest.mark.usefixtures("aws_environment")


def test_an_answer_comes_without_response_metadata() -> None:
    with raw_server(lambda _: answer_json({"KeyMetadata": {"KeyId": "k"}})) as server:
        assert call(server.url) == {"KeyMetadata": {"KeyId": "k"}}


def test_instants_are_in_utc_wherever_this_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        with raw_server(lambda _: answer_json({"KeyMetadata": {"KeyId": "k", "CreationDate": 1.5}})) as server:
            created = call(server.url)["KeyMetadata"]["CreationDate"]
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (created, created.tzinfo) == (datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    ("operation", "parameters", "sent"),
    [
        ("ListKeys", {}, "TrentService.ListKeys"),
        ("tagging:GetResources", {}, "ResourceGroupsTaggingAPI_20170126.GetResources"),
        (
            "cloudtrail:LookupEvents",
            {},
            "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents",
        ),
    ],
)
def test_each_service_is_called_at_the_endpoint(operation: str, parameters: dict, sent: str) -> None:
    with raw_server(lambda _: answer_json({})) as server:
        call(server.url, operation, parameters)
        assert [request.target for request in server.requests] == [sent]


def test_a_call_says_which_program_makes_it_and_with_what(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "platform")
    with raw_server(lambda _: answer_json({"KeyMetadata": {"KeyId": "k"}})) as server:
        call(server.url)
        agent = server.requests[0].headers["user-agent"].split()
    assert (agent[0], agent[-2]) == (f"kmsctl/{__version__}", "app/platform")
    assert agent[-1].startswith("Botocore/")


def test_an_error_of_the_kms_keeps_its_code_message_operation_and_request_id() -> None:
    with raw_server(lambda _: answer_error("NotFoundException", "Key 'k' does not exist")) as server:
        error = failure(server.url)
    assert type(error) is KmsError
    assert (error.code, error.message) == ("NotFoundException", "Key 'k' does not exist")
    assert (error.operation, error.request_id) == ("DescribeKey", "00000000-1111")


def test_the_operation_of_an_error_names_its_service() -> None:
    with raw_server(lambda _: answer_error("InvalidParameterException")) as server:
        error = failure(server.url, "tagging:GetResources", {})
    assert isinstance(error, KmsError)
    assert error.operation == "tagging:GetResources"


LOST = {
    "server fault": answer_error("KMSInternalException", status=500),
    "dependency timeout": answer_error("DependencyTimeoutException", status=503),
    "internal fault with a client status": answer_error("KMSInternalException", status=400),
    "unknown fault of a proxy": answer_error("BadGateway", status=502),
    "connection closed": b"",
    "half an answer": b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{",
    "a web page": b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>",
    "not HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
}


@pytest.mark.parametrize("answer", LOST.values(), ids=LOST.keys())
def test_a_lost_answer_is_ambiguous_and_not_retried(answer: bytes) -> None:
    with raw_server(lambda _: answer) as server:
        assert isinstance(failure(server.url, "CreateKey", {}), AmbiguousOutcome)
        assert len(server.requests) == 1


def test_an_answer_that_never_comes_is_ambiguous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "READ_TIMEOUT", 0.2)
    done = threading.Event()

    def hang(_: Request) -> bytes:
        done.wait(10)
        return b""

    with raw_server(hang) as server:
        assert isinstance(failure(server.url), AmbiguousOutcome)
        assert len(server.requests) == 1
        done.set()


def test_an_answer_of_sts_that_cannot_be_parsed_is_ambiguous() -> None:
    with raw_server(lambda _: answer_query("<html><p>It works!")) as server:
        assert isinstance(failure(server.url, "sts:GetCallerIdentity", {}), AmbiguousOutcome)


def test_a_web_page_about_a_fault_is_not_quoted() -> None:
    page = b"HTTP/1.1 500 X\r\nContent-Length: 26\r\n\r\n<html>\n<h1>Error</h1>\n...."
    with raw_server(lambda _: page) as server:
        error = failure(server.url)
    assert isinstance(error, AmbiguousOutcome)
    assert "<" not in str(error)


def test_throttling_is_an_answer_even_with_a_server_status() -> None:
    with raw_server(lambda _: answer_error("ThrottlingException", "Rate exceeded", status=503)) as server:
        error = failure(server.url)
        assert len(server.requests) == 1
    assert type(error) is KmsError
    assert error.code == "ThrottlingException"


def test_a_refused_connection_is_told_and_safe_to_repeat() -> None:
    error = failure(f"http://127.0.0.1:{free_port()}")
    assert isinstance(error, Unreachable)
    assert "cannot reach 127.0.0.1:" in error.what
    assert error.why
    assert "endpoint URL" in error.fix


def test_a_host_that_does_not_resolve_is_unreachable() -> None:
    assert isinstance(failure("http://kms.invalid:4599"), Unreachable)


def test_a_password_in_the_endpoint_url_is_not_told() -> None:
    error = failure(f"http://someone:{SECRET}@127.0.0.1:{free_port()}")
    assert SECRET not in told(error)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (None, "KMS"),
        ("", "KMS"),
        ("http://u:p@h:1/x", "h:1"),
        ("http://h/x", "h"),
        ("nonsense", "KMS"),
        ("http://h:x", "KMS"),
    ],
)
def test_a_host_is_told_without_the_rest_of_its_url(url: str | None, host: str) -> None:
    assert host_of(url, "KMS") == host


@pytest.mark.parametrize("url", ["nonsense", "http://", "ftp//x"])
def test_an_endpoint_that_is_no_url_is_told(url: str) -> None:
    error = failure(url)
    assert isinstance(error, KmsctlError)
    assert "no usable endpoint" in error.what


def test_a_certificate_that_nobody_vouches_for_is_told(tmp_path: Path) -> None:
    import ssl
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=36500))
    certificate = builder.sign(key, hashes.SHA256())
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "pem").write_bytes(key.private_bytes(*plain) + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")
    with raw_server(lambda _: b"", tls=context) as server:
        error = failure(server.url)
    assert isinstance(error, KmsctlError)
    assert not isinstance(error, Unreachable)
    assert "certificate" in error.why


def test_a_connection_that_breaks_inside_tls_is_ambiguous() -> None:
    with raw_server(lambda _: b"not TLS at all\r\n", reads=False) as server:
        assert isinstance(failure(server.url.replace("http:", "https:")), AmbiguousOutcome)


EXPIRED = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"]
UNRECOGNISED = [
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
]


@pytest.mark.parametrize("code", EXPIRED)
def test_expired_credentials_are_told_with_what_to_do(code: str) -> None:
    with raw_server(lambda _: answer_error(code, f"token {SECRET}")) as server:
        error = failure(server.url)
    assert isinstance(error, KmsctlError)
    assert "expired" in error.what
    assert "sign in again" in error.fix
    assert SECRET not in told(error)


@pytest.mark.parametrize("code", UNRECOGNISED)
def test_credentials_that_aws_does_not_know_are_told_without_its_words(code: str) -> None:
    with raw_server(lambda _: answer_error(code, f"x-amz-security-token:{SECRET}")) as server:
        error = failure(server.url)
    assert isinstance(error, KmsctlError)
    assert "does not accept" in error.what
    assert "clock" in error.fix
    assert SECRET not in told(error)


def test_missing_credentials_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with raw_server(lambda _: answer_json({})) as server:
        error = failure(server.url)
        assert isinstance(error, KmsctlError)
        assert error.what == "there are no AWS credentials"
        assert failure(server.url, role_arn=ROLE).what == error.what
        assert server.requests == []


def test_half_of_the_credentials_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with raw_server(lambda _: answer_json({})) as server:
        error = failure(server.url)
    assert isinstance(error, KmsctlError)
    assert (error.what, error.why) == ("cannot get AWS credentials", "PartialCredentialsError")


def test_a_setting_that_botocore_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULTS_MODE", "bogus")
    error = failure("http://127.0.0.1:1")
    assert isinstance(error, KmsctlError)
    assert (error.what, error.why) == ("cannot prepare a call to 127.0.0.1:1", "InvalidDefaultsMode")


def test_an_unknown_profile_is_told_by_name() -> None:
    with pytest.raises(KmsctlError, match="there is no AWS profile 'payments'"):
        connect(Target(backend="aws", region="eu-west-1", profile="payments"))


def test_a_broken_configuration_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("not an ini file")
    with pytest.raises(KmsctlError, match="configuration file cannot be read"):
        connect(Target(backend="aws"))


def test_a_missing_region_is_told() -> None:
    with pytest.raises(KmsctlError, match="no AWS Region is given"):
        connect(Target(backend="aws"))
    with pytest.raises(KmsctlError, match="no AWS Region is given"):
        region_of(Target(backend="aws"))


def test_a_region_that_is_none_is_told() -> None:
    with closing(connect(Target(backend="aws", region="no such region"))) as kms, pytest.raises(KmsctlError) as caught:
        kms("ListKeys", {})
    assert "no usable endpoint" in caught.value.what


def test_the_region_is_the_targets_or_the_profiles_or_the_bundled_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile p]\nregion = sa-east-1\n")
    assert region_of(Target(backend="aws", region="eu-west-1", profile="p")) == "eu-west-1"
    assert region_of(Target(backend="aws", profile="p")) == "sa-east-1"
    assert region_of(Target(backend="local")) == "us-east-1"
    assert region_of(Target(backend="local", region="eu-north-1")) == "eu-north-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ca-central-1")
    assert region_of(Target(backend="aws")) == "ca-central-1"
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    assert region_of(Target(backend="aws")) == "ap-south-1"


def test_parameters_that_do_not_fit_are_refused_without_quoting_them() -> None:
    with raw_server(lambda _: answer_json({})) as server:
        error = failure(server.url, "Encrypt", {"KeyId": 7, "Plaintext": {"a": SECRET}})
        assert server.requests == []
    assert isinstance(error, KmsError)
    assert error.code == "ValidationException"
    assert SECRET not in told(error)


def test_an_operation_that_botocore_does_not_know_is_refused() -> None:
    with closing(connect(target("http://127.0.0.1:1"))) as kms, pytest.raises(KmsError) as caught:
        kms("MakeCoffee", {})
    assert caught.value.code == "UnknownOperationException"


def test_a_mistake_of_the_program_is_not_dressed_up() -> None:
    with raw_server(lambda _: answer_json({})) as server, pytest.raises(TypeError):
        call(server.url, "ListKeys", {7: "x"})


def test_threads_share_one_client_a_service() -> None:
    with raw_server(lambda _: answer_json({"Keys": []})) as server, closing(connect(target(server.url))) as kms:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: kms("ListKeys", {}), range(16)))
        assert isinstance(kms, AwsKms)
        assert list(kms._clients) == ["kms"]


def test_a_closed_connection_opens_again_when_it_is_used() -> None:
    with raw_server(lambda _: answer_json({"Keys": []})) as server, closing(connect(target(server.url))) as kms:
        kms("ListKeys", {})
        kms.close()
        assert kms("ListKeys", {}) == {"Keys": []}


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://kms.invalid:4599", True),
        ("http://192.0.2.1", True),
        ("https://kms.invalid:4599", False),
        ("http://127.0.0.1:4599", False),
        ("http://[::1]:4599", False),
        ("http://localhost:4599", False),
        ("http://kms.localhost:4599", False),
    ],
)
def test_calls_that_anybody_on_the_way_can_read_are_warned_of_once(url: str, warned: bool, caplog) -> None:
    with closing(connect(target(url))) as kms:
        for service in ("kms", "sts"):
            kms._client(service)
    assert len(caplog.records) == warned
    assert all("are not encrypted" in record.getMessage() for record in caplog.records)


def test_an_address_from_the_environment_is_warned_of_too(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://kms.invalid:4599")
    with closing(connect(Target(backend="aws", region="eu-west-1"))) as kms:
        kms._client("kms")
    assert "calls to kms.invalid are not encrypted" in caplog.text


def test_a_target_with_credentials_of_its_own_is_not_called_as_whoever_this_machine_is() -> None:
    elsewhere = Target(backend="aws", region="us-east-1", credentials=SecretCredentials("keys"))
    with pytest.raises(KmsctlError) as refused:
        connect(elsewhere)
    assert "are not at hand" in refused.value.what
    assert "Secret keys" in refused.value.why
    connect(elsewhere, credentials=StaticCredentials("AKIA", "secret")).close()
