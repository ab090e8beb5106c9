"""The quick check lets nothing pass that the thorough one would not, and nothing comes out of it otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.operations import OPERATIONS
from reconciler.engine.wire import validate
from reconciler.engine.wire.model import operation_model
from reconciler.engine.wire.quick import NotPlainError

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.binary(max_size=5_000),
    st.text(max_size=12),
    st.sampled_from(["RSA_2048", "SIGN_VERIFY", "alias/a", "\ud800", "é", "1234abcd-12ab-34cd-56ef-1234567890ab"]),
)
VALUES = st.one_of(
    SCALARS,
    st.dictionaries(st.text(max_size=3), SCALARS, max_size=3),
    st.lists(st.one_of(SCALARS, st.fixed_dictionaries({"TagKey": SCALARS, "TagValue": SCALARS})), max_size=3),
)


@st.composite
def calls(draw):
    operation = draw(st.sampled_from(sorted(OPERATIONS)))
    model = operation_model(operation)
    members = sorted(model.shapes[model.input]["members"])
    names = st.one_of(st.sampled_from(members), st.just("Nope")) if members else st.just("Nope")
    return operation, draw(st.dictionaries(names, VALUES, max_size=4))


@given(calls())
def test_what_passes_quickly_has_no_faults_and_is_the_same(call):
    operation, parameters = call
    try:
        plain = validate._quick(operation)(parameters)
    except (NotPlainError, KeyError):
        return
    assert plain == validate._explained(operation, parameters)


TAGS = [{"TagKey": "a", "TagValue": "b"}]


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("Encrypt", {"KeyId": "alias/a", "Plaintext": b"x", "EncryptionContext": {"a": "é"}, "DryRun": False}),
        ("CreateKey", {"Tags": TAGS, "MultiRegion": True}),
        ("Decrypt", {"CiphertextBlob": b"x", "GrantTokens": ["t"]}),
        ("DescribeKey", {"KeyId": "x"}),
    ],
)
def test_plain_parameters_pass_quickly_as_copies(operation, parameters):
    plain = validate._quick(operation)(parameters)
    assert plain == parameters
    for name, value in plain.items():
        assert value is not parameters[name] or not isinstance(value, dict | list)
