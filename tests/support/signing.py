"""Requests signed by botocore: what every AWS SDK for Python sends, and so the judge of what we verify."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

HOST = "127.0.0.1:4599"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOW = int(datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp())


def sign(
    method="POST",
    path="/",
    query="",
    headers=None,
    body=b"{}",
    *,
    at=NOW,
    key_id=KEY_ID,
    secret=SECRET,
    token=None,
    region="us-east-1",
    service="kms",
):
    """The headers of the request, by lower-case name, with those that botocore adds by signing it at `at`."""
    url = f"http://{HOST}{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method, url, headers=dict(headers or {}), data=body)
    instant = datetime.fromtimestamp(at, UTC)
    with mock.patch("botocore.auth.get_current_datetime", return_value=instant):
        SigV4Auth(Credentials(key_id, secret, token), service, region).add_auth(request)
    return {"host": HOST, **{name.lower(): value for name, value in request.headers.items()}}
