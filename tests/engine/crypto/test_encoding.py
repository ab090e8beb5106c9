"""Authenticated data: no two inputs have one encoding."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.crypto.encoding import encode_context, encode_parts

contexts = st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=4)


def read(encoded: bytes) -> list[bytes]:
    parts = []
    while encoded:
        length = int.from_bytes(encoded[:4], "big")
        parts.append(encoded[4 : 4 + length])
        encoded = encoded[4 + length :]
    return parts


@given(contexts)
def test_a_context_can_be_read_back_from_its_encoding(context):
    encoded = encode_context(context)
    parts = [part.decode("utf-8", "surrogatepass") for part in read(encoded[4:])]
    assert dict(zip(parts[::2], parts[1::2], strict=True)) == context
    assert int.from_bytes(encoded[:4], "big") == len(context)


@given(contexts, contexts)
def test_two_contexts_have_one_encoding_only_when_they_are_equal(one, other):
    assert (encode_context(one) == encode_context(other)) == (one == other)


@given(contexts)
def test_the_order_of_the_pairs_means_nothing(context):
    assert encode_context(dict(reversed(context.items()))) == encode_context(context)


@given(st.lists(st.binary(max_size=6)))
def test_parts_can_be_read_back(parts):
    assert read(encode_parts(*parts)) == parts


def test_what_concatenation_would_confuse_is_told_apart():
    assert encode_context({"a": "bc"}) != encode_context({"ab": "c"})
    assert encode_context({"a": "", "b": ""}) != encode_context({"a": "b"})
