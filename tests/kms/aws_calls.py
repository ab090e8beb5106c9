"""Calls through AwsKms to a server of the test's own, and what is told of those that fail."""

from __future__ import annotations

from contextlib import closing

import pytest

from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kms.aws import connect
from reconciler.model.target import Target

ROLE = "arn:aws:iam::111122223333:role/deployer"
SECRET = "s3cr3t-session-token"


def target(url: str, **fields: str) -> Target:
    return Target(backend="aws", region="eu-west-1", endpoint_url=url, **fields)


def call(url: str, operation: str = "DescribeKey", parameters: dict | None = None, **fields: str) -> dict:
    with closing(connect(target(url, **fields))) as kms:
        return kms(operation, {"KeyId": "k"} if parameters is None else parameters)


def failure(url: str, operation: str = "DescribeKey", parameters: dict | None = None, **fields: str) -> Exception:
    with pytest.raises((KmsError, KmsctlError)) as caught:
        call(url, operation, parameters, **fields)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


def told(error: Exception) -> str:
    return f"{error} {getattr(error, 'why', '')} {getattr(error, 'fix', '')} {error!r}"
