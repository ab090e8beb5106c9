"""An encryption context opens what was sealed with it and nothing else, all the way from the bytes of a request."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.engine import Engine
from reconciler.engine.server.application import Application
from reconciler.engine.server.authentication import anyone
from reconciler.engine.server.messages import Request
from tests.engine.laws.effort import effort

NEAR = [
    ({"a": "bc"}, {"ab": "c"}),
    ({"a": "b", "c": "d"}, {"a": "bcd"}),
    ({"a": "b", "c": "d"}, {"a": 'b","c":"d'}),
    ({"a": "", "b": ""}, {"a": "b"}),
    ({"a": "b"}, {"b": "a"}),
    ({"a": "b"}, {"A": "b"}),
    ({"a": "b"}, {"a": "b "}),
    ({"a": "b"}, {"a": "b\x00"}),
    ({"a\x00": "b"}, {"a": "\x00b"}),
    ({"é": "x"}, {"e\u0301": "x"}),
    ({"a": "\ufeff"}, {"a": ""}),
    ({"a": "1"}, {"a": "1.0"}),
    ({}, {"": ""}),
    ({"a": "b"}, {"a": "b", "": ""}),
    ({"a": "\U0001f511"}, {"a": "\\ud83d\\udd11"}),
]
text = st.text(st.characters(codec="utf-8"), max_size=4)
contexts = st.dictionaries(text, text, max_size=3)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """An application, and a key in it."""
    with Engine.open(tmp_path_factory.mktemp("context") / "data") as engine:
        yield Application(engine, anyone, now=lambda: 0.0), engine.client()("CreateKey", {})["KeyMetadata"]["KeyId"]


def ask(application, operation, body):
    headers = {"x-amz-target": f"TrentService.{operation}"}
    return application.answer(Request("POST", "/", "", headers, body, "", False))


def sealed(served, context):
    """A ciphertext under `context`; None when AWS allows no such context."""
    application, key = served
    given = {"KeyId": key, "Plaintext": base64.b64encode(b"text").decode(), "EncryptionContext": context}
    response = ask(application, "Encrypt", json.dumps(given).encode())
    return json.loads(response.body)["CiphertextBlob"] if response.status == 200 else None


def opens(served, blob, context, **style):
    """Whether `context` opens it; `style` is how its JSON is written."""
    body = json.dumps({"CiphertextBlob": blob, "EncryptionContext": context}, **style)
    response = ask(served[0], "Decrypt", body.encode())
    assert response.status in (200, 400)
    return response.status == 200


@effort(150)
@given(contexts, contexts)
def test_a_context_opens_its_own_ciphertext_only(served, one, other):
    blob = sealed(served, one)
    if blob is not None:
        assert opens(served, blob, one)
        assert opens(served, blob, other) == (one == other)


@pytest.mark.parametrize(("one", "other"), NEAR)
def test_contexts_that_look_alike_are_told_apart(served, one, other):
    for here, there in ((one, other), (other, one)):
        blob = sealed(served, here)
        assert blob is None or not opens(served, blob, there)


@effort(60)
@given(contexts)
def test_neither_the_order_nor_the_spelling_of_json_matters(served, context):
    blob = sealed(served, context)
    if blob is not None:
        for style in ({"ensure_ascii": False}, {"indent": 2}, {"separators": (",", ":")}):
            assert opens(served, blob, dict(reversed(context.items())), **style)
