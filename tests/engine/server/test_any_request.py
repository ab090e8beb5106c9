"""Whatever a request says, the service has no fault."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.engine.operations import OPERATIONS
from reconciler.engine.server.messages import Request
from tests.engine.server.asking import ask, error_of

KMS_OPERATIONS = sorted(name for name in OPERATIONS if ":" not in name)


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
