"""What is written in block style is read back as what it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.manifest.yamltext import parse
from reconciler.report.yaml.blocks import document

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        "",
        "on",
        "null",
        "~",
        "0123",
        "- a",
        "a: b",
        "#",
        "*",
        "&x",
        "<<x",
        "{{ x }}",
        "kms:*",
        "a:",
        " a",
        "a\n",
        "\x85",
        "é",
    ]
)
SCALARS = TEXTS | st.booleans() | st.none() | st.integers(-(10**9), 10**9)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(value=st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
def test_what_is_read_back_is_what_was_written(value):
    parsed = parse(document(value), "written")
    assert parsed.faults == []
    assert [tree.value for tree in parsed.trees] == [value]


def test_a_long_list_has_a_line_for_each_of_its_items():
    assert document({"a": ["b" * 60, "c" * 60]}) == f"a:\n  - {'b' * 60}\n  - {'c' * 60}\n"
    assert document({"a": ["b", "c"], "d": {"e": [], "f": {}}, "g": [[1], {"h": True}]}) == (
        "a: [b, c]\nd:\n  e: []\n  f: {}\ng:\n  - - 1\n  - h: true\n"
    )


@given(st.uuids().map(str) | st.from_regex(r"[0-9e]{8}(-[0-9]{4}){3}-[0-9]{12}", fullmatch=True))
def test_the_id_of_a_key_is_plain_text_whatever_it_begins_with(key_id):
    written = document({"keyId": key_id})
    assert written == f"keyId: {key_id}\n"
    assert [tree.value for tree in parse(written, "written").trees] == [{"keyId": key_id}]
