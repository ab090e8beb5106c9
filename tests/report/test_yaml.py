"""Manifests that kmsctl writes mean what was written."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.manifest.yamltext import parse
from reconciler.policy.access.record import Line, Record
from reconciler.report.yaml.access_record import MOST, Recorded, render
from reconciler.report.yaml.scalars import listed, mapped, text
from tests.manifest.build import desired, manifest

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
HOSTILE = [
    "",
    "true",
    "No",
    "1",
    "a: b",
    "a#b",
    "*",
    "&a",
    "{",
    "- x",
    "'",
    '"',
    "\\",
    "\n",
    "\u2028",
    "😀",
    "key:",
    "a::b",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_text_is_read_as_itself(value):
    assert yaml.safe_load(f"[{text(value)}]") == [value]


@given(st.lists(TEXTS), st.dictionaries(TEXTS, TEXTS))
def test_lists_and_mappings_are_read_as_they_were_written(values, pairs):
    (tree,) = parse(f"a: {listed(values)}\nb: {mapped(pairs)}\n", "-").trees
    assert tree.value == {"a": values, "b": pairs}
    assert (listed(values) + mapped(pairs)).isascii()


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("role/payments-api", True),
        ("arn:aws:iam::111122223333:role/x", True),
        ("kms:GenerateDataKey", True),
        ("111122223333", False),
        ("on", False),
        ("a b", False),
    ],
)
def test_what_is_safe_without_quotes_has_none(value, plain):
    assert (text(value) == value) is plain


def recorded(*lines):
    record = Record(("kms:Decrypt", "kms:Encrypt"), lines, lines[:1])
    return Recorded("Key/db", "db", declared=True, account="111122223333", partition="aws", record=record)


def test_more_lines_than_one_test_may_have_become_several_tests():
    lines = [Line((f"arn:aws:iam::111122223333:role/r{n}",), ("kms:Decrypt",)) for n in range(MOST + 1)]
    state = desired(manifest("Key", "db", "{}") + "---\n" + render(recorded(*lines)))
    assert {test.name: (len(test.must_allow), len(test.must_deny)) for test in state.tests} == {
        "db-access": (MOST, 1),
        "db-access-2": (1, 0),
    }


def test_more_principals_than_one_line_may_have_become_several_lines():
    everybody = tuple(f"arn:aws:iam::444455556666:role/r{n}" for n in range(MOST + 1))
    state = desired(manifest("Key", "db", "{}") + "---\n" + render(recorded(Line(everybody, ("kms:Decrypt",)))))
    assert [len(line.principals) for line in state.tests[0].must_allow] == [MOST, 1]
