"""What the audit record shows of requests and responses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.engine.wire.view import request_view, response_view

VIEWS = {
    "plaintext is not shown": (
        "Encrypt",
        {"KeyId": "k", "Plaintext": b"secret", "EncryptionContext": {"Tenant": "A"}},
        {"keyId": "k", "encryptionContext": {"Tenant": "A"}},
    ),
    "ciphertext is not shown": ("Decrypt", {"CiphertextBlob": b"secret"}, {}),
    "grant tokens are not shown": ("RetireGrant", {"GrantToken": "secret"}, {}),
    "lists of grant tokens are not shown": ("DescribeKey", {"KeyId": "k", "GrantTokens": ["s"]}, {"keyId": "k"}),
    "passwords are not shown": (
        "CreateCustomKeyStore",
        {"CustomKeyStoreName": "n", "KeyStorePassword": "secret"},
        {"customKeyStoreName": "n"},
    ),
    "lists of structures": (
        "CreateKey",
        {"Tags": [{"TagKey": "A", "TagValue": "B"}]},
        {"tags": [{"tagKey": "A", "tagValue": "B"}]},
    ),
    "instants are text": (
        "cloudtrail:LookupEvents",
        {"StartTime": datetime(2026, 1, 1, tzinfo=UTC)},
        {"startTime": "2026-01-01T00:00:00Z"},
    ),
}


@pytest.mark.parametrize("case", VIEWS)
def test_a_request_is_shown_without_secrets(case):
    operation, parameters, shown = VIEWS[case]
    assert request_view(operation, parameters) == shown


def test_a_response_is_shown_without_secrets():
    assert response_view("CreateGrant", {"GrantToken": "secret", "GrantId": "g"}) == {"grantId": "g"}
    assert response_view("CreateAlias", {}) == {}


def test_a_shape_inside_itself_is_shown_once():
    from reconciler.engine.wire.view import _compile

    shapes = {
        "Tree": {"type": "structure", "members": {"Name": {"shape": "Text"}, "Branch": {"shape": "Tree"}}},
        "Text": {"type": "string"},
    }
    view = _compile(shapes, "Tree", frozenset())
    assert view({"Name": "a", "Branch": {"Name": "b"}}) == {"name": "a"}
