"""The page of conformance says what the engine does; `pytest tests/docs --snapshot-update` writes it anew."""

from __future__ import annotations

import pytest
from botocore.session import get_session

from reconciler.engine.engine import Engine
from reconciler.engine.operations import OPERATIONS
from reconciler.kit.clock import ManualClock
from tests.docs.conformance import HEAD, table
from tests.docs.pages import DOCS, named
from tests.engine.conftest import START

PAGE = DOCS / "kms-conformance.md"
BEGIN, END = "<!-- computed -->\n", "<!-- /computed -->\n"


@pytest.fixture
def engine(tmp_path):
    with Engine.open(tmp_path / "engine", clock=ManualClock(START)) as opened:
        yield opened


def test_the_table_is_what_the_code_says(engine, request):
    names = set(get_session().get_service_model("kms").operation_names) | OPERATIONS.keys()
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    now = before + BEGIN + table(names, engine) + END + rest.partition(END)[2]
    if request.config.getoption("update_snapshots", default=False):
        PAGE.write_text(now, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == now


@pytest.mark.parametrize("name", named(PAGE, HEAD[0]))
def test_nothing_is_left_blank(name):
    row = named(PAGE, HEAD[0])[name]
    assert len(row) == len(HEAD)
    assert all(cell.strip() for cell in row)
