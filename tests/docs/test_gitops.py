"""What the page says of other operators' fields is what a manifest with them is answered."""

from __future__ import annotations

import re

import pytest

from reconciler.manifest.documents import ManifestKind
from reconciler.manifest.schemas import schema_of
from reconciler.manifest.synonyms import fix_of
from tests.docs.pages import DOCS, tables

(TABLE,) = (table for table in tables(DOCS / "operator" / "gitops.md") if table[0][0] == "theirs")
ROWS = [(word, re.findall("`(.*?)`", row[1])[0]) for row in TABLE[1:] for word in re.findall("`(.*?)`", row[0])]


@pytest.mark.parametrize(("theirs", "ours"), ROWS, ids=[theirs for theirs, _ in ROWS])
def test_a_field_of_another_operator_is_answered_with_ours(theirs, ours):
    fields = (schema_of(kind.lower())["properties"]["spec"]["properties"] for kind in ManifestKind)
    assert any(f"`{ours}" in fix_of(theirs, known) for known in fields)
