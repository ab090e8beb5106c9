"""AwsKms when the target names a role: STS first, then the KMS with the role's credentials."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from reconciler.kit.clock import SystemClock
from reconciler.kit.errors import KmsError
from reconciler.kms.aws import connect
from reconciler.kms.translate import CredentialsRefused, Unreachable
from tests.kms.aws_calls import ROLE, SECRET, call, failure, target, told
from tests.support.rawserver import answer_json, answer_query, raw_server

pytestmark = pytest.mark.usefixtures("aws_environment")


def assumed(expiration: str) -> bytes:
    return answer_query(
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
        f"<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>{SECRET}</SessionToken>"
        f"<Expiration>{expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )


def role_server(sts: bytes):
    return raw_server(lambda request: sts if "AssumeRole" in request.target else answer_json({"Keys": []}))


def test_a_role_is_assumed_at_the_endpoint_with_the_external_id_and_used() -> None:
    with role_server(assumed("2099-01-01T00:00:00Z")) as server:
        call(server.url, "ListKeys", {}, role_arn=ROLE, external_id="ticket-7")
        sts, kms = server.requests
    assert "ExternalId=ticket-7" in sts.target
    assert "RoleSessionName=kmsctl" in sts.target
    assert "Credential=testing/" in sts.headers["authorization"]
    assert "Credential=ASIAROLE/" in kms.headers["authorization"]


def test_the_credentials_of_a_role_are_kept_until_they_expire() -> None:
    with (
        role_server(assumed("2099-01-01T00:00:00Z")) as server,
        closing(connect(target(server.url, role_arn=ROLE))) as kms,
    ):
        kms("ListKeys", {})
        kms("ListKeys", {})
        assert len(server.requests) == 3
        assert "ExternalId" not in server.requests[0].target


def test_the_credentials_of_a_role_are_taken_anew_before_they_expire() -> None:
    soon = f"{SystemClock().now() + timedelta(minutes=11):%Y-%m-%dT%H:%M:%SZ}"
    with role_server(assumed(soon)) as server, closing(connect(target(server.url, role_arn=ROLE))) as kms:
        kms("ListKeys", {})
        kms("ListKeys", {})
        assert sum("AssumeRole" in request.target for request in server.requests) == 2


def sts_error(code: str, status: int) -> bytes:
    return answer_query(
        f"<ErrorResponse><Error><Code>{code}</Code><Message>{SECRET}</Message></Error></ErrorResponse>", status
    )


@pytest.mark.parametrize(
    ("code", "status", "kind", "says"),
    [
        ("AccessDenied", 403, CredentialsRefused, "cannot get credentials for 127.0.0.1"),
        ("ExpiredToken", 403, CredentialsRefused, "have expired"),
        ("InvalidClientTokenId", 403, CredentialsRefused, "does not accept"),
        ("Throttling", 400, KmsError, "Throttling"),
        ("InternalFailure", 500, Unreachable, "no credentials for"),
        ("Odd", 502, Unreachable, "no credentials for"),
    ],
)
def test_a_role_that_cannot_be_assumed_is_told_and_our_call_is_not_sent(
    code: str, status: int, kind: type[Exception], says: str
) -> None:
    with role_server(sts_error(code, status)) as server:
        error = failure(server.url, "CreateKey", {}, role_arn=ROLE)
        assert all("AssumeRole" in request.target for request in server.requests)
    assert type(error) is kind
    assert says in str(error)
    assert SECRET not in told(error)
